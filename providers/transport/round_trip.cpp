#include "providers/transport/round_trip.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <limits>

namespace assay::transport {

std::chrono::nanoseconds shortest_round_trip(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  constexpr auto needed = offsetof(tcp_info, tcpi_min_rtt) + sizeof info.tcpi_min_rtt;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || size < needed) return {};
  constexpr auto none_yet = std::numeric_limits<std::uint32_t>::max();
  if (info.tcpi_min_rtt == none_yet) return {};
  return std::chrono::microseconds(info.tcpi_min_rtt);
}

}  // namespace assay::transport
