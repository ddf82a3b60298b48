#include "storage/run_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace assay::storage {

std::string own_process() {
  char host[128] = "";
  ::gethostname(host, sizeof host - 1);
  auto name = "process " + std::to_string(::getpid()) + " on " + host;
  return name.substr(0, 63);  // what a server keeps of a name
}

namespace {

class held_file : public run_lock {
 public:
  held_file(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  /// Removed while still locked, so that nobody can lock a file that has just lost its name
  /// without noticing (see `still_named`).
  ~held_file() override {
    ::unlink(path_.c_str());
    ::close(descriptor_);
  }

 private:
  int descriptor_;
  std::string path_;
};

/// False if the file was removed between our `open` and our `flock`.
bool still_named(int descriptor, const std::string& path) {
  struct stat held, named;
  return ::fstat(descriptor, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

std::string holder(int descriptor) {
  char text[256];
  auto size = ::pread(descriptor, text, sizeof text, 0);
  return size > 0 ? std::string(text, size) : "another process";
}

/// Failing to write the name costs a worse message to others, not the lock.
void name_holder(int descriptor) {
  auto text = own_process();
  if (::ftruncate(descriptor, 0) != 0) return;
  [[maybe_unused]] auto written = ::pwrite(descriptor, text.data(), text.size(), 0);
}

}  // namespace

expected<lock_attempt> try_lock_file(const std::string& path) {
  for (;;) {
    int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
      return fail(path, std::string("the lock file cannot be opened: ") + std::strerror(errno),
                  "check owner and permissions of the file and its folder");
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      auto error = errno;
      auto by = holder(descriptor);
      ::close(descriptor);
      if (error == EINTR) continue;
      if (error == EWOULDBLOCK) return lock_attempt{nullptr, std::move(by)};
      return fail(path, std::string("the file system cannot lock: ") + std::strerror(error),
                  "put the ledger on a local disk");
    }
    if (!still_named(descriptor, path)) {
      ::close(descriptor);
      continue;
    }
    name_holder(descriptor);
    return lock_attempt{std::make_unique<held_file>(descriptor, path), {}};
  }
}

expected<std::unique_ptr<run_lock>> lock_file(const std::string& path, const std::string& what) {
  auto tried = try_lock_file(path);
  if (!tried) return tl::make_unexpected(tried.error());
  if (!tried->lock)
    return fail(path, what + " is held by " + tried->holder,
                "wait until it ends, or stop it first");
  return std::move(tried->lock);
}

}  // namespace assay::storage
