#include "app/demo/processes.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace assay::demo {

namespace {

/// What a child does before it is another program. Other threads may hold locks that nobody gives
/// back here, so it calls the kernel and nothing else.
[[noreturn]] void become(char* const* argv, int output, int network, pid_t parent,
                         const sigset_t& blocked) {
  ::setpgid(0, 0);
  for (auto stop : {SIGINT, SIGTERM}) ::signal(stop, SIG_DFL);  // not to what our handlers do
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died before we asked to die with it
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (network < 0 || ::setns(network, CLONE_NEWNET) == 0) ::execvp(argv[0], argv);
  ::_exit(127);
}

}  // namespace

descriptor::descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

descriptor::~descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

expected<process> process::start(const std::vector<std::string>& argv,
                                 const std::filesystem::path& output, int network) {
  auto failed = [&](const std::string& where, const char* what) {
    return fail(where, std::string(what) + ": " + std::strerror(errno));
  };
  descriptor out(::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (out.get() < 0) return failed(output, "cannot be written");
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const auto parent = ::getpid();
  sigset_t all, blocked;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &blocked);
  const auto id = ::fork();
  if (id == 0) become(words.data(), out.get(), network, parent, blocked);
  ::pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
  if (id < 0) return failed(argv[0], "cannot be started");
  descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, id, 0)));
  if (handle.get() < 0) {
    auto why = failed(argv[0], "cannot be watched");
    ::kill(id, SIGKILL);
    ::waitpid(id, nullptr, 0);
    return why;
  }
  return process(id, std::move(handle));
}

process::process(process&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      handle_(std::move(other.handle_)),
      ended_(other.ended_),
      code_(other.code_) {}

process::~process() {
  if (id_ < 0 || ended_) return;
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

void process::terminate() {
  if (!ended_) ::kill(id_, SIGTERM);
}

bool process::wait(std::chrono::milliseconds longest) {
  if (ended_) return true;
  pollfd end{handle_.get(), POLLIN, 0};
  if (::poll(&end, 1, static_cast<int>(longest.count())) <= 0) return false;
  int status = 0;
  ::waitpid(id_, &status, 0);
  ended_ = true;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

}  // namespace assay::demo
