#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "evaluation/sandbox/interruption.hpp"
#include "evaluation/sandbox/process.hpp"

namespace assay::sandbox {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t longest_status = 4096;

std::chrono::nanoseconds cpu_of(const rusage& used) {
  auto time = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return time(used.ru_utime) + time(used.ru_stime);
}

/// Ends and reaps a process; its processor time, with that of those it waited for.
std::chrono::nanoseconds reap(pid_t process, int& status) {
  rusage used{};
  while (::wait4(process, &status, 0, &used) < 0)
    if (errno != EINTR) return {};
  return cpu_of(used);
}

/// One output of the process, up to a number of bytes.
class drain {
 public:
  drain(file_descriptor from, std::size_t most) : from_(std::move(from)), most_(most) {
    if (from_) ::fcntl(from_.get(), F_SETFL, O_NONBLOCK);
  }

  pollfd waiting() const { return {from_.get(), POLLIN, 0}; }
  bool overflowed() const { return overflowed_; }
  std::string& text() { return text_; }

  /// Takes what is there.
  void read() {
    std::array<char, 16'384> chunk;
    while (from_ && !overflowed_) {
      auto got = ::read(from_.get(), chunk.data(), chunk.size());
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return from_.close();
      auto room = std::min(static_cast<std::size_t>(got), most_ - text_.size());
      text_.append(chunk.data(), room);
      overflowed_ = room < static_cast<std::size_t>(got);
    }
  }

 private:
  file_descriptor from_;
  std::size_t most_;
  std::string text_;
  bool overflowed_ = false;
};

class watcher {
 public:
  watcher(watch w, const sandbox_settings& s)
      : process_(w.process),
        ended_(static_cast<int>(::syscall(SYS_pidfd_open, w.process, 0))),
        out_(std::move(w.out), static_cast<std::size_t>(s.output_kb) * 1024),
        err_(std::move(w.err), static_cast<std::size_t>(s.output_kb) * 1024),
        status_(std::move(w.status), longest_status),
        began_(clock::now()),
        until_(began_ + s.wall) {}

  ending run() {
    ending e;
    while (e.program.ended_by == limit::none && !e.interrupted && !wait()) {
      e.interrupted = stop_ && stop_->raised();
      if (out_.overflowed() || err_.overflowed())
        e.program.ended_by = limit::output;
      else if (clock::now() >= until_)
        e.program.ended_by = limit::wall_time;
    }
    e.program.cpu = end_all(e.wait_status);
    e.program.wall = clock::now() - began_;
    for (auto* output : {&out_, &err_, &status_}) output->read();
    e.program.out = std::move(out_.text());
    e.program.err = std::move(err_.text());
    e.program.cut = out_.overflowed() || err_.overflowed();
    e.status = std::move(status_.text());
    return e;
  }

 private:
  /// Until there is something to read, or time is up; true if the process has ended.
  bool wait() {
    std::array<pollfd, 5> fds{pollfd{ended_.get(), POLLIN, 0}, out_.waiting(), err_.waiting(),
                              status_.waiting(),
                              pollfd{stop_ ? stop_->descriptor() : -1, POLLIN, 0}};
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - clock::now()).count();
    ::poll(fds.data(), fds.size(), static_cast<int>(std::clamp<long>(left, 0, 60'000)));
    for (auto* output : {&out_, &err_, &status_}) output->read();
    return fds[0].revents != 0;
  }

  /// Nothing that the process started outlives this. Killed is only what is ours to wait for.
  std::chrono::nanoseconds end_all(int& wait_status) {
    ::kill(-process_, SIGKILL);
    ::kill(process_, SIGKILL);
    auto cpu = reap(process_, wait_status);
    int ignored = 0;
    while (::waitpid(-process_, &ignored, 0) > 0) continue;
    status_.read();
    auto inner = static_cast<pid_t>(number_in(status_.text(), "child-pid"));
    siginfo_t info{};
    if (inner <= 0 ||
        ::waitid(P_PID, static_cast<id_t>(inner), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
      return cpu;
    ::kill(inner, SIGKILL);
    return cpu + reap(inner, ignored);
  }

  pid_t process_;
  const interruption* stop_ = interruption::current();
  file_descriptor ended_;
  drain out_, err_, status_;
  clock::time_point began_, until_;
};

}  // namespace

long number_in(const std::string& status, std::string_view key) {
  auto at = status.find("\"" + std::string(key) + "\"");
  if (at == std::string::npos) return -1;
  at = status.find_first_of("0123456789", at + key.size() + 2);
  long number = -1;
  if (at != std::string::npos)
    std::from_chars(status.data() + at, status.data() + status.size(), number);
  return number;
}

ending see_through(watch w, const sandbox_settings& s) { return watcher(std::move(w), s).run(); }

}  // namespace assay::sandbox
