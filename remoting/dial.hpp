#pragma once

#include <chrono>
#include <string>

#include "remoting/address.hpp"
#include "remoting/tls.hpp"

namespace assay::remoting {

/// Connects to the address and does the handshake with a peer whose certificate is for `name`, all
/// within `patience`. Blocks; name resolution is left behind in a thread of its own if it takes
/// longer. That the peer lets us in shows only with its first bytes.
expected<tls_stream> dial(const address&, const tls_context&, const std::string& name,
                          std::chrono::milliseconds patience);

}  // namespace assay::remoting
