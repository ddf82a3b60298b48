#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "app/importing/importing.hpp"
#include "tests/folder.hpp"

namespace assay::tests {

/// A folder of files to import, gone with the test.
class importing_folder {
 public:
  std::string write(const std::string& name, const std::string& text) const {
    return folder_.write(name, text);
  }

  std::string path(const std::string& name) const { return (folder_.path / name).string(); }

  importing::request request(const std::string& name) const {
    importing::request wanted;
    wanted.path = path(name);
    wanted.env = [this](const std::string& variable) -> std::optional<std::string> {
      auto found = environment.find(variable);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    return wanted;
  }

  /// Imports `text` as the file `name`; fails the test if that cannot be done.
  importing::draft imported(const std::string& name, const std::string& text,
                            std::vector<std::string> models = {}) const {
    write(name, text);
    auto wanted = request(name);
    wanted.models = std::move(models);
    auto read = importing::import_file(wanted);
    if (!read) FAIL(render(read.error().front()));
    return *read;
  }

  /// The first problem of a file that cannot be imported, without the folder.
  std::string problem(const std::string& name, const std::string& text,
                      std::vector<std::string> models = {}) const {
    write(name, text);
    auto wanted = request(name);
    wanted.models = std::move(models);
    auto read = importing::import_file(wanted);
    return read ? "" : without_folder(render(read.error().front()));
  }

  std::string without_folder(std::string text) const {
    auto folder = folder_.path.string() + "/";
    for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
      text.erase(at, folder.size());
    return text;
  }

  std::vector<std::string> notes(const importing::draft& d) const {
    std::vector<std::string> all;
    for (auto& note : d.notes) all.push_back(without_folder(render(note)));
    return all;
  }

  /// The experiment as assay itself reads it from what was written.
  settings loaded(const importing::draft& d) const {
    auto file = write("imported.toml", to_toml(d, "imported.samples.jsonl"));
    write("imported.samples.jsonl", to_jsonl(d));
    auto read = config::load(file, request("x").env);
    if (!read) FAIL(render(read.error().front()));
    return *read;
  }

  std::map<std::string, std::string> environment;

 private:
  folder folder_;
};

}  // namespace assay::tests
