#include "providers/catalog/credentials.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "messages/task_key.hpp"

namespace assay::catalog {

namespace {

constexpr std::size_t longest_key = 16 * 1024;

/// A file descriptor that closes itself.
class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// What people call the source in their settings.
std::string named(const credential_source& source) {
  return source.env.empty() ? "key file " + source.file : "environment variable " + source.env;
}

expected<secret> checked_key(std::string_view text, const credential_source& source,
                             const std::string& where) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return fail(where, named(source) + " is empty", "it must hold the key");
  bool foreign =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7F; });
  if (foreign)
    return fail(where,
                named(source) +
                    " holds a space, a line break or another character that no "
                    "key has (not shown)",
                "it must hold the key and nothing else");
  return secret(std::string(text));
}

expected<secret> from_environment(const credential_source& source, const std::string& where) {
  const char* value = std::getenv(source.env.c_str());
  if (!value) return fail(where, named(source) + " is not set", "export " + source.env + "=...");
  return checked_key(value, source, where);
}

/// Whether nobody but us can read the open file.
expected<void> check_private(int fd, const credential_source& source, const std::string& where) {
  struct stat info {};
  if (::fstat(fd, &info) != 0)
    return fail(where, "cannot read " + named(source) + ": " + std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return fail(where, named(source) + " is not a regular file");
  if (info.st_uid != ::geteuid())
    return fail(where, named(source) + " belongs to another user", "make it your own: chown");
  if ((info.st_mode & 077) != 0)
    return fail(where, named(source) + " can be read or changed by others",
                "chmod 600 " + source.file);
  return {};
}

/// Checks the descriptor and not the path, so that nobody can swap the file in between.
expected<secret> from_file(const credential_source& source, const std::string& where) {
  descriptor file(::open(source.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  auto unreadable = [&] {
    return fail(where, "cannot read " + named(source) + ": " + std::strerror(errno));
  };
  if (file.get() < 0) return unreadable();
  if (auto good = check_private(file.get(), source, where); !good)
    return tl::make_unexpected(good.error());
  std::string text(longest_key + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    auto got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable();
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > longest_key)
    return fail(where, named(source) + " is larger than 16 KiB, too large for a key");
  return checked_key(std::string_view(text).substr(0, size), source, where);
}

}  // namespace

expected<secret> resolve(const credential_source& source, const std::string& provider) {
  auto where = "providers." + provider;
  if (!source.env.empty()) return from_environment(source, where);
  if (!source.file.empty()) return from_file(source, where);
  return secret();
}

std::string account_identity(const provider_settings& p) {
  return to_string(hash_parts({"account", p.base_url, p.credential.env, p.credential.file}));
}

std::string scrub(std::string text, std::string_view secret) {
  constexpr std::string_view mark = "[key]";
  auto at = secret.empty() ? std::string::npos : text.find(secret);
  if (at == std::string::npos) return text;
  std::string out;
  std::size_t done = 0;
  for (; at != std::string::npos; at = text.find(secret, done)) {
    out.append(text, done, at - done).append(mark);
    done = at + secret.size();
  }
  return out.append(text, done);
}

}  // namespace assay::catalog
