#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "remoting/link.hpp"
#include "remoting/tunnel.hpp"

namespace assay::remoting {

/// The thread of a tunnel. Edge-triggered: a socket is watched once, each link remembers what is
/// ready, so that nothing spins while a link waits for its other side.
class tunnel::loop {
 public:
  loop(tunnel_limits, std::function<clock::time_point()> now, descriptor poll, descriptor wake);
  ~loop();

  /// Runs it on the tunnel's thread. Thread-safe, as `look_again`.
  void post(std::function<void()>);
  void look_again();

  // On the tunnel's thread:
  void add_door(descriptor listener, tls_context, door_keeper);
  void end(const std::string& address, const problem& why);
  void add_link(tls_stream, peer_identity, descriptor local, std::unique_ptr<frame_filter>, ended);

 private:
  using id = std::uint64_t;
  struct door {
    descriptor listener;
    tls_context context;
    door_keeper keeper;
  };
  struct entry {
    link moved;
    id through = 0;     ///< the door it came through, or 0
    ended on_end;       ///< of one that did not come through a door
    std::string host;   ///< of the peer, for the limit per address
    bool busy = false;  ///< stands in `busy_`
    bool admitted = false;
    bool told = false;  ///< the end, to whoever admitted it
  };

  void run();
  void handle(std::uint64_t tag, std::uint32_t events);
  void run_posted();
  bool watch(int fd, std::uint64_t tag, std::uint32_t events);

  void accept_all(id);
  void accept_one(door&, id, descriptor socket, std::string from, std::string host);
  /// Pushes out the oldest unfinished handshake where there are too many.
  void make_room(const std::string& host);
  void refuse(door&, const std::string& from, problem);

  void move(id);
  void queue(id, entry&);
  void admit(id, entry&);
  void settle(id, entry&);
  void tell_end(entry&);
  void check_times();
  int wait_ms() const;

  tunnel_limits limits_;
  std::function<clock::time_point()> now_;
  descriptor poll_, wake_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;

  id last_id_ = 0;
  std::unordered_map<id, door> doors_;
  std::unordered_map<id, entry> links_;
  std::vector<id> busy_;
  std::optional<clock::time_point> next_check_;
  std::vector<id> resting_;  ///< doors that wait for free descriptors
  std::thread thread_;
};

}  // namespace assay::remoting
