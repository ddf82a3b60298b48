#include <unistd.h>

#include "evaluation/judges/program_runs.hpp"
#include "evaluation/judges/program_text.hpp"
#include "evaluation/judges/text_judge.hpp"
#include "evaluation/sandbox/failure.hpp"
#include "evaluation/text/unicode.hpp"
#include "messages/task_key.hpp"

/// The judge that runs the program in an answer (docs/programs.md).
namespace assay::evaluation {

namespace {

constexpr auto python = "/usr/bin/python3";
constexpr auto default_compare = "numeric";

/// -I -S: nothing of the user's, and no site packages; without them Python starts twice as fast.
sandbox::command command_for(std::string source) {
  return {{python, "-I", "-S", "program.py"}, {}, {{"program.py", std::move(source)}}};
}

std::string_view last_line(std::string_view text) {
  text = strip(text);
  auto start = text.rfind('\n');
  return start == std::string_view::npos ? text : text.substr(start + 1);
}

class program_judge : public text_judge {
 public:
  program_judge(filter_chain filters, std::shared_ptr<program_runs> runs,
                std::shared_ptr<const rule_judge> reader)
      : text_judge(std::move(filters)), runs_(std::move(runs)), reader_(std::move(reader)) {}

  unsigned blocks() const override { return sandbox::workers(runs_->box().settings()); }

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    auto test = test_of(asked);
    if (!test && asked.targets.empty())
      return unscored("the sample has no target, and no test with its entry_point");
    auto program = extract_program(text, test ? test->entry_point : std::string_view());
    if (strip(program).empty()) return scored(0, "[invalid]", "the answer has no program");
    auto v = test ? run_test(asked, *test, program) : run_for_output(asked, std::move(program));
    if (!runs_->box().confines())
      v.explanation += v.explanation.empty() ? "run without a sandbox" : ", run without a sandbox";
    return v;
  }

  /// Right if the test comes to its end: a program that leaves before it has not passed.
  verdict run_test(const sample& asked, const program_test& test,
                   const std::string& program) const {
    auto token = to_string(hash_parts({program, test.code}));
    auto r = runs_->run(command_for(with_test(asked, test, program, token)));
    if (!r) return unscored(render(r.error()));
    if (!r->good())
      return scored(0, "failed", sandbox::describe_failure(*r, runs_->box().settings()));
    if (last_line(r->out) != token) return scored(0, "failed", "it ended before its test did");
    return scored(1, "passed");
  }

  /// Right if what it prints is, to the judge that reads it.
  verdict run_for_output(const sample& asked, std::string program) const {
    auto r = runs_->run(command_for(std::move(program)));
    if (!r) return unscored(render(r.error()));
    if (!r->good())
      return scored(0, "[invalid]", sandbox::describe_failure(*r, runs_->box().settings()));
    answer printed;
    printed.text = std::string(strip(r->out));
    if (printed.text.empty()) return scored(0, "[invalid]", "the program printed nothing");
    auto v = reader_->score(asked, printed);
    if (v.scored && v.score == 0 && v.explanation.empty()) v.explanation = "wrong output";
    return v;
  }

  std::shared_ptr<program_runs> runs_;
  std::shared_ptr<const rule_judge> reader_;
};

/// The judge of what a program prints, with the options that it shares with this one.
made_judge make_reader(judge_settings settings, const std::string& where) {
  settings.type = settings.compare.empty() ? default_compare : settings.compare;
  settings.compare.clear();
  settings.filters.clear();
  settings.k = 1;
  if (settings.type == "program" || settings.type == "pass-at-k")
    return fail(where, "compare cannot be '" + settings.type + "'",
                "name the judge that reads what a program prints, e.g. numeric or exact");
  return make_judge(settings);
}

}  // namespace

made_judge make_program(const judge_settings& settings, const std::string& where) {
  if (::access(python, X_OK) != 0)
    return fail(where, std::string("there is no ") + python + ", which runs the programs",
                "apt-get install python3");
  auto reader = make_reader(settings, where);
  if (!reader) return reader;
  auto runs = program_runs::shared(settings.programs);
  if (!runs) return fail(where, runs.error().what, runs.error().fix);
  return with_filters<program_judge>(settings.filters, where, std::move(*runs), std::move(*reader));
}

}  // namespace assay::evaluation
