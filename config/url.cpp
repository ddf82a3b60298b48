#include "config/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace assay::config {

namespace {

constexpr std::string_view mock_scheme = "mock:";

/// What people paste together with the base.
constexpr std::array<std::string_view, 4> endpoints{"/chat/completions", "/completions",
                                                    "/v1/messages", ":generateContent"};

bool host_character(unsigned char c) {
  return (c < 0x80 && std::isalnum(c)) || c == '.' || c == '-' || c == '_';
}

bool bad_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    return host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") !=
           std::string_view::npos;
  return host.empty() || !std::all_of(host.begin(), host.end(), host_character);
}

bool bad_port(std::string_view port) {
  int number = 0;
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error != std::errc{} || end != port.data() + port.size() || number < 1 || number > 65535;
}

}  // namespace

std::string_view mock_name(std::string_view url) {
  return url.starts_with(mock_scheme) ? url.substr(mock_scheme.size()) : std::string_view{};
}

std::string bad_base_url(std::string_view url) {
  if (url.starts_with(mock_scheme))
    return mock_name(url).empty() ? "a mock needs its name: mock:NAME" : "";
  auto scheme = url.starts_with("https://") ? 8u : url.starts_with("http://") ? 7u : 0u;
  if (scheme == 0) return "expected an URL that begins with https:// or http://, or mock:NAME";
  if (url.find_first_of(" \"<>\\^`{|}") != std::string_view::npos)
    return "a space or another character that no URL has";
  auto rest = url.substr(scheme);
  if (rest.find_first_of("?#") != std::string_view::npos) return "a base URL has no ? or # part";
  auto authority = rest.substr(0, rest.find('/'));
  if (authority.find('@') != std::string_view::npos) return "a base URL has no user part";
  auto colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    if (bad_port(authority.substr(colon + 1))) return "expected a port from 1 to 65535";
    authority = authority.substr(0, colon);
  }
  if (bad_host(authority)) return "expected the name of a host";
  for (auto endpoint : endpoints)
    if (rest.ends_with(endpoint)) return "leave out " + std::string(endpoint) + ": it is added";
  return {};
}

}  // namespace assay::config
