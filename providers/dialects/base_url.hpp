#pragma once

#include <string>
#include <string_view>

#include "messages/problem.hpp"

namespace assay::dialects {

/// A base URL in its parts, cleaned: scheme in lower case, no user info, query or fragment, no
/// slash at the end of the path.
struct base_url {
  std::string origin;  ///< `https://host:port`
  std::string path;    ///< `/v1`, or empty
};

/// Takes what users write apart. A problem if it is empty, not http(s), or has no usable host.
expected<base_url> parse_base_url(std::string_view text);

/// The root that endpoints are appended to, `https://host/v1`. A path that names a version (`/v1`,
/// `/v1beta`) is taken as it is; any other gets what `usual_path` has more, e.g. `/openai` with
/// `/openai/v1` gives `/openai/v1`. An endpoint that was pasted along (`/chat/completions`) is cut.
std::string api_root(const base_url&, std::string_view usual_path);

/// `text` with everything but unreserved characters (RFC 3986) as %XX; for one path segment or one
/// query value.
std::string percent_encoded(std::string_view text);

}  // namespace assay::dialects
