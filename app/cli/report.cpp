#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/cli/past_run.hpp"
#include "app/report/html.hpp"
#include "app/report/markdown.hpp"

namespace assay::cli {

namespace {

constexpr std::size_t most_rows = 500;

struct report_options {
  std::string run = "latest";
  std::string format = "html";
  std::string output;
};

int write_report(const report_options& wanted, const globals& options) {
  auto run = find_past_run(options, wanted.run);
  if (!run) return complain(run.error());
  auto summary = report::summarise(*run->ledger, run->info);
  if (!summary) return complain(summary.error());
  auto samples = report::choose_samples(*run->ledger, *summary);
  if (!samples) return complain(samples.error());
  const auto document = report::describe(*summary, most_rows);
  const bool html = wanted.format == "html";
  const auto path =
      wanted.output.empty() ? path_beside(*run, html ? ".html" : ".md") : wanted.output;
  auto written = write_output(
      path, html ? report::to_html(document, *samples) : report::to_markdown(document, *samples));
  if (!written) return complain(written.error());
  if (path == "-") return success;
  constexpr auto replace = nlohmann::json::error_handler_t::replace;
  if (options.json)
    std::printf("%s\n", nlohmann::json{{"report", path}}.dump(-1, ' ', false, replace).c_str());
  else if (!options.quiet)
    std::printf("report: %s\n", path.c_str());
  return success;
}

}  // namespace

void add_report(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<report_options>();
  auto* command = app.add_subcommand("report", "Write the report of a run as one file");
  command->add_option("RUN", wanted->run, "Id, experiment name, or `latest`")
      ->capture_default_str();
  command->add_option("--format", wanted->format, "html or md")
      ->check(CLI::IsMember({"html", "md"}))
      ->capture_default_str();
  command->add_option("-o,--output", wanted->output,
                      "Where to; `-` for stdout [beside the ledger]");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return write_report(*wanted, options); };
  });
}

}  // namespace assay::cli
