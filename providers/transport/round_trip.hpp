#pragma once

#include <chrono>

namespace assay::transport {

/// The shortest time there and back that the kernel has seen on this TCP connection of late (five
/// minutes, unless `net.ipv4.tcp_min_rtt_wlen` says otherwise), its handshake included: unlike the
/// mean, it holds no wait of the peer before it acknowledges. Zero if it is not known.
std::chrono::nanoseconds shortest_round_trip(int fd);

}  // namespace assay::transport
