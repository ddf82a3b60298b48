#include "app/cli/new_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace assay::cli {

namespace {

expected<void> write(const std::filesystem::path& path, std::FILE* file, const std::string& text) {
  bool whole = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file) whole = std::fclose(file) == 0 && whole;
  if (!whole) return fail(path, std::string("cannot be written: ") + std::strerror(errno));
  return {};
}

}  // namespace

expected<void> write_new(const std::filesystem::path& path, const std::string& text,
                         const std::string& advice) {
  auto* file = std::fopen(path.c_str(), "wbx");
  if (!file && errno == EEXIST) return fail(path, "already exists", advice);
  return write(path, file, text);
}

expected<void> write_over(const std::filesystem::path& path, const std::string& text) {
  return write(path, std::fopen(path.c_str(), "wb"), text);
}

}  // namespace assay::cli
