#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/cli/past_run.hpp"
#include "app/report/text.hpp"
#include "app/report/usage.hpp"

namespace assay::cli {

namespace {

struct usage_options {
  std::string run = "latest";
  std::string by = "provider";
};

void print_json(const storage::run_info& run, const std::string& by,
                const std::map<std::string, report::call_usage>& rows,
                const report::call_usage& total) {
  using nlohmann::ordered_json;
  auto list = ordered_json::array();
  for (const auto& [name, usage] : rows) {
    ordered_json row{{by, name}};
    row.update(ordered_json::parse(to_json(usage)));
    list.push_back(std::move(row));
  }
  ordered_json object{{"run", {{"id", run.id}, {"experiment", run.experiment}}},
                      {"total", ordered_json::parse(to_json(total))},
                      {"by_" + by, std::move(list)}};
  std::printf("%s\n", object.dump(-1, ' ', false, ordered_json::error_handler_t::replace).c_str());
}

int show_usage(const usage_options& wanted, const globals& options) {
  auto run = find_past_run(options, wanted.run);
  if (!run) return complain(run.error());
  auto usage = report::count_usage(*run->ledger, run->info.id);
  if (!usage) return complain(usage.error());
  const auto& rows = wanted.by == "model" ? usage->by_model() : usage->by_provider();
  if (options.json)
    print_json(run->info, wanted.by, rows, usage->total());
  else if (rows.empty())
    std::printf("run %lld has made no calls\n", static_cast<long long>(run->info.id));
  else
    std::printf("%s",
                report::to_text(report::usage_table(wanted.by, rows, usage->total())).c_str());
  return success;
}

}  // namespace

void add_usage(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<usage_options>();
  auto* command = app.add_subcommand("usage", "Show how many calls a run took, saved and wasted");
  command->add_option("RUN", wanted->run, "Id, experiment name, or `latest`")
      ->capture_default_str();
  command->add_option("--by", wanted->by, "provider or model")
      ->check(CLI::IsMember({"provider", "model"}))
      ->capture_default_str();
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return show_usage(*wanted, options); };
  });
}

}  // namespace assay::cli
