#pragma once

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "messages/text_digest.hpp"
#include "storage/ledger.hpp"

namespace assay::tests {

/// A ledger of one run held in memory, filled by hand; it may have others before it. Reads only.
class fake_ledger final : public storage::ledger {
 public:
  storage::run_info run;
  std::vector<storage::ledger_row> kept;  ///< in plan order
  std::vector<bool> from_this_run;        ///< by row; missing entries count as true
  std::vector<storage::account_limits> found;
  std::vector<fake_ledger*> before;  ///< ledgers of other runs
  std::set<task_key> coalesced;      ///< copies whose original is of this run

  expected<storage::run_info> open_run(const storage::run_info&) override { return run; }
  expected<std::unique_ptr<storage::run_lock>> lock_run(storage::run_id) override {
    return std::unique_ptr<storage::run_lock>();
  }
  expected<void> end_run(storage::run_id, storage::run_state, std::int64_t,
                         const std::string&) override {
    return {};
  }
  expected<std::vector<storage::run_info>> runs() override {
    std::vector<storage::run_info> infos{run};
    for (const auto* other : before) infos.push_back(other->run);
    return infos;
  }
  expected<storage::run_info> find_run(const std::string& name) override {
    if (name == "latest" || name == run.experiment || name == std::to_string(run.id)) return run;
    return fail(name, "there is no such run");
  }
  expected<void> put_tasks(storage::run_id, std::size_t,
                           const std::function<task(std::size_t)>&) override {
    return {};
  }
  expected<std::vector<std::size_t>> missing(storage::run_id) override {
    return std::vector<std::size_t>{};
  }
  expected<std::vector<std::size_t>> missing_of(const std::vector<task_key>&) override {
    return std::vector<std::size_t>{};
  }
  expected<void> commit(const storage::commit_batch&, const time_anchor&) override { return {}; }
  expected<std::size_t> take_cached(storage::run_id, const cache_settings&, std::int64_t,
                                    bool) override {
    return 0u;
  }
  expected<std::unique_ptr<storage::account_lock>> lock_account(const std::string&) override {
    return std::unique_ptr<storage::account_lock>();
  }
  expected<void> save_limits(storage::run_id, const storage::account_limits&) override {
    return {};
  }
  expected<std::vector<storage::account_limits>> limits_of(storage::run_id) override {
    return found;
  }
  expected<std::optional<storage::account_limits>> newest_limits(const std::string&) override {
    return std::optional<storage::account_limits>();
  }
  expected<std::int64_t> announce_batch(const storage::provider_batch&) override { return 0; }
  expected<void> change_batch(std::int64_t, storage::batch_state, const std::string&,
                              std::int64_t) override {
    return {};
  }
  expected<std::string> secret(const std::string& purpose) override { return purpose; }
  expected<std::vector<storage::provider_batch>> open_batches(storage::run_id) override {
    return std::vector<storage::provider_batch>{};
  }
  expected<void> unjudged(storage::run_id, const std::string&,
                          const std::function<std::string(const sample&)>&,
                          const std::function<void(record)>&) override {
    return {};
  }

  expected<void> score_rows(storage::run_id id, const std::vector<std::string>& judges,
                            const std::function<void(storage::score_row)>& visit) override {
    for (auto* other : before)
      if (other->run.id == id) return other->score_rows(id, judges, visit);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      auto row = slim(kept[i], judges);
      row.reused = i < from_this_run.size() && !from_this_run[i];
      visit(std::move(row));
    }
    return {};
  }

  expected<void> attempt_rows(
      storage::run_id id, const std::function<void(const storage::attempt_row&)>& visit) override {
    for (auto* other : before)
      if (other->run.id == id) return other->attempt_rows(id, visit);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (i < from_this_run.size() && !from_this_run[i]) continue;
      for (const auto& tried : kept[i].what.got.attempts) visit(slim(kept[i].what, tried));
    }
    return {};
  }

  expected<void> sample_fields(
      storage::run_id,
      const std::function<void(const task_key&,
                               const std::vector<std::pair<std::string, std::string>>&)>& visit)
      override {
    for (const auto& row : kept) visit(row.what.asked.key, row.what.asked.item.fields);
    return {};
  }

  expected<void> rows(storage::run_id,
                      const std::function<void(storage::ledger_row)>& visit) override {
    for (const auto& row : kept) visit(row);
    return {};
  }

  expected<std::vector<storage::ledger_row>> find_rows(storage::run_id,
                                                       const std::string& what) override {
    std::vector<storage::ledger_row> found;
    for (const auto& row : kept)
      if (row.what.asked.item.id == what || to_string(row.what.asked.key).rfind(what, 0) == 0)
        found.push_back(row);
    return found;
  }

  expected<void> unanswered(storage::run_id, const std::function<void(const task_key&)>&) override {
    return {};
  }
  expected<void> steps_of(const task_key&,
                          const std::function<void(storage::ledger_row)>&) override {
    return {};
  }
  expected<void> verdicts_of(storage::run_id, const std::string& judge,
                             const std::function<void(const verdict&)>& visit) override {
    for (const auto& row : kept)
      for (const auto& v : row.verdicts)
        if (v.judge == judge) visit(v);
    return {};
  }

  expected<storage::lead_attempt> lead(milliseconds) override {
    return fail("ledger", "nobody leads this one");
  }
  expected<std::vector<storage::past_exchange>> recent_exchanges(std::size_t) override {
    return std::vector<storage::past_exchange>{};
  }
  expected<std::vector<storage::past_sample>> recent_samples(std::size_t) override {
    return std::vector<storage::past_sample>{};
  }
  expected<std::vector<std::string>> judges_of(storage::run_id) override {
    std::vector<std::string> names;
    for (const auto& row : kept)
      for (const auto& v : row.verdicts)
        if (std::find(names.begin(), names.end(), v.judge) == names.end()) names.push_back(v.judge);
    return names;
  }

 private:
  static std::int64_t ns(instant t) { return t.time_since_epoch().count(); }

  storage::score_row slim(const storage::ledger_row& row,
                          const std::vector<std::string>& judges) const {
    const auto& [asked, got] = row.what;
    storage::score_row out;
    out.key = asked.key;
    out.where = asked.where;
    out.sample_id = asked.item.id;
    out.epoch = asked.epoch;
    out.tags = asked.item.tags;
    out.has_outcome = row.has_outcome;
    out.status = got.status;
    out.error = got.error.kind;
    out.why = got.reply.why;
    out.provider = got.provider;
    out.text_digest = text_digest(got.reply.text);
    if (!got.attempts.empty()) {
      out.node = got.attempts.back().from.node;
      out.output_tokens = got.attempts.back().usage.output.value_or(0);
    }
    out.cost = got.cost;
    out.cached = got.cached;
    out.coalesced = got.cached && coalesced.contains(asked.key);
    for (const auto& judge : judges) {
      out.scores.emplace_back(judge, std::nullopt);
      for (const auto& v : row.verdicts)
        if (v.judge == judge && v.scored) out.scores.back().second = v.score;
    }
    return out;
  }

  static storage::attempt_row slim(const record& of, const attempt& tried) {
    return {.key = of.asked.key,
            .provider = tried.provider,
            .model = of.asked.where.model,
            .mode = of.asked.where.mode,
            .prompt = of.asked.where.prompt,
            .number = tried.number,
            .kind = tried.error.kind,
            .http_status = tried.http_status,
            .admitted_unix_ns = ns(tried.at.admitted),
            .sent_unix_ns = ns(tried.at.sent),
            .first_content_unix_ns = ns(tried.at.first_content),
            .done_unix_ns = ns(tried.at.done),
            .input_tokens = tried.usage.input.value_or(0),
            .output_tokens = tried.usage.output.value_or(0),
            .cost = tried.cost,
            .items = tried.items,
            .hedge = tried.hedge,
            .node = tried.from.node,
            .clock_error_ns = tried.from.clock_error.count()};
  }
};

}  // namespace assay::tests
