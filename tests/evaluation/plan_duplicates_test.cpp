// Requests of a plan that are equal are asked once.

#include "tests/evaluation/matrix.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

std::vector<std::uint32_t> all_of(const plan& p) {
  std::vector<std::uint32_t> positions(p.size());
  for (std::uint32_t i = 0; i < positions.size(); ++i) positions[i] = i;
  return positions;
}

using shared = std::vector<evaluation::shared_request>;

}  // namespace

TEST_CASE("a plan whose requests all differ has no duplicates, over all epochs") {
  matrix m;
  m.experiment.epochs = 3;
  auto p = m.make();
  CHECK(p.duplicates(all_of(p), {}).empty());
}

TEST_CASE(
    "the same text in another dataset is the same request, for each model, prompt and epoch") {
  matrix m;
  m.add_dataset("again", R"({"id":"x","question":"2+2?","answer":"four","level":"easy"}
{"id":"y","question":"3+3?","answer":"6","level":"easy"}
{"id":"z","question":"2+2?","answer":"4","level":"easy"}
)");
  m.experiment.datasets.push_back("again");
  m.experiment.epochs = 2;
  auto p = m.make();
  REQUIRE(p.size() == 6 * 2 * 2 * 2);
  auto found = p.duplicates(all_of(p), {});
  REQUIRE(found.size() == 2 * 2 * 2);
  for (const auto& group : found) {
    auto first = p.make_task(group.leader);
    CHECK(first.item.id == "b");
    REQUIRE(group.followers.size() == 2);
    for (auto follower : group.followers) {
      auto other = p.make_task(follower);
      CHECK(other.request == first.request);
      CHECK(other.epoch == first.epoch);
      CHECK(other.key != first.key);
    }
  }
  CHECK(found[0] == evaluation::shared_request{8, {24, 40}});
}

TEST_CASE("only what is asked for is grouped, and the first of it leads") {
  matrix m;
  m.add_dataset("again", R"({"id":"x","question":"2+2?","answer":"four","level":"easy"}
{"id":"z","question":"2+2?","answer":"4","level":"easy"}
)");
  m.experiment.datasets.push_back("again");
  auto p = m.make();
  CHECK(p.duplicates({0, 1, 4, 12}, {}) == shared{{4, {12}}});
  CHECK(p.duplicates({12, 16}, {}) == shared{{12, {16}}});
  CHECK(p.duplicates({12}, {}).empty());
}

TEST_CASE("two models that are called alike share requests only if they share their providers") {
  matrix m;
  m.experiment.prompts = {"plain"};
  m.all.models.push_back(model("twin", "small-1", {"left"}));
  m.experiment.models.push_back("twin");
  auto p = m.make();
  CHECK(p.duplicates(all_of(p), {}) == shared{{0, {2}}, {3, {5}}, {6, {8}}});
  m.all.models.back().providers = {"right"};
  auto q = m.make();
  CHECK(q.duplicates(all_of(q), {}).empty());
  CHECK(q.duplicates(all_of(q), {.across_accounts = true}).size() == 3);
  m.all.models.back().temperature = 0.5;
  auto r = m.make();
  CHECK(r.duplicates(all_of(r), {.across_accounts = true}).empty());
}

TEST_CASE("with the cache off every request is sent") {
  matrix m;
  m.all.models.push_back(model("twin", "small-1", {"left"}));
  m.experiment.models.push_back("twin");
  auto p = m.make();
  CHECK_FALSE(p.duplicates(all_of(p), {}).empty());
  CHECK(p.duplicates(all_of(p), {.on = false}).empty());
}
