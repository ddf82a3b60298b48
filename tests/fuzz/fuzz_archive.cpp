#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "storage/archive.hpp"

using namespace assay;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// A row that was read is written as a row that is read as the same.
expected<void> check_row(storage::archived_row row) {
  std::string line, again;
  const auto& table = storage::tables_of_a_ledger().at(row.table);
  storage::row_line(table, row.values, line);
  auto back = storage::read_row_line(line, "again");
  require(back.has_value());
  storage::row_line(table, back->values, again);
  require(line == again);
  return {};
}

expected<storage::archive_header> read_packed(std::string_view bytes) {
  static const int file = ::memfd_create("archive", 0);
  require(::ftruncate(file, 0) == 0);
  require(::pwrite(file, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  return storage::read_archive("/proc/self/fd/" + std::to_string(file), check_row);
}

expected<storage::archive_header> read_plain(std::string_view bytes) {
  std::string_view line;
  auto next = [&] {
    if (bytes.empty()) return false;
    line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
    return true;
  };
  return storage::read_archive_lines({next, [&] { return line; }, [] { return "f:1"; }}, check_row);
}

}  // namespace

/// The first byte says whether the rest is the file or what is packed in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto read = data[0] & 1 ? read_packed(bytes) : read_plain(bytes);
  if (read)
    require(storage::read_header(storage::header_line(*read), "again") == *read);
  else
    require(!read.error().where.empty() && !read.error().what.empty());
  return 0;
}
