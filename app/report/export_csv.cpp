#include <spdlog/fmt/fmt.h>

#include <ostream>
#include <string>
#include <vector>

#include "app/report/clean_text.hpp"
#include "app/report/export.hpp"
#include "app/report/names.hpp"

namespace assay::report {

namespace {

/// One line of RFC 4180.
class csv_line {
 public:
  void add(std::string_view field) {
    if (!first_) text_ += ',';
    first_ = false;
    const auto clean = valid_utf8(field);
    if (clean.find_first_of(",\"\r\n") == std::string::npos) {
      text_ += clean;
      return;
    }
    text_ += '"';
    for (char c : clean) text_.append(c == '"' ? 2 : 1, c);
    text_ += '"';
  }
  template <class T>
  void add_number(std::optional<T> value) {
    add(value ? fmt::format("{}", *value) : "");
  }
  std::string end() { return text_ + "\r\n"; }

 private:
  std::string text_;
  bool first_ = true;
};

std::optional<double> seconds_between(instant from, instant to) {
  if (from == instant{} || to == instant{}) return std::nullopt;
  return seconds(to - from);
}

const verdict* verdict_of(const storage::ledger_row& row, const std::string& judge) {
  for (const auto& v : row.verdicts)
    if (v.judge == judge) return &v;
  return nullptr;
}

std::string head_of(const std::vector<std::string>& judges) {
  csv_line line;
  for (const char* name :
       {"key",      "dataset",   "model",  "prompt",    "task_type",    "difficulty",
        "mode",     "sample_id", "epoch",  "status",    "error_class",  "error_message",
        "provider", "attempts",  "ttft_s", "latency_s", "input_tokens", "output_tokens",
        "cost_usd", "finish",    "input",  "target",    "answer"})
    line.add(name);
  for (const auto& judge : judges) {
    line.add("score_" + judge);
    line.add("extracted_" + judge);
  }
  return line.end();
}

/// What is only known once there is an outcome; 14 fields.
void add_outcome(csv_line& line, const storage::ledger_row& row) {
  const auto& [asked, got] = row.what;
  const bool failed = got.status == outcome_status::error;
  const auto last = got.attempts.empty() ? attempt{} : got.attempts.back();
  line.add(row.has_outcome ? to_string(got.status) : "");
  line.add(row.has_outcome && failed ? to_string(got.error.kind) : "");
  line.add(failed ? got.error.message : "");
  line.add(got.provider);
  line.add(std::to_string(got.attempts.size()));
  line.add_number(seconds_between(last.at.sent, last.at.first_content));
  line.add_number(seconds_between(last.at.sent, last.at.done));
  line.add_number(last.usage.input);
  line.add_number(last.usage.output);
  line.add_number(row.has_outcome ? std::optional(got.cost.value) : std::nullopt);
  line.add(row.has_outcome ? to_string(got.reply.why) : "");
  line.add(asked.item.input);
  line.add(asked.item.targets.empty() ? "" : asked.item.targets.front());
  line.add(got.reply.text);
}

std::string line_of(const storage::ledger_row& row, const std::vector<std::string>& judges) {
  const auto& asked = row.what.asked;
  csv_line line;
  line.add(to_string(asked.key));
  for (const auto* name :
       {&asked.where.dataset, &asked.where.model, &asked.where.prompt, &asked.where.task_type,
        &asked.where.difficulty, &asked.where.mode, &asked.item.id})
    line.add(*name);
  line.add(std::to_string(asked.epoch));
  add_outcome(line, row);
  for (const auto& judge : judges) {
    const auto* v = verdict_of(row, judge);
    line.add_number(v && v->scored ? std::optional(v->score) : std::nullopt);
    line.add(v ? v->extracted : "");
  }
  return line.end();
}

}  // namespace

expected<void> export_csv(storage::ledger& ledger, const storage::run_info& run,
                          std::ostream& out) {
  auto judges = ledger.judges_of(run.id);
  if (!judges) return tl::make_unexpected(judges.error());
  out << head_of(*judges);
  return ledger.rows(run.id, [&](const storage::ledger_row& row) { out << line_of(row, *judges); });
}

}  // namespace assay::report
