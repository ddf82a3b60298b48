#include "evaluation/sandbox/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

namespace assay::sandbox {

namespace {

constexpr std::size_t most_files = 32;
constexpr int out_of_the_way = 256;  ///< above every descriptor that a child ends up with

/// All that the child needs, made before it exists: it shares our memory until it is another
/// program, so it may call the kernel and nothing else.
struct child_plan {
  const char* path;
  char* const* argv;
  char* const* environment;
  const int* files;
  std::size_t file_count;
  const char* folder;
  bool leave_root;
};

[[noreturn]] void become(const child_plan& plan) {
  sigset_t none;
  sigemptyset(&none);
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, _NSIG / 8);
  ::syscall(SYS_setsid);
  std::array<int, most_files> aside{};
  for (std::size_t i = 0; i < plan.file_count; ++i)
    aside[i] = ::fcntl(plan.files[i], F_DUPFD, out_of_the_way);
  for (std::size_t i = 0; i < plan.file_count; ++i) ::dup2(aside[i], static_cast<int>(i));
  ::syscall(SYS_close_range, plan.file_count, ~0U, 0);
  if (plan.folder && ::chdir(plan.folder) != 0) ::_exit(127);
  if (plan.leave_root && (::syscall(SYS_setgroups, 0, nullptr) != 0 ||
                          ::syscall(SYS_setresgid, nobody, nobody, nobody) != 0 ||
                          ::syscall(SYS_setresuid, nobody, nobody, nobody) != 0))
    ::_exit(127);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::execve(plan.path, plan.argv, plan.environment);
  ::_exit(127);
}

[[gnu::noinline]] pid_t spawn(const child_plan& plan) {
  auto pid = ::vfork();
  if (pid == 0) become(plan);
  return pid;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace

pid_t start_process(const start& how) {
  if (how.files.size() > most_files) {
    errno = EMFILE;
    return -1;
  }
  auto argv = pointers(how.argv);
  auto environment = pointers(how.environment);
  return spawn({argv[0], argv.data(), environment.data(), how.files.data(), how.files.size(),
                how.folder.empty() ? nullptr : how.folder.c_str(), ::geteuid() == 0});
}

}  // namespace assay::sandbox
