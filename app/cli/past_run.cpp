#include "app/cli/past_run.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace assay::cli {

namespace {

constexpr std::size_t most_named = 8;

/// The newest runs, for a message.
std::string what_there_is(storage::ledger& ledger) {
  auto runs = ledger.runs();
  if (!runs || runs->empty()) return "run an experiment first: `assay run FILE`";
  std::string list = "the ledger has ";
  for (std::size_t i = 0; i < runs->size() && i < most_named; ++i)
    list += (i ? ", " : "") + std::to_string((*runs)[i].id) + " (" + (*runs)[i].experiment + ")";
  if (runs->size() > most_named)
    list += " and " + std::to_string(runs->size() - most_named) + " more: `assay runs` lists them";
  return list;
}

}  // namespace

expected<std::unique_ptr<storage::ledger>> open_existing(const std::string& path) {
  if (!storage::may_exist(path))
    return fail(path, "there is no ledger here",
                "name one with --ledger, or run an experiment first: `assay run FILE`");
  return storage::open_ledger(path);
}

expected<past_run> find_past_run(const globals& options, const std::string& name) {
  const auto path = ledger_path(options);
  auto ledger = open_existing(path);
  if (!ledger) return tl::make_unexpected(ledger.error());
  auto info = (*ledger)->find_run(name);
  if (!info) return fail(path, info.error().what + ": `" + name + "`", what_there_is(**ledger));
  return past_run{path, std::move(*ledger), std::move(*info)};
}

std::string file_name(const storage::run_info& run, const std::string& extension) {
  auto name = run.experiment + "-run" + std::to_string(run.id);
  for (char& c : name)
    if (c == '/' || static_cast<unsigned char>(c) < 0x20) c = '_';
  return name + extension;
}

std::string path_beside(const past_run& run, const std::string& extension) {
  return (folder_beside(run.ledger_path) / file_name(run.info, extension)).string();
}

int complain(const problem& p) {
  std::fprintf(stderr, "%s\n", render(p).c_str());
  return usage_error;
}

expected<void> write_output(const std::string& path, const std::string& text) {
  if (path == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return {};
  }
  std::error_code ignored;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) return fail(path, "cannot be written", "does the folder exist, and is it writable?");
  return {};
}

}  // namespace assay::cli
