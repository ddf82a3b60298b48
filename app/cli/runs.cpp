#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/cli/past_run.hpp"
#include "app/report/document_tables.hpp"
#include "app/report/figures.hpp"
#include "app/report/text.hpp"

namespace assay::cli {

namespace {

void print_json(const std::vector<storage::run_info>& runs) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& run : runs)
    list.push_back({{"id", run.id},
                    {"experiment", run.experiment},
                    {"state", std::string(storage::to_string(run.state))},
                    {"tasks", run.tasks},
                    {"done", run.done},
                    {"errors", run.errors},
                    {"started", report::iso_utc(run.started_unix_ns)},
                    {"ended", report::iso_utc(run.ended_unix_ns)},
                    {"file", run.file}});
  const auto replace = nlohmann::ordered_json::error_handler_t::replace;
  std::printf("%s\n", nlohmann::ordered_json{{"runs", list}}.dump(-1, ' ', false, replace).c_str());
}

void print_table(const std::vector<storage::run_info>& runs) {
  report::table shown{"",
                      {{"run", true},
                       {"experiment"},
                       {"state"},
                       {"done", true},
                       {"errors", true},
                       {"started"},
                       {"file"}}};
  for (const auto& run : runs)
    shown.rows.push_back({{std::to_string(run.id)},
                          {run.experiment},
                          {std::string(storage::to_string(run.state))},
                          {std::to_string(run.done) + "/" + std::to_string(run.tasks)},
                          {std::to_string(run.errors)},
                          {report::show_utc(run.started_unix_ns).substr(0, 16)},
                          {run.file}});
  std::printf("%s", report::to_text(shown).c_str());
}

int list_runs(const globals& options) {
  auto ledger = open_existing(ledger_path(options));
  if (!ledger) return complain(ledger.error());
  auto runs = (*ledger)->runs();
  if (!runs) return complain(runs.error());
  if (options.json)
    print_json(*runs);
  else if (runs->empty())
    std::printf("no runs yet\n");
  else
    print_table(*runs);
  return success;
}

}  // namespace

void add_runs(CLI::App& app, globals& options, action& chosen) {
  auto* command = app.add_subcommand("runs", "List the runs of the ledger, newest first");
  command->callback([&options, &chosen] { chosen = [&options] { return list_runs(options); }; });
}

}  // namespace assay::cli
