#pragma once

#include <string>
#include <string_view>

#include "messages/problem.hpp"

namespace assay::remoting {

/// Stands between a connection and CAF: sees every byte of both directions before it goes on, and
/// decides. Used by one thread at a time.
class frame_filter {
 public:
  virtual ~frame_filter() = default;

  /// Bytes that the peer sent. Appends what may go on to `out`; a problem ends the connection.
  virtual expected<void> from_peer(std::string_view bytes, std::string& out) = 0;

  /// Bytes for the peer. Appends what may go on to `out`; a problem ends the connection.
  virtual expected<void> to_peer(std::string_view bytes, std::string& out) = 0;
};

}  // namespace assay::remoting
