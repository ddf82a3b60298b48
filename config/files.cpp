#include "config/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "config/node.hpp"
#include "config/text.hpp"

namespace assay::config {

file_reader disk() {
  return [](const std::string& path) -> expected<std::string> {
    auto failed = [&](int error) {
      return fail({}, "cannot read " + in_quotes(path) + ": " + std::strerror(error));
    };
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                         &std::fclose);
    if (!file) return failed(errno);
    std::string text(largest_file + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get())) return failed(errno);
    return text;
  };
}

std::string resolve_path(const std::string& path, const std::string& file, const environment& env) {
  if (path.empty()) return path;
  if (path.starts_with("~/")) {
    if (auto home = env("HOME"); home && !home->empty()) return *home + path.substr(1);
  }
  auto folder = std::filesystem::path(file).parent_path();
  return (folder / path).lexically_normal().string();
}

void resolve_words(std::vector<std::string>& words, const std::string& file,
                   const environment& env) {
  for (auto& word : words) {
    if (!word.starts_with("./") && !word.starts_with("../") && !word.starts_with("~/")) continue;
    word = resolve_path(word, file, env);
    if (!word.starts_with("/")) word.insert(0, "./");
  }
}

}  // namespace assay::config
