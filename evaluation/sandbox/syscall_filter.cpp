#include "evaluation/sandbox/syscall_filter.hpp"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "evaluation/sandbox/file_descriptor.hpp"

namespace assay::sandbox {

namespace {

/// Refused with EPERM.
constexpr const char* refused[] = {
    "acct",
    "add_key",
    "adjtimex",
    "bpf",
    "chroot",
    "clock_adjtime",
    "clock_settime",
    "delete_module",
    "fanotify_init",
    "finit_module",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "init_module",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "kcmp",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "lookup_dcookie",
    "mbind",
    "memfd_create",
    "memfd_secret",
    "migrate_pages",
    "mount",
    "mount_setattr",
    "move_mount",
    "move_pages",
    "msgget",
    "name_to_handle_at",
    "nfsservctl",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "personality",
    "pidfd_getfd",
    "pivot_root",
    "process_madvise",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "quotactl",
    "quotactl_fd",
    "reboot",
    "request_key",
    "semget",
    "set_mempolicy",
    "setdomainname",
    "sethostname",
    "setns",
    "settimeofday",
    "shmget",
    "swapoff",
    "swapon",
    "syslog",
    "umount",
    "umount2",
    "unshare",
    "userfaultfd",
    "vhangup",
};

class filter {
 public:
  filter() : context_(seccomp_init(SCMP_ACT_ALLOW)) {}
  ~filter() { seccomp_release(context_); }
  filter(const filter&) = delete;
  filter& operator=(const filter&) = delete;

  bool build() {
    if (!context_) return false;
    for (const auto* name : refused) {
      auto number = seccomp_syscall_resolve_name(name);
      if (number != __NR_SCMP_ERROR && number >= 0) add(EPERM, number);
    }
    add(EPERM, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
    // Its flags lie in memory, where a filter cannot look; libc falls back to clone.
    add(ENOSYS, SCMP_SYS(clone3));
    add(EPERM, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCSTI));
    return good_;
  }

  bool write_to(int fd) { return seccomp_export_bpf(context_, fd) == 0; }

 private:
  template <class... Compare>
  void add(int error, int number, Compare... compare) {
    good_ = seccomp_rule_add(context_, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), number,
                             sizeof...(Compare), compare...) == 0 &&
            good_;
  }

  scmp_filter_ctx context_;
  bool good_ = true;
};

}  // namespace

expected<std::string> syscall_filter() {
  filter made;
  file_descriptor file(memory_file({}));
  if (!made.build() || !file || !made.write_to(file.get()))
    return fail("sandbox", "the filter of system calls cannot be made");
  std::string program(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
  if (::pread(file.get(), program.data(), program.size(), 0) !=
      static_cast<ssize_t>(program.size()))
    return fail("sandbox", "the filter of system calls cannot be read");
  return program;
}

}  // namespace assay::sandbox
