#pragma once

#include <string>
#include <utility>
#include <vector>

namespace assay {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// One HTTP request, ready for the wire. Headers may hold a credential: never log one.
struct http_request {
  std::string method = "POST";
  std::string url;
  header_list headers;
  std::string body;
};

}  // namespace assay
