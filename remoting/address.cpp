#include "remoting/address.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>

namespace assay::remoting {

namespace {

expected<address> not_an_address(std::string_view text, std::string what) {
  return fail(std::string(text), std::move(what),
              "write HOST:PORT, for example 10.0.0.5:7400 or [::1]:7400");
}

}  // namespace

expected<address> parse_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return not_an_address(text, "has no port");
  auto host = text.substr(0, colon);
  auto digits = text.substr(colon + 1);
  bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("[]/@ \t") != std::string_view::npos)
    return not_an_address(text, "has no host");
  if (!bracketed && host.find(':') != std::string_view::npos)
    return not_an_address(text, "is an IPv6 address without brackets");
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return not_an_address(text, "has a port that is not a number from 0 to 65535");
  return address{std::string(host), port};
}

std::string render(const address& x) {
  bool v6 = x.host.find(':') != std::string::npos;
  return (v6 ? "[" + x.host + "]" : x.host) + ":" + std::to_string(x.port);
}

bool is_of_this_host(const std::string& host) {
  if (host.starts_with("127.")) return true;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return false;
  bool found = false;
  for (const auto* one = all; one && !found; one = one->ifa_next)
    found = one->ifa_addr && numeric_host(*one->ifa_addr) == host;
  ::freeifaddrs(all);
  return found;
}

std::string numeric_host(const sockaddr& from) {
  char text[INET6_ADDRSTRLEN] = "";
  if (from.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &from, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else if (from.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &from, sizeof v6);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
      ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof text);
    else
      ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  }
  return text;
}

std::uint16_t port_of(const sockaddr& from) {
  if (from.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &from, sizeof v4);
    return ntohs(v4.sin_port);
  }
  if (from.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &from, sizeof v6);
    return ntohs(v6.sin6_port);
  }
  return 0;
}

}  // namespace assay::remoting
