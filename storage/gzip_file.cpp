#include "storage/gzip_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace assay::storage {

namespace {

constexpr std::size_t portion = 256 << 10;

/// As much as a row of a ledger can hold.
constexpr std::size_t longest_line = std::size_t{1} << 30;

constexpr char get_another[] = "take another copy of the file";

/// So that the name is on the disk, too.
void sync_folder(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path();
  int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

// -- writing --------------------------------------------------------------------------------------

gzip_writer::gzip_writer(std::string path) : path_(std::move(path)), temporary_(path_ + ".part") {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  int own = descriptor_ < 0 ? -1 : ::dup(descriptor_);
  if (own >= 0) file_ = ::gzdopen(own, "wb6");
  if (!file_) {
    error_ = errno ? errno : ENOMEM;
    return;
  }
  ::gzbuffer(file_, portion);
}

gzip_writer::~gzip_writer() {
  if (file_) ::gzclose_w(file_);
  if (descriptor_ >= 0) ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

void gzip_writer::write(std::string_view bytes) {
  while (error_ == 0 && !bytes.empty()) {
    auto now = bytes.substr(0, std::size_t{1} << 30);
    errno = 0;
    if (::gzwrite(file_, now.data(), static_cast<unsigned>(now.size())) <= 0)
      error_ = errno ? errno : EIO;
    bytes.remove_prefix(now.size());
  }
}

expected<void> gzip_writer::finish() {
  errno = 0;
  if (file_ && ::gzclose_w(file_) != Z_OK && error_ == 0) error_ = errno ? errno : EIO;
  file_ = nullptr;
  if (error_ == 0 && ::fsync(descriptor_) != 0) error_ = errno;
  if (error_ != 0) return failure("cannot be written", error_);
  return {};
}

expected<void> gzip_writer::publish() {
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return failure("cannot be named", errno);
  sync_folder(path_);
  return {};
}

expected<void> gzip_writer::failure(const char* what, int error) const {
  return fail(path_, std::string("the archive ") + what + ": " + std::strerror(error),
              "does the folder exist, is it writable, and is there room?");
}

// -- reading --------------------------------------------------------------------------------------

gzip_lines::gzip_lines(std::string path) : path_(std::move(path)) {
  errno = 0;
  file_ = ::gzopen(path_.c_str(), "rbe");
  if (!file_) {
    failure_ = {path_, std::string("cannot be read: ") + std::strerror(errno), "name an archive"};
    return;
  }
  ::gzbuffer(file_, portion);
  if (fill() && ::gzdirect(file_))
    failure_ = {path_, "this is not a compressed file",
                "name an archive that `assay db archive` has written"};
}

gzip_lines::~gzip_lines() {
  if (file_) ::gzclose_r(file_);
}

std::string gzip_lines::where() const { return path_ + ":" + std::to_string(number_); }

expected<void> gzip_lines::result() const {
  if (failure_ == problem{}) return {};
  return tl::make_unexpected(failure_);
}

void gzip_lines::fail_with(std::string what, std::string fix) {
  if (failure_ == problem{})
    failure_ = {path_ + ":" + std::to_string(number_ + 1), std::move(what), std::move(fix)};
}

/// Unpacks more; false if there is none.
bool gzip_lines::fill() {
  if (ended_) return false;
  buffer_.erase(0, std::exchange(begin_, 0));
  auto held = buffer_.size();
  if (held > longest_line) {
    fail_with("a line is longer than 1 GB", get_another);
    return false;
  }
  buffer_.resize(held + portion);
  errno = 0;
  auto got = ::gzread(file_, buffer_.data() + held, portion);
  auto system_error = errno;
  buffer_.resize(held + (got > 0 ? static_cast<std::size_t>(got) : 0));
  if (got == static_cast<int>(portion)) return true;
  ended_ = true;
  int code = Z_OK;
  auto reason = ::gzerror(file_, &code);
  if (code == Z_BUF_ERROR)
    fail_with("the file ends in the middle", get_another);
  else if (code == Z_ERRNO)
    fail_with(std::string("cannot be read: ") + std::strerror(system_error), "name an archive");
  else if (code != Z_OK)
    fail_with(std::string("the file is damaged: ") + reason, get_another);
  return got > 0;
}

bool gzip_lines::next() {
  if (!file_) return false;
  for (std::size_t searched = 0; failure_ == problem{};) {
    auto rest = std::string_view(buffer_).substr(begin_);
    auto end = rest.find('\n', searched);
    searched = rest.size();
    if (end == rest.npos && fill()) continue;
    if (rest = std::string_view(buffer_).substr(begin_); rest.empty()) return false;
    line_ = rest.substr(0, end);
    begin_ += end == rest.npos ? rest.size() : end + 1;
    ++number_;
    return failure_ == problem{};
  }
  return false;
}

}  // namespace assay::storage
