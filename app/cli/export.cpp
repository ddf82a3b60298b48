#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/cli/past_run.hpp"
#include "app/report/export.hpp"

namespace assay::cli {

namespace {

struct export_options {
  std::string run = "latest";
  std::string format;
  std::string output;
};

expected<void> write_rows(past_run& run, const std::string& format, std::ostream& out) {
  return format == "csv" ? report::export_csv(*run.ledger, run.info, out)
                         : report::export_jsonl(*run.ledger, run.info, out);
}

/// Writes one file; `-` is stdout.
expected<std::vector<std::string>> export_file(past_run& run, const export_options& wanted) {
  if (wanted.output == "-") {
    auto written = write_rows(run, wanted.format, std::cout);
    std::cout.flush();
    if (!written) return tl::make_unexpected(written.error());
    return std::vector<std::string>{};
  }
  const auto path = wanted.output.empty() ? path_beside(run, "." + wanted.format) : wanted.output;
  std::error_code ignored;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  std::ofstream out(path, std::ios::binary);
  auto written = write_rows(run, wanted.format, out);
  out.close();
  if (!written) return tl::make_unexpected(written.error());
  if (!out) return fail(path, "cannot be written", "does the folder exist, and is it writable?");
  return std::vector<std::string>{path};
}

expected<std::vector<std::string>> export_run(past_run& run, const export_options& wanted) {
  if (wanted.format != "lm-eval") return export_file(run, wanted);
  if (wanted.output == "-")
    return fail("--output", "lm-eval writes several files", "name a folder");
  const auto folder = wanted.output.empty() ? path_beside(run, "-lm-eval") : wanted.output;
  return report::export_lm_eval(*run.ledger, run.info, folder);
}

int write_export(const export_options& wanted, const globals& options) {
  auto run = find_past_run(options, wanted.run);
  if (!run) return complain(run.error());
  auto paths = export_run(*run, wanted);
  if (!paths) return complain(paths.error());
  if (wanted.output == "-") return success;
  constexpr auto replace = nlohmann::json::error_handler_t::replace;
  if (options.json)
    std::printf("%s\n", nlohmann::json{{"files", *paths}}.dump(-1, ' ', false, replace).c_str());
  else if (!options.quiet)
    for (const auto& path : *paths) std::printf("%s\n", path.c_str());
  return success;
}

}  // namespace

void add_export(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<export_options>();
  auto* command = app.add_subcommand("export", "Write the records of a run for other programs");
  command->add_option("RUN", wanted->run, "Id, experiment name, or `latest`")
      ->capture_default_str();
  command->add_option("--format", wanted->format, "jsonl, csv or lm-eval")
      ->check(CLI::IsMember({"jsonl", "csv", "lm-eval"}))
      ->required();
  command->add_option("-o,--output", wanted->output,
                      "File, or folder for lm-eval; `-` for stdout [beside the ledger]");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return write_export(*wanted, options); };
  });
}

}  // namespace assay::cli
