#include "actors/results.hpp"

#include <doctest/doctest.h>

#include "actors/recorder.hpp"
#include "tests/actors/idle_scheduler.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::tests;

namespace {

using events = std::shared_ptr<std::vector<std::string>>;

/// Notes each commit, or fails.
class noting_store final : public storage::record_store {
 public:
  noting_store(events into, bool fails) : into_(std::move(into)), fails_(fails) {}
  expected<void> commit(const storage::commit_batch& batch, const time_anchor&) override {
    if (fails_) return fail("ledger", "the disk is full");
    into_->push_back("commit of " + std::to_string(batch.records.size()) + " and " +
                     std::to_string(batch.verdicts.size()));
    return {};
  }

 private:
  events into_;
  bool fails_;
};

subscriber_actor::behavior_type note_records(subscriber_actor::pointer, events into) {
  return {[into](const record_batch& batch) {
    for (const auto& r : *batch) into->push_back("record " + r.asked.item.id);
  }};
}

verdict_subscriber_actor::behavior_type note_verdicts(verdict_subscriber_actor::pointer,
                                                      events into) {
  return {[into](const verdict_batch& batch) {
    for (const auto& v : *batch) into->push_back("verdict " + v.judge);
  }};
}

/// A recorder with its publisher and a subscriber of each kind.
struct press : tests::virtual_system {
  explicit press(bool fails) {
    self->send(publisher, join_atom_v, published::samples, self->spawn(note_records, seen));
    self->send(publisher, join_atom_v, self->spawn(note_verdicts, seen));
    recorder_config.open = [this, fails]() -> expected<std::unique_ptr<storage::record_store>> {
      return std::make_unique<noting_store>(seen, fails);
    };
    recorder_config.scheduler = self->spawn(idle_scheduler, std::make_shared<scheduler_notes>());
    recorder_config.results = publisher;
    writer = self->spawn(actors::recorder, recorder_config);
    time.run();
  }

  void record_sample(const std::string& id) {
    record r;
    r.asked.item.id = id;
    self->send(writer, std::move(r));
  }
  void judge(const std::string& name) { self->send(writer, std::vector<verdict>{{.judge = name}}); }
  /// Lets a tick of the recorder pass.
  void tick() {
    time.run();
    time.next_timer();
    time.run();
  }

  events seen = std::make_shared<std::vector<std::string>>();
  results_actor publisher = self->spawn(actors::results);
  actors::recorder_config recorder_config;
  recorder_actor writer;
};

}  // namespace

TEST_CASE("records and verdicts are published after their commit, in the order of commits") {
  press p(false);
  p.record_sample("one");
  p.tick();
  p.judge("a");
  p.record_sample("two");
  p.judge("b");
  p.tick();
  CHECK(*p.seen == std::vector<std::string>{"commit of 1 and 0", "record one", "commit of 1 and 2",
                                            "record two", "verdict a", "verdict b"});
}

TEST_CASE("what could not be committed is not published") {
  press p(true);
  p.record_sample("one");
  p.judge("a");
  p.tick();
  CHECK(p.seen->empty());
}
