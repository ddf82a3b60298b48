#include "app/cli/imported.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "app/cli/command.hpp"
#include "messages/task_key.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;

expected<void> write_text(const std::string& path, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return fail(path, "cannot be written", "is the folder writable?");
  return {};
}

}  // namespace

imported_files files_of(const std::string& experiment) {
  auto samples = fs::path(experiment).replace_extension(".samples.jsonl");
  return {experiment, samples.string()};
}

expected<void> write_imported(const importing::draft& d, const imported_files& files,
                              bool replace) {
  std::error_code ignored;
  for (auto& path : {files.experiment, files.samples})
    if (!replace && fs::exists(path, ignored))
      return fail(path, "already exists", "--force replaces it");
  if (auto ok = write_text(files.samples, to_jsonl(d)); !ok) return ok;
  return write_text(files.experiment, to_toml(d, fs::path(files.samples).filename().string()));
}

void print_notes(const importing::draft& d) {
  for (auto& note : d.notes) std::fprintf(stderr, "not understood: %s\n", render(note).c_str());
}

checked<importing::draft> import_for_run(const importing::request& wanted,
                                         const std::string& ledger, std::string& experiment_file) {
  auto read = importing::import_file(wanted);
  if (!read) return read;
  std::error_code ignored;
  auto place = fs::absolute(wanted.path, ignored).lexically_normal();
  auto stem = place.stem().string() + "-" + to_string(hash_parts({place.string()})).substr(0, 8);
  experiment_file = (folder_beside(ledger) / "imported" / (stem + ".toml")).string();
  auto written = write_imported(*read, files_of(experiment_file), true);
  if (!written) return tl::make_unexpected(std::vector<problem>{written.error()});
  print_notes(*read);
  std::fprintf(stderr, "imported %s (%s) as %s\n", wanted.path.c_str(), read->tool.c_str(),
               experiment_file.c_str());
  return read;
}

}  // namespace assay::cli
