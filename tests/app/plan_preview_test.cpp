#include "app/plan/preview.hpp"

#include <doctest/doctest.h>

using namespace assay;

namespace {

settings arithmetic() {
  settings all;
  all.models = {{.name = "m", .providers = {"api"}}, {.name = "grader", .providers = {"api"}}};
  all.datasets = {{.name = "sums", .path = "config/examples/arithmetic.jsonl"}};
  all.prompts = {{.name = "plain", .user = "{{input}}"}};
  experiment_settings e;
  e.name = "e";
  e.datasets = {"sums"};
  e.models = {"m"};
  e.prompts = {"plain"};
  all.experiments = {e};
  return all;
}

std::vector<std::string> notes_of(const settings& all) {
  auto seen = planning::look_ahead(all, all.experiments[0], "no such ledger.db");
  REQUIRE(seen);
  return seen->notes;
}

}  // namespace

TEST_CASE("a plan says which calls it does not count: those of judges that ask models") {
  auto all = arithmetic();
  CHECK(notes_of(all).empty());
  judge_settings graded{.name = "graded", .type = "model_graded_qa"};
  graded.grader.models = {"grader", "m"};
  all.judges = {graded, {.name = "exact", .type = "exact"}};
  all.experiments[0].judges = {"exact", "graded"};
  CHECK(notes_of(all) ==
        std::vector<std::string>{"judge graded asks grader, m about every answer; "
                                 "these calls are not counted here (with --simulate they are)"});
}

TEST_CASE("a plan says that samples take several calls") {
  auto all = arithmetic();
  all.experiments[0].mode = "extraction";
  auto notes = notes_of(all);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0] ==
        "in mode extraction a sample takes several calls, of which the first is counted here (with "
        "--simulate all are)");
}
