#include "actors/spool.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "messages/protocols.hpp"

namespace assay::actors {

namespace {

enum class kind : std::uint32_t {
  result = 1,
  taken = 2,  ///< all results with a lower number
};

struct frame {
  std::uint32_t protocol = node_protocol;
  kind what = kind::result;
  std::uint64_t number = 0;  ///< of results: they count on
  std::uint64_t length = 0;
  std::uint64_t checksum = 0;
};

/// FNV-1a over the frame, but for itself, and what follows.
std::uint64_t checksum_of(frame f, const char* bytes) {
  f.checksum = 0;
  std::uint64_t sum = 14'695'981'039'346'656'037u;
  auto add = [&sum](const char* part, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      sum = (sum ^ static_cast<unsigned char>(part[i])) * 1'099'511'628'211u;
  };
  add(reinterpret_cast<const char*>(&f), sizeof f);
  add(bytes, f.length);
  return sum;
}

void add_entry(std::vector<char>& out, kind what, std::uint64_t number,
               const std::vector<char>& bytes) {
  frame f{node_protocol, what, number, bytes.size(), 0};
  f.checksum = checksum_of(f, bytes.data());
  const auto* head = reinterpret_cast<const char*>(&f);
  out.insert(out.end(), head, head + sizeof f);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

problem unwritable(const std::string& path) {
  return {path, std::string("cannot be written: ") + std::strerror(errno),
          "name another --results-dir"};
}

}  // namespace

struct spool::file {
  std::string path;
  int descriptor = -1;
  std::size_t size = 0;            ///< of all sound entries
  std::deque<std::uint64_t> left;  ///< numbers of the results that were not taken
  std::uint64_t next = 1;

  ~file() {
    if (descriptor >= 0) ::close(descriptor);
  }

  expected<void> cut_to(std::size_t bytes) {
    size = bytes;
    if (::ftruncate(descriptor, static_cast<off_t>(bytes)) != 0)
      return tl::make_unexpected(unwritable(path));
    return {};
  }

  /// All of it or nothing.
  expected<void> write(const std::vector<char>& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      auto n = ::pwrite(descriptor, bytes.data() + done, bytes.size() - done,
                        static_cast<off_t>(size + done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        auto why = unwritable(path);
        (void)cut_to(size);
        return tl::make_unexpected(why);
      }
      done += static_cast<std::size_t>(n);
    }
    size += bytes.size();
    return {};
  }
};

spool::spool(std::unique_ptr<file> f) : file_(std::move(f)) {}
spool::spool(spool&&) noexcept = default;
spool& spool::operator=(spool&&) noexcept = default;
spool::~spool() = default;

expected<spool> spool::open(const std::string& folder, const std::string& name) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  auto f = std::make_unique<file>();
  f->path = folder + "/" + name + ".spool";
  f->descriptor = ::open(f->path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (f->descriptor < 0) return tl::make_unexpected(unwritable(f->path));
  if (::flock(f->descriptor, LOCK_EX | LOCK_NB) != 0)
    return fail(f->path, "another process keeps its results here",
                "name another --results-dir, or stop the other node");
  return spool(std::move(f));
}

spool::contents spool::load() {
  std::ifstream in(file_->path, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  std::map<std::uint64_t, late_result> held;
  contents all;
  std::size_t at = 0;
  while (bytes.size() - at >= sizeof(frame)) {
    frame f;
    std::memcpy(&f, bytes.data() + at, sizeof f);
    const auto* begin = bytes.data() + at + sizeof f;
    auto whole = f.length <= bytes.size() - at - sizeof f;
    if (!whole || checksum_of(f, begin) != f.checksum) break;
    at += sizeof f + f.length;
    file_->next = std::max(file_->next, f.number + 1);
    late_result r;
    caf::binary_deserializer get(nullptr, begin, f.length);
    if (f.protocol == node_protocol && f.what == kind::taken)
      held.erase(held.begin(), held.lower_bound(f.number));
    else if (f.protocol == node_protocol && f.what == kind::result && !get(r))
      held.emplace(f.number, std::move(r));
    else
      all.damaged += sizeof f + f.length;
  }
  all.damaged += bytes.size() - at;
  for (auto& [number, r] : held) {
    file_->left.push_back(number);
    all.results.push_back(std::move(r));
  }
  (void)file_->cut_to(held.empty() ? 0 : at);
  return all;
}

/// What cannot be written has a number all the same: it counts among those that are taken.
expected<void> spool::append(const std::vector<late_result>& results) {
  std::vector<char> out;
  for (const auto& r : results) {
    std::vector<char> bytes;
    caf::binary_serializer put(nullptr, bytes);
    auto copy = r;
    (void)put(copy);  // to memory: it cannot fail
    file_->left.push_back(file_->next);
    add_entry(out, kind::result, file_->next++, bytes);
  }
  return file_->write(out);
}

expected<void> spool::taken(std::size_t count) {
  auto& left = file_->left;
  left.erase(left.begin(),
             left.begin() + static_cast<std::ptrdiff_t>(std::min(count, left.size())));
  if (left.empty()) return file_->cut_to(0);
  std::vector<char> out;
  add_entry(out, kind::taken, left.front(), {});
  return file_->write(out);
}

}  // namespace assay::actors
