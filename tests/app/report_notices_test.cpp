#include "app/report/notices.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace assay;
using report::notice_finder;

namespace {

/// Answers of one model in the order of their numbers, added in another order.
struct stream {
  notice_finder finder;
  std::vector<storage::score_row> rows;

  storage::score_row& add() {
    auto n = rows.size();
    storage::score_row row;
    row.key = hash_parts({std::to_string(n)});
    row.where.model = "m";
    row.sample_id = "s" + std::to_string(n);
    row.has_outcome = true;
    row.provider = n % 2 ? "one" : "two";
    row.output_tokens = 50 + static_cast<std::int64_t>(n * 7919 % 40);
    row.scores = {{"j", n * 7919 % 10 < 8 ? 1.0 : 0.0}, {"k", n * 7919 % 10 < 8 ? 1.0 : 0.0}};
    rows.push_back(row);
    return rows.back();
  }

  std::vector<std::string> found(const watch_settings& settings = {}) {
    for (std::size_t n = 0; n < rows.size(); ++n) {
      storage::attempt_row attempt;
      attempt.key = rows[n].key;
      attempt.done_unix_ns = static_cast<std::int64_t>(1'000 + n);
      finder.add(attempt);
    }
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) finder.add(*row);
    std::vector<std::string> lines;
    for (const auto& n : finder.find(settings))
      lines.push_back(n.what + " | " + n.where + " | " + std::string(to_string(n.finding.state)) +
                      " | " + n.since);
    return lines;
  }
};

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("a run in which nothing changes has nothing to notice") {
  stream all;
  for (int i = 0; i < 1'000; ++i) all.add();
  CHECK(all.found().empty());
}

TEST_CASE("what changed is noticed in the order of the answers, with its first sample") {
  stream all;
  for (int i = 0; i < 1'000; ++i) {
    auto& row = all.add();
    if (i < 600) continue;
    row.scores[1].second = 0;
    row.status = i % 2 ? outcome_status::refused : outcome_status::answered;
    row.output_tokens *= 2;
  }
  CHECK(all.found() == strings{"refusals | m | firing | s600", "answer tokens | m | firing | s600",
                               "score | m, k | firing | s600",
                               "judges disagree | m, j and k | firing | s600"});
  CHECK(all.found({.on = false}).empty());
}

TEST_CASE("a provider with worse answers is named") {
  stream all;
  for (int i = 0; i < 600; ++i)
    if (auto& row = all.add(); row.provider == "one" && i % 3 == 0)
      row.scores = {{"j", 0.0}, {"k", 0.0}};
  auto found = all.found();
  REQUIRE(found.size() == 2);
  CHECK(found[0].find("provider | m, j: ") == 0);
  CHECK(found[0].find("firing") != std::string::npos);
}

TEST_CASE("copied answers, errors and tasks without an attempt are left out") {
  stream all;
  for (int i = 0; i < 1'000; ++i) {
    auto& row = all.add();
    if (i < 600) continue;
    row.scores[1].second = 0;
    if (i % 2)
      row.cached = true;
    else
      row.status = outcome_status::error;
  }
  CHECK(all.found().empty());
}
