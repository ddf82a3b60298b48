#include "remoting/tunnel_loop.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

namespace assay::remoting {

namespace {

/// What an event is of: a link's or a door's id, and which of its sockets.
enum source : std::uint64_t { of_net = 0, of_local = 1, of_door = 2 };
constexpr std::uint64_t wake_tag = 0;
constexpr std::uint64_t tag(std::uint64_t id, source from) { return id << 2 | from; }

/// Without free descriptors a door rests so long, and then tries again.
constexpr std::chrono::milliseconds rest{100};

}  // namespace

tunnel::loop::loop(tunnel_limits limits, std::function<clock::time_point()> now, descriptor poll,
                   descriptor wake)
    : limits_(limits), now_(std::move(now)), poll_(std::move(poll)), wake_(std::move(wake)) {
  watch(wake_.get(), wake_tag, EPOLLIN);
  thread_ = std::thread([this] { run(); });
}

tunnel::loop::~loop() {
  stopping_ = true;
  look_again();
  thread_.join();
}

void tunnel::loop::post(std::function<void()> task) {
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
  }
  look_again();
}

void tunnel::loop::look_again() {
  std::uint64_t one = 1;
  // Fails only if the counter is full, and then the thread wakes anyway.
  [[maybe_unused]] auto written = ::write(wake_.get(), &one, sizeof one);
}

bool tunnel::loop::watch(int fd, std::uint64_t of, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = of;
  return ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

// -- the thread -----------------------------------------------------------------------------------

void tunnel::loop::run() {
  // Signals are for the main thread; a broken pipe is an error of `write` here.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  std::array<epoll_event, 128> events;
  while (!stopping_) {
    int n = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), wait_ms());
    for (auto* x = events.data(); x < events.data() + n; ++x) handle(x->data.u64, x->events);
    for (auto which : std::exchange(busy_, {})) {
      if (auto found = links_.find(which); found != links_.end()) found->second.busy = false;
      move(which);
    }
    check_times();
  }
  run_posted();
  auto now = now_();
  for (auto& [which, x] : links_) x.moved.fail({"", "this side has stopped", ""}, now);
  for (auto& [which, x] : links_) tell_end(x);
  links_.clear();
  doors_.clear();
}

void tunnel::loop::handle(std::uint64_t of, std::uint32_t events) {
  if (of == wake_tag) {
    std::uint64_t ignored;
    [[maybe_unused]] auto got = ::read(wake_.get(), &ignored, sizeof ignored);
    run_posted();
    return;
  }
  auto which = of >> 2;
  if ((of & 3) == of_door) return accept_all(which);
  auto found = links_.find(which);
  if (found == links_.end()) return;
  if ((of & 3) == of_net)
    found->second.moved.net_ready();
  else
    found->second.moved.local_ready();
  if ((of & 3) == of_local && (events & EPOLLHUP) != 0) found->second.moved.local_hung_up();
  move(which);
}

void tunnel::loop::run_posted() {
  std::vector<std::function<void()>> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks.swap(posted_);
  }
  for (auto& task : tasks) task();
}

int tunnel::loop::wait_ms() const {
  if (!busy_.empty()) return 0;
  std::optional<clock::time_point> until = next_check_;
  if (!resting_.empty()) until = std::min(until.value_or(clock::time_point::max()), now_() + rest);
  if (!until) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - now_()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void tunnel::loop::end(const std::string& address, const problem& why) {
  std::vector<id> theirs;
  for (auto& [which, x] : links_)
    if (x.moved.peer().address == address) theirs.push_back(which);
  for (auto which : theirs) {
    auto& x = links_.at(which);
    x.moved.fail(why, now_());
    settle(which, x);
  }
}

void tunnel::loop::check_times() {
  for (auto which : std::exchange(resting_, {})) accept_all(which);
  if (!next_check_ || now_() < *next_check_) return;
  next_check_.reset();
  std::vector<id> all;
  for (auto& [which, x] : links_) all.push_back(which);
  auto now = now_();
  for (auto which : all) {
    auto found = links_.find(which);
    if (found == links_.end()) continue;
    found->second.moved.check_time(now);
    settle(which, found->second);
  }
}

// -- links ----------------------------------------------------------------------------------------

void tunnel::loop::add_link(tls_stream stream, peer_identity peer, descriptor local,
                            std::unique_ptr<frame_filter> filter, ended on_end) {
  auto which = ++last_id_;
  link moved(std::move(stream), std::move(peer), std::move(local), std::move(filter), limits_,
             now_());
  auto& x = links_.emplace(which, entry{std::move(moved), 0, std::move(on_end), {}}).first->second;
  x.admitted = true;
  watch(x.moved.net(), tag(which, of_net), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  watch(x.moved.local(), tag(which, of_local), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  move(which);
}

void tunnel::loop::move(id which) {
  auto found = links_.find(which);
  if (found == links_.end()) return;
  auto& x = found->second;
  if (x.moved.move(now_())) queue(which, x);
  if (x.moved.peer_is_known()) admit(which, x);
  settle(which, x);
}

void tunnel::loop::queue(id which, entry& x) {
  if (!std::exchange(x.busy, true)) busy_.push_back(which);
}

void tunnel::loop::admit(id which, entry& x) {
  auto& keeper = doors_.at(x.through).keeper;
  auto full = std::count_if(links_.begin(), links_.end(), [](auto& other) {
                return other.second.admitted;
              }) >= static_cast<std::ptrdiff_t>(limits_.connections);
  int pair[2];
  if (full) {
    x.moved.fail({"", "there are " + std::to_string(limits_.connections) + " connections already",
                  "raise the limit, or run fewer nodes"},
                 now_());
  } else if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    x.moved.fail({"", "no local socket could be made", "raise `ulimit -n`"}, now_());
  } else {
    descriptor ours(pair[0]), theirs(pair[1]);
    auto filter = keeper.admit(x.moved.peer(), std::move(theirs));
    if (!filter) {
      x.moved.fail(filter.error(), now_());
    } else {
      x.admitted = true;
      x.moved.begin(std::move(ours), std::move(*filter), now_());
      watch(x.moved.local(), tag(which, of_local), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
  }
  queue(which, x);
}

void tunnel::loop::settle(id which, entry& x) {
  if (x.moved.where() == link::state::letting_go) x.moved.move(now_());
  if (x.moved.local_has_gone()) tell_end(x);
  if (x.moved.where() != link::state::over) {
    if (auto until = x.moved.deadline())
      next_check_ = std::min(next_check_.value_or(*until), *until);
    return;
  }
  tell_end(x);
  auto gone = std::move(x);
  links_.erase(which);
  if (gone.admitted) return;
  auto door = doors_.find(gone.through);
  if (door != doors_.end()) refuse(door->second, gone.moved.peer().address, gone.moved.why());
}

void tunnel::loop::tell_end(entry& x) {
  if (!x.admitted || std::exchange(x.told, true)) return;
  auto door = doors_.find(x.through);
  const auto& tell = door != doors_.end() ? door->second.keeper.ended : x.on_end;
  if (tell) tell(x.moved.peer(), x.moved.why());
}

// -- doors ----------------------------------------------------------------------------------------

void tunnel::loop::add_door(descriptor listener, tls_context context, door_keeper keeper) {
  auto which = ++last_id_;
  int fd = listener.get();
  doors_.emplace(which, door{std::move(listener), std::move(context), std::move(keeper)});
  watch(fd, tag(which, of_door), EPOLLIN | EPOLLET);
  accept_all(which);
}

void tunnel::loop::refuse(door& at, const std::string& from, problem why) {
  if (at.keeper.refused) at.keeper.refused(from, why);
}

void tunnel::loop::accept_all(id which) {
  auto found = doors_.find(which);
  if (found == doors_.end()) return;
  while (true) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    auto* general = reinterpret_cast<sockaddr*>(&from);
    descriptor socket(
        ::accept4(found->second.listener.get(), general, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (!socket && errno != EAGAIN) resting_.push_back(which);
    if (!socket) return;
    auto host = numeric_host(*general);
    accept_one(found->second, which, std::move(socket), render({host, port_of(*general)}), host);
  }
}

void tunnel::loop::accept_one(door& at, id through, descriptor socket, std::string from,
                              std::string host) {
  make_room(host);
  int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  int fd = socket.get();
  auto stream = at.context.accept(std::move(socket));
  if (!stream) return refuse(at, from, stream.error());
  auto which = ++last_id_;
  link moved(std::move(*stream), std::move(from), limits_, now_());
  links_.emplace(which, entry{std::move(moved), through, {}, std::move(host)});
  watch(fd, tag(which, of_net), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  move(which);
}

void tunnel::loop::make_room(const std::string& host) {
  std::size_t unfinished = 0, from_there = 0;
  id oldest = 0, oldest_from_there = 0;
  for (auto& [which, x] : links_) {
    if (x.admitted || x.moved.where() != link::state::shaking_hands) continue;
    ++unfinished;
    if (oldest == 0 || which < oldest) oldest = which;
    if (x.host != host) continue;
    ++from_there;
    if (oldest_from_there == 0 || which < oldest_from_there) oldest_from_there = which;
  }
  id out = from_there >= limits_.unfinished_per_address ? oldest_from_there
           : unfinished >= limits_.unfinished           ? oldest
                                                        : 0;
  if (out == 0) return;
  auto& x = links_.at(out);
  x.moved.fail({"", "too many handshakes were not done, this was the oldest", ""}, now_());
  settle(out, x);
}

}  // namespace assay::remoting
