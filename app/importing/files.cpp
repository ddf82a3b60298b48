#include "app/importing/files.hpp"

#include <cctype>
#include <fstream>
#include <sstream>

namespace assay::importing {

namespace fs = std::filesystem;

expected<std::string> read_file(const std::string& path) {
  constexpr std::uintmax_t largest = 1 << 30;
  std::error_code error;
  if (fs::is_directory(path, error)) return fail(path, "is a folder, expected a file");
  auto size = fs::file_size(path, error);
  if (error) return fail(path, "cannot be read: " + error.message(), "check the path");
  if (size > largest) return fail(path, "larger than 1 GiB");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return fail(path, "cannot be read");
  return text.str();
}

std::string path_beside(const std::string& stated, const std::string& from) {
  constexpr std::string_view scheme = "file://";
  fs::path path = stated.starts_with(scheme) ? stated.substr(scheme.size()) : stated;
  if (path.is_absolute()) return path.string();
  return (fs::path(from).parent_path() / path).lexically_normal().string();
}

std::string ending_of(const std::string& path) {
  auto ending = fs::path(path).extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return ending;
}

}  // namespace assay::importing
