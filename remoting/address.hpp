#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/problem.hpp"

struct sockaddr;

namespace assay::remoting {

/// Where a coordinator listens or is reached. `host` is a name or an IPv4 or IPv6 address, without
/// brackets.
struct address {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const address&) const = default;
};

/// Reads `HOST:PORT`; an IPv6 address stands in brackets, `[::1]:7400`.
expected<address> parse_address(std::string_view);

/// The inverse of `parse_address`.
std::string render(const address&);

/// The numeric host of a socket address; empty for other families than IPv4 and IPv6. An IPv4
/// address that came over an IPv6 socket is given as IPv4.
std::string numeric_host(const sockaddr&);

/// Whether an interface of this machine has this numeric address, or it is a loopback.
bool is_of_this_host(const std::string& numeric_host);

/// Its port.
std::uint16_t port_of(const sockaddr&);

}  // namespace assay::remoting
