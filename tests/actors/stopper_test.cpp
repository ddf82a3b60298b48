#include "actors/stopper.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/actors/idle_scheduler.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

std::string sample_name(int i) { return "s" + std::to_string(i); }

record answer_to(int i, const std::string& model,
                 outcome_status status = outcome_status::answered) {
  record r;
  r.asked.key = r.got.key = hash_parts({model, sample_name(i)});
  r.asked.where.dataset = "d";
  r.asked.where.model = model;
  r.asked.item.id = sample_name(i);
  r.got.status = status;
  return r;
}

verdict right(int i, const std::string& model, const std::string& judge = "exact") {
  return {.key = hash_parts({model, sample_name(i)}), .judge = judge, .scored = true, .score = 1};
}

/// Three samples of each of two models; one score each is enough.
struct bench : tests::virtual_system {
  bench() {
    actors::stopper_config stop;
    stop.run = 7;
    stop.judge = "exact";
    std::vector<std::uint64_t> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(analysis::order_number("d", sample_name(i)));
    first = static_cast<int>(std::min_element(tasks.begin(), tasks.end()) - tasks.begin());
    for (const char* model : {"m", "other"})
      stop.models.try_emplace(model, analysis::stopping_terms{0.5, 0.05, 1}, tasks);
    stop.scheduler = self->spawn(idle_scheduler, told);
    stop.owed.emplace(hash_parts({"m", sample_name(first)}),
                      actors::watched_task{"m", tasks[static_cast<std::size_t>(first)]});
    watcher = self->spawn(actors::stopper, stop);
    time.run();
  }

  void publish(std::vector<record> records) {
    self->send(watcher, record_batch{std::make_shared<std::vector<record>>(std::move(records))});
    time.run();
  }
  void publish(std::vector<verdict> verdicts) {
    self->send(watcher, verdict_batch{std::make_shared<std::vector<verdict>>(std::move(verdicts))});
    time.run();
  }
  int second() const { return first == 0 ? 1 : 0; }

  std::shared_ptr<scheduler_notes> told = std::make_shared<scheduler_notes>();
  stopper_actor watcher;
  int first = 0;  ///< the sample that comes first in the order
};

using list = std::vector<std::string>;

}  // namespace

TEST_CASE_FIXTURE(bench, "it tells the scheduler once of a model that has answered enough") {
  publish(std::vector{answer_to(first, "other")});
  CHECK(told->enough.empty());
  publish(std::vector{right(first, "other")});
  CHECK(told->enough == list{"other of run 7"});
  publish(std::vector{answer_to(second(), "other")});
  publish(std::vector{right(second(), "other")});
  CHECK(told->enough.size() == 1);
}

TEST_CASE_FIXTURE(bench, "a sample counts only after those before it in the order") {
  publish(std::vector{answer_to(second(), "other"), answer_to(first, "other")});
  publish(std::vector{right(second(), "other")});
  CHECK(told->enough.empty());
  publish(std::vector{right(first, "other")});
  CHECK(told->enough == list{"other of run 7"});
}

TEST_CASE_FIXTURE(bench, "a stored answer counts with the verdict that it was owed") {
  publish(std::vector{right(first, "m", "another judge")});
  CHECK(told->enough.empty());
  publish(std::vector{right(first, "m")});
  CHECK(told->enough == list{"m of run 7"});
}

TEST_CASE_FIXTURE(bench, "an error and an answer that gets no verdict are passed over") {
  int third = 3 - first - second(), next = second();
  const auto number = [](int i) { return analysis::order_number("d", sample_name(i)); };
  if (number(third) < number(next)) std::swap(third, next);
  publish(std::vector{answer_to(first, "other", outcome_status::error), answer_to(next, "other"),
                      answer_to(third, "other")});
  publish(std::vector{right(third, "other")});
  CHECK(told->enough.empty());
  self->send(watcher, waive_atom_v, hash_parts({"other", sample_name(next)}));
  time.run();
  CHECK(told->enough == list{"other of run 7"});
}
