#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "messages/problem.hpp"
#include "remoting/byte_queue.hpp"
#include "remoting/descriptor.hpp"
#include "remoting/frame_filter.hpp"
#include "remoting/tls.hpp"
#include "remoting/tunnel.hpp"

namespace assay::remoting {

/// One connection of a tunnel: a TLS stream on one side, a local socket on the other. Knows
/// nothing of threads and polling; it is told what happened and moves as far as it can.
///
///   shaking hands --(peer is known)--> carrying --(both directions ended)--> over
///         |                               |
///         +-------------------------------+--(problem)--> letting go --(local side closed)--> over
///
/// Letting go waits until the local side, CAF, has closed its socket: only then has it forgotten
/// the peer.
class link {
 public:
  using time_point = tunnel::clock::time_point;
  enum class state { shaking_hands, carrying, letting_go, over };

  /// A connection that was accepted.
  link(tls_stream, std::string address, const tunnel_limits&, time_point now);
  /// A connection whose handshake is done.
  link(tls_stream, peer_identity, descriptor local, std::unique_ptr<frame_filter>,
       const tunnel_limits&, time_point now);

  /// Either socket may be tried again.
  void net_ready() { net_readable_ = net_writable_ = true; }
  void local_ready() { local_readable_ = local_writable_ = true; }
  /// The local socket has been closed at its other end.
  void local_hung_up() { local_hung_up_ = true; }

  /// Moves bytes as far as it goes, but not so many that others wait long. True if there is more to
  /// do at once.
  bool move(time_point now);

  /// The handshake is done, and `begin` is waited for.
  bool peer_is_known() const { return known_ && state_ == state::shaking_hands; }
  /// Lets a peer in whose handshake is done.
  void begin(descriptor local, std::unique_ptr<frame_filter>, time_point now);

  /// Ends it for this reason, or sees whether its time is up.
  void fail(problem why, time_point now);
  void check_time(time_point now);
  /// When `check_time` wants to be called, at the latest.
  std::optional<time_point> deadline() const;

  /// The local side has let go, and its last bytes have been read; the peer may still get them.
  bool local_has_gone() const { return local_hung_up_ && local_ended_; }

  state where() const { return state_; }
  const peer_identity& peer() const { return peer_; }
  const problem& why() const { return why_; }
  int net() const { return net_ ? net_->socket() : -1; }
  int local() const { return local_.get(); }

 private:
  bool shake_hands(time_point now);
  bool carry(time_point now);
  bool fill_from_net(time_point now);
  bool fill_from_local(time_point now);
  bool flush_to_net(time_point now);
  bool flush_to_local();
  bool wait_for_local();
  void check_silence(time_point now);
  void one_side_ended(const char* why, time_point now);
  void note(const io_result&);

  tunnel_limits limits_;
  state state_;
  bool known_ = false;
  peer_identity peer_;
  problem why_;
  std::optional<tls_stream> net_;
  descriptor local_;
  std::unique_ptr<frame_filter> filter_;
  byte_queue to_net_, to_local_;
  bool net_readable_ = true, net_writable_ = true;
  bool local_readable_ = true, local_writable_ = true;
  bool local_hung_up_ = false;
  bool net_ended_ = false, local_ended_ = false;  ///< nothing more comes from there
  bool net_told_ = false, local_told_ = false;    ///< that nothing more comes from the other
  std::optional<time_point> until_;               ///< end of the handshake, or of lingering
  std::optional<time_point> stuck_since_;         ///< the peer takes nothing
  time_point heard_;                              ///< last byte from the peer
};

}  // namespace assay::remoting
