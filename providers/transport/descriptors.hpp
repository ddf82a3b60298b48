#pragma once

#include <cstdint>

namespace assay::transport {

/// Raises the soft limit of open files to the hard one: each exchange holds a socket. Gives the
/// limit now in force.
std::uint64_t raise_descriptor_limit();

/// Opens a non-blocking stream socket that notices a dead peer by itself: data that stays
/// unacknowledged for half a minute ends the connection (`TCP_USER_TIMEOUT`). -1 and `errno` on
/// failure.
int open_socket(int family, int type, int protocol);

/// True if the TCP handshake of the socket is done.
bool is_established(int fd);

/// True for the `errno` values that mean "no descriptor left".
bool is_out_of_descriptors(int error);

}  // namespace assay::transport
