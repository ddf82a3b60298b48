#pragma once

#include <string>

#include "app/report/setup.hpp"
#include "tests/app/report_fake_ledger.hpp"

namespace assay::tests {

/// A moment `s` seconds after noon UTC of 2026-11-22.
inline instant noon(double s) {
  return instant{std::chrono::seconds(1'795'348'800)} + from_seconds(s);
}

/// One exchange that was admitted at `from_s` and took `took_s`.
inline attempt exchange(const std::string& provider, double from_s, double took_s,
                        error_class kind = error_class::none) {
  attempt tried;
  tried.provider = provider;
  tried.error.kind = kind;
  tried.http_status = kind == error_class::rate_limited ? 429 : 200;
  tried.request_id = "req-1";
  tried.at.admitted = noon(from_s);
  tried.at.sent = noon(from_s);
  tried.at.done = noon(from_s + took_s);
  if (kind == error_class::none) {
    tried.at.first_content = noon(from_s + took_s / 4);
    tried.usage.input = 100;
    tried.usage.output = 20;
    tried.cost = {0.001};
  }
  return tried;
}

/// An answered task with one attempt and a verdict of judge `exact`.
inline storage::ledger_row answered(const std::string& model, const std::string& id, double score,
                                    double from_s, double took_s = 1, std::uint32_t epoch = 1) {
  storage::ledger_row row;
  auto& asked = row.what.asked;
  asked.key = hash_parts({model, id, std::to_string(epoch)});
  asked.epoch = epoch;
  asked.where = {"sums", model, "baseline", "arithmetic", "easy", "direct_answer"};
  asked.item.id = id;
  asked.item.input = "What is 1 + 1?";
  asked.item.targets = {"2"};
  asked.item.fields = {{"question", "What is 1 + 1?"}};
  asked.request.model = model + "-wire";
  asked.request.messages = {{role::system, "Be brief."}, {role::user, "What is 1 + 1?"}};
  auto& got = row.what.got;
  got.key = asked.key;
  got.reply.text = score > 0 ? "2" : "3";
  got.reply.why = finish::stop;
  got.provider = "east";
  got.attempts = {exchange("east", from_s, took_s)};
  got.cost = {0.001};
  row.verdicts = {{asked.key, "exact", "v1", true, score, got.reply.text, "compared"}};
  row.has_outcome = true;
  return row;
}

/// The same task, with attempts that all failed.
inline storage::ledger_row in_error(storage::ledger_row row, error_class kind) {
  auto& got = row.what.got;
  got.status = outcome_status::error;
  got.error.kind = kind;
  got.error.message = "it broke";
  got.reply = {};
  for (auto& tried : got.attempts) {
    tried.error.kind = kind;
    tried.usage = {};
    tried.cost = {};
  }
  got.cost = {};
  row.verdicts.clear();
  return row;
}

/// A run of `east` (60 requests a minute, 1 at once, 4 places) with judge `exact`.
inline fake_ledger sample_run() {
  report::setup made_with;
  made_with.mode = "direct_answer";
  made_with.datasets = {"sums"};
  made_with.prompts = {"baseline"};
  made_with.providers = {
      {"east",
       "openai",
       {.max_parallel = 4,
        .rates = {{.amount = 60, .window = std::chrono::seconds(60), .key = "rpm"}}}}};
  made_with.models = {{"small", "small-wire", {"east"}, {}, {}},
                      {"large", "large-wire", {"east"}, {}, {}}};
  made_with.judges = {{"exact", "exact", 1}};
  fake_ledger ledger;
  ledger.run.id = 12;
  ledger.run.experiment = "quick";
  ledger.run.file = "quick.toml";
  ledger.run.setup_json = report::to_json(made_with);
  ledger.run.state = storage::run_state::finished;
  ledger.run.started_unix_ns = 1'795'348'800'000'000'000;
  ledger.run.ended_unix_ns = 1'795'348'860'000'000'000;
  return ledger;
}

}  // namespace assay::tests
