#include "evaluation/sandbox/declared_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace assay::sandbox {

namespace {

constexpr std::string_view programs = "/usr/bin/";

bool is_host_file(const std::string& word) {
  return word.starts_with("./") || (word.starts_with("/") && !word.starts_with("/usr/"));
}

expected<std::string> program_of(const std::string& word, const std::string& where) {
  if (is_host_file(word))
    return fail(where, "command: the sandbox does not start '" + word + "' by itself",
                "name the program that runs it first: [\"python3\", \"./NAME.py\"]");
  auto path = word.starts_with("/") ? word : std::string(programs) + word;
  if (::access(path.c_str(), X_OK) != 0)
    return fail(where, "command: there is no program " + path + ", and the sandbox has /usr only");
  return path;
}

expected<std::string> content_of(const std::string& path, const std::string& where) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.is_open() || text.fail())
    return fail(where, "command: the file " + path + " cannot be read",
                "paths are seen from the folder of the experiment file");
  return text.str();
}

}  // namespace

expected<command_files> read_files(const std::vector<std::string>& words,
                                   const std::string& where) {
  command_files files;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!is_host_file(words[i])) continue;
    auto content = content_of(words[i], where);
    if (!content) return tl::make_unexpected(content.error());
    files.emplace_back(words[i], std::move(*content));
  }
  return files;
}

expected<command> declared_command(const std::vector<std::string>& words,
                                   const command_files& files, const std::string& where) {
  if (words.empty()) return fail(where, "command: it has no program");
  auto program = program_of(words.front(), where);
  if (!program) return tl::make_unexpected(program.error());
  command made{{std::move(*program)}, {}, {}};
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!is_host_file(words[i])) {
      made.argv.push_back(words[i]);
      continue;
    }
    auto given = std::find_if(files.begin(), files.end(),
                              [&](const auto& file) { return file.first == words[i]; });
    if (given == files.end()) return fail(where, "command: the file " + words[i] + " is missing");
    auto name = std::filesystem::path(words[i]).filename().string();
    if (std::any_of(made.files.begin(), made.files.end(),
                    [&](const auto& file) { return file.first == name; }))
      return fail(where, "command: two files are called '" + name + "'", "rename one");
    made.argv.push_back(name);
    made.files.emplace_back(std::move(name), given->second);
  }
  return made;
}

expected<command> declared_command(const std::vector<std::string>& words,
                                   const std::string& where) {
  return read_files(words, where).and_then([&](const command_files& files) {
    return declared_command(words, files, where);
  });
}

}  // namespace assay::sandbox
