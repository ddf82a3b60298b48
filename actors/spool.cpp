#include "actors/spool.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "messages/protocols.hpp"

namespace assay::actors {

namespace {

struct frame {
  std::uint32_t protocol = node_protocol;
  std::uint32_t length = 0;
  std::uint64_t checksum = 0;
};

/// FNV-1a.
std::uint64_t checksum_of(const char* bytes, std::size_t size) {
  std::uint64_t sum = 14'695'981'039'346'656'037u;
  for (std::size_t i = 0; i < size; ++i)
    sum = (sum ^ static_cast<unsigned char>(bytes[i])) * 1'099'511'628'211u;
  return sum;
}

void write(std::ofstream& to, const late_result& r) {
  std::vector<char> bytes;
  caf::binary_serializer put(nullptr, bytes);
  auto copy = r;
  if (put(copy)) return;
  frame f{node_protocol, static_cast<std::uint32_t>(bytes.size()),
          checksum_of(bytes.data(), bytes.size())};
  to.write(reinterpret_cast<const char*>(&f), sizeof f);
  to.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

problem unwritable(const std::string& path) {
  return {path, std::string("cannot be written: ") + std::strerror(errno),
          "name another --results-dir"};
}

}  // namespace

expected<spool> spool::open(const std::string& folder, const std::string& name) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  spool made;
  made.path_ = folder + "/" + name + ".spool";
  if (!std::ofstream(made.path_, std::ios::binary | std::ios::app))
    return tl::make_unexpected(unwritable(made.path_));
  return made;
}

std::vector<late_result> spool::load(std::size_t& damaged) const {
  damaged = 0;
  std::vector<late_result> results;
  if (path_.empty()) return results;
  std::ifstream file(path_, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::size_t at = 0;
  while (bytes.size() - at >= sizeof(frame)) {
    frame f;
    std::memcpy(&f, bytes.data() + at, sizeof f);
    const auto* begin = bytes.data() + at + sizeof f;
    auto whole = f.length <= bytes.size() - at - sizeof f;
    if (!whole || checksum_of(begin, f.length) != f.checksum) break;
    at += sizeof f + f.length;
    late_result r;
    caf::binary_deserializer get(nullptr, begin, f.length);
    if (f.protocol == node_protocol && !get(r))
      results.push_back(std::move(r));
    else
      damaged += sizeof f + f.length;
  }
  damaged += bytes.size() - at;
  return results;
}

expected<void> spool::save(const std::vector<late_result>& results) const {
  if (path_.empty()) return {};
  auto fresh = path_ + ".new";
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    for (const auto& r : results) write(file, r);
    if (!file.flush()) return tl::make_unexpected(unwritable(fresh));
  }
  if (std::rename(fresh.c_str(), path_.c_str()) != 0) return tl::make_unexpected(unwritable(path_));
  return {};
}

expected<void> spool::append(const late_result& r) const {
  if (path_.empty()) return {};
  std::ofstream file(path_, std::ios::binary | std::ios::app);
  write(file, r);
  if (!file.flush()) return tl::make_unexpected(unwritable(path_));
  return {};
}

}  // namespace assay::actors
