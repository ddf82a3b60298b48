#include "providers/dialects/base_url.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "providers/dialects/header_fields.hpp"

namespace assay::dialects {

namespace {

constexpr std::string_view usual_fix = "write it as https://host or https://host:port/path";

constexpr std::array<std::string_view, 4> endpoints{"/chat/completions", "/completions",
                                                    "/messages", "/models"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The port is 1 ... 65535, or not there at all.
bool good_port(std::string_view port) {
  bool digits =
      !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit);
  if (!digits) return false;
  int value = std::stoi(std::string(port));
  return value >= 1 && value <= 65'535;
}

bool good_host(std::string_view host) {
  if (host.starts_with('[')) {
    auto inner = host.substr(1, host.size() - 2);
    return host.size() > 3 && host.ends_with(']') &&
           inner.find_first_not_of("0123456789abcdefABCDEF:.%") == std::string_view::npos;
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.' || c == '_' || c >= 0x80;
  });
}

/// Splits `host:port`; the colons of `[::1]` are part of the host.
bool good_authority(std::string_view authority) {
  auto bracket = authority.rfind(']');
  auto colon = authority.rfind(':');
  bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (!has_port) return good_host(authority);
  return good_host(authority.substr(0, colon)) && good_port(authority.substr(colon + 1));
}

/// What may be shown: user info and query can hold a key.
std::string shown(std::string_view text) {
  auto end = text.find_first_of("?#");
  auto at = text.substr(0, end).rfind('@');
  return at == std::string_view::npos ? std::string(text.substr(0, std::min<std::size_t>(end, 200)))
                                      : "the base URL";
}

/// `v1`, `v1beta`, `v4`.
bool is_version(std::string_view segment) {
  return segment.size() >= 2 && segment[0] == 'v' && is_digit(segment[1]);
}

bool names_version(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    auto length = std::min(path.find('/'), path.size());
    if (is_version(path.substr(0, length))) return true;
    path.remove_prefix(length);
  }
  return false;
}

}  // namespace

expected<base_url> parse_base_url(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return fail("", "base_url is empty", std::string(usual_fix));
  auto scheme_end = text.find("://");
  auto scheme = text.substr(0, std::min(scheme_end, text.size()));
  bool http = scheme_end != std::string_view::npos &&
              (same_word(scheme, "http") || same_word(scheme, "https"));
  if (!http)
    return fail(shown(text), "base_url must begin with http:// or https://",
                std::string(usual_fix));
  for (unsigned char c : text)
    if (c <= 0x20 || c == 0x7F)
      return fail(shown(text.substr(0, text.find(static_cast<char>(c)))),
                  "base_url holds a blank or a control character", std::string(usual_fix));
  auto rest = text.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  auto slash = std::min(rest.find('/'), rest.size());
  auto authority = rest.substr(0, slash);
  if (auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  if (authority.empty()) return fail(shown(text), "base_url names no host", std::string(usual_fix));
  if (!good_authority(authority))
    return fail(shown(text), "base_url has a host or a port that cannot be",
                std::string(usual_fix));
  auto path = rest.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  return base_url{(same_word(scheme, "http") ? "http://" : "https://") + std::string(authority),
                  std::string(path)};
}

std::string api_root(const base_url& base, std::string_view usual_path) {
  std::string_view path = base.path;
  for (auto endpoint : endpoints)
    if (path.ends_with(endpoint)) path.remove_suffix(endpoint.size());
  if (names_version(path)) return base.origin + std::string(path);
  // The longest head of the usual path that the path ends with is there already.
  auto have = usual_path.size();
  while (have > 0 && !(path.ends_with(usual_path.substr(0, have)) &&
                       (have == usual_path.size() || usual_path[have] == '/')))
    --have;
  return base.origin + std::string(path) + std::string(usual_path.substr(have));
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += hex[c >> 4];
      out += hex[c & 15];
    }
  }
  return out;
}

}  // namespace assay::dialects
