#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "messages/problem.hpp"
#include "remoting/address.hpp"
#include "remoting/descriptor.hpp"
#include "remoting/frame_filter.hpp"
#include "remoting/tls.hpp"

namespace assay::remoting {

/// Who is at the other end.
struct peer_identity {
  std::string name;     ///< of its certificate
  std::string address;  ///< HOST:PORT
};

struct tunnel_limits {
  /// From the connection to the end of the handshake.
  std::chrono::milliseconds handshake{5000};
  /// Without a byte from the peer, or with bytes for it of which it takes none; zero: for ever.
  /// CAF's heartbeats must be more frequent.
  std::chrono::milliseconds idle{60'000};
  /// After one side has ended, for what is still under way.
  std::chrono::milliseconds linger{5000};
  /// Connections with a peer that is known; more are refused.
  std::size_t connections = 1024;
  /// Connections whose handshake is not done, in all and from one address. One too many pushes out
  /// the oldest, so that a flood does not keep members out.
  std::size_t unfinished = 256, unfinished_per_address = 64;
  /// Bytes in each direction of a connection that wait here; then the sender waits.
  std::size_t buffer = 256 * 1024;
};

/// What a tunnel tells of the connections to it. Called on the tunnel's thread: be short, and do
/// not call the tunnel.
struct door_keeper {
  /// A peer has shown its certificate; `local` is the socket on which its bytes arrive. A problem
  /// refuses the peer.
  std::function<expected<std::unique_ptr<frame_filter>>(const peer_identity&, descriptor local)>
      admit;
  /// A connection came to nothing: bad handshake, over a limit, not admitted.
  std::function<void(const std::string& address, const problem&)> refused;
  /// A connection with a peer that was admitted is over, and the local side has let go of it.
  std::function<void(const peer_identity&, const problem& why)> ended;
};

/// Copies bytes between TLS connections and local sockets, on one thread of its own. Both
/// directions pass a filter, buffers are bounded, and either side may end first. The destructor
/// closes all connections.
class tunnel {
 public:
  using clock = std::chrono::steady_clock;
  using ended = std::function<void(const peer_identity&, const problem& why)>;

  /// `now` is asked on the tunnel's thread; a clock that is not the real one needs `look_again`
  /// after each change.
  static expected<std::unique_ptr<tunnel>> start(
      tunnel_limits, std::function<clock::time_point()> now = clock::now);
  ~tunnel();

  /// Takes connections at the address from now on; gives the port, which the system chooses if it
  /// was 0. Name resolution blocks.
  expected<std::uint16_t> listen(const address&, tls_context, door_keeper);

  /// Takes over a stream whose handshake is done. Gives the local socket on which its bytes arrive.
  expected<descriptor> adopt(tls_stream, peer_identity, std::unique_ptr<frame_filter>, ended);

  /// Ends the connections with the peer at this address, if there are any.
  void end(const std::string& address, const problem& why);

  void look_again();

 private:
  class loop;
  explicit tunnel(std::unique_ptr<loop>);
  std::unique_ptr<loop> loop_;
};

}  // namespace assay::remoting
