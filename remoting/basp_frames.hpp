#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "remoting/frame_filter.hpp"

/// What CAF 0.17.6 writes on a connection (BASP version 3), checked before CAF reads it. CAF itself
/// trusts a connected peer with everything: every actor of the process, every message type, any
/// length. Here a peer may speak to the actors that it was given, in the words of their interface.
///
/// A frame is a header of 32 bytes, big-endian, and a payload:
///
///     u8 operation, u8 0, u8 0, u8 flags, u32 payload length, u64 operation data (message id),
///     u64 source actor, u64 destination actor
namespace assay::remoting {

struct basp_rules {
  /// This process's CAF node id, as CAF writes it.
  std::string own_node;
  /// Largest payload of a frame that the peer may send.
  std::uint32_t max_payload = 16 * 1024 * 1024;
  /// What the peer may send: the types of a message as CAF writes them, `@<>+@atom+joined`. None of
  /// them may hold an actor handle.
  std::set<std::string, std::less<>> messages;
  /// Actors of the peer that may have sent something and are not known to be dead.
  std::size_t max_senders = 1024;
  /// Decides over a peer by its CAF node id (opaque bytes), once, before CAF learns it.
  std::function<expected<void>(std::string_view node_id)> meet = [](std::string_view) {
    return expected<void>{};
  };
};

/// Which side of the handshake this process has.
enum class basp_side { coordinator, node };

/// One direction of a connection: cuts the stream into frames and holds back as much of each as
/// its judge wants to see.
class basp_direction {
 public:
  struct frame {
    std::uint8_t operation;
    std::uint8_t flags;
    std::uint32_t length;
    std::uint64_t data, source, destination;
    /// As much of the payload as has been asked for.
    std::string_view payload;
  };
  enum class verdict { pass, drop, more };
  struct judgement {
    verdict what = verdict::pass;
    std::size_t payload = 0;  ///< with `more`: bytes of the payload to see
  };
  using judge = std::function<expected<judgement>(const frame&)>;

  expected<void> take(std::string_view bytes, std::string& out, const judge&);

 private:
  expected<void> decide(std::string& out, const judge&);

  std::string held_;
  std::size_t wanted_ = 0;
  std::uint64_t passing_ = 0, dropping_ = 0;
};

/// Both directions of one connection. What goes to the peer is checked for the size only; from it
/// are learnt the actors that the peer may speak to. CAF's own look-ups of remote
/// registries and spawn servers go nowhere.
class basp_filter : public frame_filter {
 public:
  basp_filter(basp_side, basp_rules);

  expected<void> from_peer(std::string_view bytes, std::string& out) override;
  expected<void> to_peer(std::string_view bytes, std::string& out) override;

  /// The peer's node id; empty before its handshake.
  const std::string& peer_node() const { return theirs_; }

 private:
  using frame = basp_direction::frame;
  using judged = expected<basp_direction::judgement>;

  judged judge_incoming(const frame&);
  judged judge_outgoing(const frame&);
  judged server_handshake(const frame&);
  judged client_handshake(const frame&);
  judged message(const frame&);
  judged monitoring(const frame&);
  judged down(const frame&);
  judged learn_handshake(const frame&);
  expected<void> meet(std::string_view node_id);
  void give_out(std::uint64_t actor);

  basp_side side_;
  basp_rules rules_;
  std::size_t longest_;  ///< of the allowed messages' type lists
  basp_direction in_, out_;
  std::string theirs_;  ///< node id
  int handshakes_ = 0;
  std::unordered_set<std::uint64_t> given_out_, monitored_, senders_;
  std::deque<std::uint64_t> given_out_order_;
};

}  // namespace assay::remoting
