#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "app/cli/carry_out.hpp"
#include "app/cli/input.hpp"
#include "app/cli/past_run.hpp"
#include "app/extract/request.hpp"
#include "app/extract/result.hpp"
#include "config/extraction_template.hpp"
#include "config/load.hpp"
#include "evaluation/extraction/extraction.hpp"

namespace assay::cli {

namespace {

struct extract_options {
  extract::request wanted;
  std::string config = "assay.toml";
  std::string output;
};

int complain(const std::vector<problem>& problems) {
  print_problems(problems);
  return usage_error;
}

/// The settings with the request as their only experiment; its dataset is written beside the
/// ledger.
checked<settings> settings_of(const extract_options& options, const globals& all_options) {
  using several = std::vector<problem>;
  auto all = config::load(options.config);
  if (!all) return all;
  auto what = config::load_template(options.wanted.template_path);
  if (!what) return tl::make_unexpected(std::move(what.error()));
  auto usable = evaluation::extraction_job::make(*what, {}, all->extraction);
  if (!usable) return tl::make_unexpected(std::move(usable.error()));
  auto model = extract::choose_model(options.wanted, *all);
  if (!model) return tl::make_unexpected(several{model.error()});
  auto folder = folder_beside(ledger_of(all_options, *all));
  auto rows = (folder / (extract::run_name(options.wanted, *what) + ".jsonl")).string();
  auto written = write_output(rows, extract::row_of(options.wanted, *what));
  if (!written) return tl::make_unexpected(several{written.error()});
  return extract::as_experiment(std::move(*all), *model, rows);
}

expected<nlohmann::ordered_json> stored_result(app::prepared_run& run) {
  expected<nlohmann::ordered_json> result = fail("ledger", "the run has no sample");
  auto read = run.ledger->rows(run.info.id, [&](const storage::ledger_row& row) {
    result = extract::result_of(row, run.info.id);
  });
  if (!read) return tl::make_unexpected(read.error());
  return result;
}

/// Prints a result; what is wanted of a form is wanted of its required fields.
int print(const nlohmann::ordered_json& result, const extract_options& options,
          const globals& all_options, int code) {
  auto json = result.dump(2) + "\n";
  auto text = all_options.json ? json : extract::to_text(result);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!options.output.empty()) {
    if (auto written = write_output(options.output, json); !written)
      return complain({written.error()});
  }
  if (code == success && extract::lacks_required(result)) return threshold_missed;
  return code;
}

int fill_template(const extract_options& options, const globals& all_options) {
  auto all = settings_of(options, all_options);
  if (!all) return complain(all.error());
  app::block_stop_signals();
  auto here = app::real_stage(std::move(*all));
  if (!here) return complain(here.error());
  auto anchor = (*here)->now();
  const auto& config = (*here)->config();
  auto run = app::prepare(config, config.experiments[0], ledger_of(all_options, config), anchor);
  if (!run) return complain(run.error());
  announce(*run, all_options);
  auto done = carry_out(*run, all_options, anchor, **here);
  if (!done) {
    print_problems({done.error()});
    return some_errors;
  }
  auto result = stored_result(*run);
  if (result) return print(*result, options, all_options, done->code);
  print_problems({result.error()});
  return done->code == success ? some_errors : done->code;
}

}  // namespace

void add_extract(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<extract_options>();
  auto* command = app.add_subcommand(
      "extract", "Fill a template of fields from the text files of a folder, in few calls");
  command->add_option("TEMPLATE", wanted->wanted.template_path, "The fields (TOML)")->required();
  command->add_option("--docs", wanted->wanted.documents_path, "Folder of the documents, or a file")
      ->required();
  command->add_option("--config", wanted->config, "Experiment file that declares the model")
      ->capture_default_str();
  command->add_option("--model", wanted->wanted.model,
                      "Who is asked [model of [extraction], else the only one]");
  command->add_option("--output", wanted->output, "Also write the filled template here, as JSON");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return fill_template(*wanted, options); };
  });
}

}  // namespace assay::cli
