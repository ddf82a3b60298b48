#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/cli/input.hpp"
#include "app/cli/past_run.hpp"
#include "app/report/summary.hpp"
#include "app/report/text.hpp"
#include "app/run/embedded_mocks.hpp"
#include "app/run/judging.hpp"
#include "app/run/session.hpp"
#include "app/run/stored_verdicts.hpp"
#include "config/load.hpp"
#include "evaluation/graders/model_judge.hpp"
#include "evaluation/judge.hpp"
#include "messages/known_names.hpp"

namespace assay::cli {

namespace {

struct judge_options {
  std::string run = "latest";
  std::string file;
  std::string judge;
  bool unsafe_no_sandbox = false;
};

/// The judge of that name in the file, or the rule that needs no declaration.
expected<judge_settings> find_judge(const settings& all, const std::string& name) {
  if (const auto* declared = find_named(all.judges, name)) return *declared;
  const bool plain = known::contains(known::judges, name) &&
                     !known::contains(known::model_judges, name) && name != "command";
  if (plain) {
    judge_settings judge;
    judge.name = judge.type = name;
    judge.programs = all.sandbox;
    return judge;
  }
  std::vector<std::string_view> names(known::judges.begin(), known::judges.end());
  for (const auto& judge : all.judges) names.push_back(judge.name);
  const auto close = nearest(name, names);
  return fail(all.file, "no judge is called '" + name + "'",
              close.empty() ? "declare it: [judges." + name + "]"
                            : "did you mean '" + std::string(close) + "'?");
}

tl::unexpected<std::vector<problem>> one_problem(const problem& p) {
  return tl::make_unexpected(std::vector<problem>{p});
}

/// Makes the run's setup name the judge, so that reports know its type and models.
expected<void> note_judge(past_run& run, const judge_settings& judge) {
  auto made_with = report::setup_from_json(run.info.setup_json);
  if (!made_with) return tl::make_unexpected(made_with.error());
  auto& judges = made_with->judges;
  std::erase_if(judges, [&](const auto& other) { return other.name == judge.name; });
  judges.push_back(report::setup_of(judge));
  run.info.setup_json = report::to_json(*made_with);
  auto opened = run.ledger->open_run(run.info);
  return opened ? expected<void>() : tl::make_unexpected(opened.error());
}

/// Leaves the run as it stood, with a summary that knows the new verdicts.
expected<report::run_summary> close(past_run& run) {
  if (run.info.state == storage::run_state::running)  // it had ended without a word
    run.info.state = storage::run_state::interrupted;
  auto summary = report::summarise(*run.ledger, run.info);
  if (!summary) return summary;
  auto ended = run.ledger->end_run(run.info.id, run.info.state, run.info.ended_unix_ns,
                                   report::to_json(*summary));
  if (!ended) return tl::make_unexpected(ended.error());
  return summary;
}

void tell(const judge_settings& judge, const app::judged_again& done, bool last) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  if (!last && !terminal) return;
  std::fprintf(stderr, "%s%s: %zu answers judged, %zu unscored%s", terminal ? "\r" : "",
               judge.name.c_str(), done.verdicts, done.unscored, last ? "\n" : "");
  std::fflush(stderr);
}

int print(const report::run_summary& summary, const std::string& judge, const globals& options) {
  const auto text = options.json ? report::to_json(summary) + "\n" : report::to_text(summary);
  std::fwrite(text.data(), 1, text.size(), stdout);
  for (const auto& check : summary.thresholds)
    if (check.judge == judge && check.missed()) return threshold_missed;
  return success;
}

/// What a judge's session came to.
struct asked {
  app::session_end end;
  std::size_t left = 0;  ///< verdicts that are still owed
};

/// The session has the run's ledger meanwhile, and gives it back. REQUIRES: stop signals blocked.
checked<asked> judge_by_models(past_run& run, std::unique_ptr<storage::run_lock> lock,
                               const settings& all, const judge_settings& judge,
                               const globals& options) {
  auto anchor = app::anchor_now();
  auto session = app::prepare_judging(
      {all, judge, run.ledger_path, std::move(run.ledger), run.info, std::move(lock)});
  if (!session) return tl::make_unexpected(session.error());
  if (!options.quiet)
    std::fprintf(stderr, "%s: %zu answers to be judged by models (run %lld, %s)\n",
                 judge.name.c_str(), session->owed, static_cast<long long>(run.info.id),
                 run.ledger_path.c_str());
  asked done;
  if (session->owed > 0)
    done.end = app::run_session(*session, {options.quiet, isatty(STDERR_FILENO) == 1}, anchor);
  if (!done.end.stopped_by.empty())
    std::fprintf(stderr, "stopped: %s\nrun the same command again to continue\n",
                 done.end.stopped_by.c_str());
  auto left = app::count_owed(*session->ledger, run.info.id, session->conductors);
  if (!left) return one_problem(left.error());
  done.left = *left;
  run.ledger = std::move(session->ledger);
  return done;
}

expected<void> judge_by_rule(past_run& run, const judge_settings& judge, const globals& options) {
  auto rule = evaluation::make_judge(judge);
  if (!rule) return tl::make_unexpected(rule.error());
  auto told = [&](const app::judged_again& done) {
    if (!options.quiet) tell(judge, done, false);
  };
  auto done = app::judge_stored(*run.ledger, run.info.id, judge, **rule, app::anchor_now(), told);
  if (!done) return tl::make_unexpected(done.error());
  if (!options.quiet) tell(judge, *done, true);
  return {};
}

/// A session like a run's; the simulated providers that it needs live as long as it does.
int ask_models(past_run& run, std::unique_ptr<storage::run_lock> lock, settings all,
               const judge_settings& judge, const globals& options) {
  app::block_stop_signals();
  auto mocks = app::start_embedded_mocks(std::move(all));
  if (!mocks) {
    print_problems(mocks.error());
    return usage_error;
  }
  auto done = judge_by_models(run, std::move(lock), mocks->config, judge, options);
  if (!done) {
    print_problems(done.error());
    return usage_error;
  }
  if (done->end.interrupted) return interrupted;
  return done->left > 0 ? some_errors : success;
}

int apply_rule(past_run& run, const judge_settings& judge, const globals& options) {
  auto judged = judge_by_rule(run, judge, options);
  return judged ? success : complain(judged.error());
}

int judge(const judge_options& wanted, const globals& options) {
  auto run = find_past_run(options, wanted.run);
  if (!run) return complain(run.error());
  auto all = config::load(wanted.file.empty() ? run->info.file : wanted.file);
  if (!all) {
    print_problems(all.error());
    return usage_error;
  }
  auto found = find_judge(*all, wanted.judge);
  if (!found) return complain(found.error());
  found->programs.unsafe = wanted.unsafe_no_sandbox;
  auto lock = run->ledger->lock_run(run->info.id);
  if (!lock) return complain(lock.error());
  const auto code = evaluation::asks_models(found->type)
                        ? ask_models(*run, std::move(*lock), std::move(*all), *found, options)
                        : apply_rule(*run, *found, options);
  if (code == usage_error) return code;
  if (auto noted = note_judge(*run, *found); !noted) return complain(noted.error());
  auto summary = close(*run);
  if (!summary) return complain(summary.error());
  const auto shown = print(*summary, found->name, options);
  return code == success ? shown : code;
}

}  // namespace

void add_judge(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<judge_options>();
  auto* command =
      app.add_subcommand("judge", "Judge the stored answers of a run, without asking for new ones");
  command->add_option("RUN", wanted->run, "Id, experiment name, or `latest`")
      ->capture_default_str();
  command->add_option("FILE", wanted->file,
                      "Experiment file that declares the judge [the one the run was made from]");
  command
      ->add_option("--judge", wanted->judge,
                   "The judge: its name in the file, or a rule such as `exact`")
      ->required();
  command->add_flag("--unsafe-no-sandbox", wanted->unsafe_no_sandbox,
                    "Run programs with your own rights, where there is no bubblewrap");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return judge(*wanted, options); };
  });
}

}  // namespace assay::cli
