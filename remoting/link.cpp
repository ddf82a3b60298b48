#include "remoting/link.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace assay::remoting {

namespace {

constexpr std::size_t chunk = 16 * 1024;  // a TLS record
/// So many rounds, then the others have their turn.
constexpr int rounds_at_once = 16;

std::string seconds(std::chrono::milliseconds x) {
  auto text = std::to_string(x.count() / 1000.0);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + " s";
}

}  // namespace

link::link(tls_stream net, std::string address, const tunnel_limits& limits, time_point now)
    : limits_(limits),
      state_(state::shaking_hands),
      peer_{"", std::move(address)},
      net_(std::move(net)),
      until_(now + limits.handshake),
      heard_(now) {}

link::link(tls_stream net, peer_identity peer, descriptor local,
           std::unique_ptr<frame_filter> filter, const tunnel_limits& limits, time_point now)
    : limits_(limits),
      state_(state::shaking_hands),
      known_(true),
      peer_(std::move(peer)),
      net_(std::move(net)),
      heard_(now) {
  begin(std::move(local), std::move(filter), now);
}

void link::begin(descriptor local, std::unique_ptr<frame_filter> filter, time_point now) {
  local_ = std::move(local);
  filter_ = std::move(filter);
  until_.reset();
  heard_ = now;
  state_ = state::carrying;
}

bool link::move(time_point now) {
  switch (state_) {
    case state::shaking_hands:
      return shake_hands(now);
    case state::carrying:
      return carry(now);
    case state::letting_go:
      return wait_for_local();
    case state::over:
      break;
  }
  return false;
}

bool link::shake_hands(time_point now) {
  if (known_) return false;
  auto result = net_->handshake();
  note(result);
  if (result.state == io::failed) fail(net_->failure(), now);
  if (result.state == io::ended) fail({"", "the peer went away in the handshake", ""}, now);
  if (result.state != io::done) return false;
  known_ = true;
  peer_.name = net_->peer();
  return true;
}

bool link::carry(time_point now) {
  for (int round = 0; round < rounds_at_once; ++round) {
    bool moved = flush_to_local();
    moved = fill_from_net(now) || moved;
    if (state_ != state::carrying) return true;
    moved = flush_to_net(now) || moved;
    if (state_ != state::carrying) return true;
    moved = fill_from_local(now) || moved;
    if (state_ != state::carrying) return true;
    if (net_ended_ && local_ended_ && to_net_.empty() && to_local_.empty()) {
      flush_to_net(now);
      state_ = state::over;
      return false;
    }
    if (!moved) return false;
  }
  return true;
}

void link::note(const io_result& result) {
  // What one call waits for, every call waits for: TLS keeps one order of its own.
  if (result.state == io::want_read) net_readable_ = false;
  if (result.state == io::want_write) net_writable_ = false;
}

bool link::fill_from_net(time_point now) {
  if (net_ended_ || !net_readable_ || to_local_.size() >= limits_.buffer) return false;
  std::array<char, chunk> bytes;
  auto result = net_->read(bytes);
  note(result);
  if (result.state == io::failed) {
    fail(net_->failure(), now);
  } else if (result.state == io::ended) {
    net_ended_ = true;
    one_side_ended("the peer closed the connection", now);
  } else if (result.state == io::done) {
    heard_ = now;
    auto passed = filter_->from_peer({bytes.data(), result.bytes}, to_local_.tail());
    if (local_told_) to_local_.clear();
    if (!passed) fail(passed.error(), now);
  } else {
    return false;
  }
  return true;
}

bool link::flush_to_local() {
  if (!to_local_.empty() && local_writable_) {
    auto bytes = to_local_.front();
    auto sent = ::send(local_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) return true;
    if (sent < 0 && errno != EAGAIN) {
      // The local side is gone; what it sent before is still read to its end.
      to_local_.clear();
      local_told_ = true;
      return true;
    }
    if (sent < 0) {
      local_writable_ = false;
      return false;
    }
    to_local_.take(static_cast<std::size_t>(sent));
    return true;
  }
  if (to_local_.empty() && net_ended_ && !local_told_) {
    ::shutdown(local_.get(), SHUT_WR);
    local_told_ = true;
    return true;
  }
  return false;
}

bool link::fill_from_local(time_point now) {
  if (local_ended_ || !local_readable_ || to_net_.size() >= limits_.buffer) return false;
  std::array<char, chunk> bytes;
  auto got = ::recv(local_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0 && errno == EINTR) return true;
  if (got < 0 && errno == EAGAIN) {
    local_readable_ = false;
    return false;
  }
  if (got <= 0) {
    local_ended_ = true;
    one_side_ended("this side closed the connection", now);
    return true;
  }
  auto passed = filter_->to_peer({bytes.data(), static_cast<std::size_t>(got)}, to_net_.tail());
  if (!passed) fail(passed.error(), now);
  return true;
}

void link::one_side_ended(const char* why, time_point now) {
  if (until_) return;
  why_ = {"", why, ""};
  until_ = now + limits_.linger;
}

bool link::flush_to_net(time_point now) {
  if (!to_net_.empty() && net_writable_) {
    auto result = net_->write(to_net_.front());
    if (result.state == io::want_read || result.state == io::want_write) net_writable_ = false;
    if (result.state == io::failed || result.state == io::ended) fail(net_->failure(), now);
    if (result.state != io::done) {
      if (!stuck_since_) stuck_since_ = now;
      return false;
    }
    to_net_.take(result.bytes);
    stuck_since_.reset();
    return true;
  }
  if (to_net_.empty() && local_ended_ && !net_told_) {
    net_->end_writing();
    ::shutdown(net_->socket(), SHUT_WR);
    net_told_ = true;
    return true;
  }
  return false;
}

bool link::wait_for_local() {
  std::array<char, chunk> ignored;
  while (local_readable_) {
    auto got = ::recv(local_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (got > 0 || (got < 0 && errno == EINTR)) continue;
    local_readable_ = false;
    if (got == 0 || errno != EAGAIN) state_ = state::over;
  }
  return false;
}

void link::fail(problem why, time_point now) {
  if (state_ == state::letting_go || state_ == state::over) return;
  why_ = std::move(why);
  if (net_) net_->end_writing();
  net_.reset();
  filter_.reset();
  to_net_.clear();
  to_local_.clear();
  if (!local_) {
    state_ = state::over;
    return;
  }
  ::shutdown(local_.get(), SHUT_WR);
  local_readable_ = true;
  until_ = now + limits_.linger;
  state_ = state::letting_go;
}

void link::check_time(time_point now) {
  if (until_ && now >= *until_) {
    if (state_ == state::shaking_hands)
      fail({"", "the handshake was not done after " + seconds(limits_.handshake), ""}, now);
    else if (state_ == state::carrying)
      fail({"", why_.what + ", and the other direction did not end in time", ""}, now);
    else
      state_ = state::over;
  } else if (state_ == state::carrying && limits_.idle.count() > 0) {
    check_silence(now);
  }
}

void link::check_silence(time_point now) {
  // While the local side does not take more, it is not the peer who is silent.
  if (net_readable_) heard_ = now;
  if (now >= heard_ + limits_.idle)
    fail({"", "nothing was heard from the peer for " + seconds(limits_.idle), ""}, now);
  else if (stuck_since_ && now >= *stuck_since_ + limits_.idle)
    fail({"", "the peer has taken nothing for " + seconds(limits_.idle), ""}, now);
}

std::optional<link::time_point> link::deadline() const {
  if (state_ == state::over) return std::nullopt;
  if (until_) return until_;
  if (state_ == state::carrying && limits_.idle.count() > 0)
    return std::min(heard_, stuck_since_.value_or(heard_)) + limits_.idle;
  return std::nullopt;
}

}  // namespace assay::remoting
