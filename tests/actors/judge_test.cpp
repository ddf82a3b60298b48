#include "actors/judge.hpp"

#include <doctest/doctest.h>

#include <latch>
#include <set>

using namespace assay;

namespace {

/// Each answer waits until another one is being scored, as a judge that runs programs might: with
/// one thread, or with answers one after the other, it would never end.
class pair_judge final : public evaluation::rule_judge {
 public:
  verdict score(const sample&, const answer& a) const override {
    auto number = std::stoi(a.text);
    pairs_[number / 2].arrive_and_wait();
    verdict v;
    v.scored = true;
    v.score = number;
    return v;
  }
  unsigned blocks() const override { return 2; }

 private:
  mutable std::latch pairs_[3]{std::latch(2), std::latch(2), std::latch(2)};
};

class instant_judge final : public evaluation::rule_judge {
 public:
  verdict score(const sample&, const answer& a) const override {
    verdict v;
    v.scored = true;
    v.score = std::stoi(a.text);
    return v;
  }
};

record numbered(int i, outcome_status status = outcome_status::answered) {
  record r;
  r.asked.key = r.got.key = hash_parts({std::to_string(i)});
  r.got.status = status;
  r.got.reply.text = std::to_string(i);
  return r;
}

recorder_actor::behavior_type collector(recorder_actor::pointer,
                                        std::function<void(const std::vector<verdict>&)> tell) {
  return {[](record&) {}, [tell](std::vector<verdict>& v) { tell(v); },
          [](const provider_batch&) { return std::int64_t{0}; }, [](internal_atom) {}};
}

/// The scores that the judge gives to the records, once there are as many as expected.
std::multiset<double> scores_of(const std::shared_ptr<const evaluation::rule_judge>& rule,
                                std::vector<record> records, std::ptrdiff_t expected) {
  caf::actor_system_config config;
  register_messages(config);
  configure(config, false, 2);
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  std::latch all(expected);
  std::multiset<double> scores;
  auto recorder = self->spawn(collector, [&](const std::vector<verdict>& given) {
    for (const auto& v : given) {
      scores.insert(v.score);
      all.count_down();
    }
  });
  auto judge = self->spawn(
      actors::judge,
      actors::judge_config{{.name = "j"}, rule, recorder, actors::spawn_examiner_thread});
  self->send(judge, std::make_shared<const std::vector<record>>(std::move(records)));
  all.wait();
  self->send_exit(judge, caf::exit_reason::user_shutdown);
  self->send_exit(recorder, caf::exit_reason::user_shutdown);
  return scores;
}

}  // namespace

TEST_CASE("a judge that blocks scores as many answers at the same time as it takes") {
  std::vector<record> six;
  for (int i = 0; i < 6; ++i) six.push_back(numbered(i));
  CHECK(scores_of(std::make_shared<pair_judge>(), six, 6) ==
        std::multiset<double>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("an error gets no verdict, whether the judge blocks or not") {
  auto error = numbered(9, outcome_status::error);
  CHECK(scores_of(std::make_shared<pair_judge>(), {error, numbered(0), error, numbered(1)}, 2) ==
        std::multiset<double>{0, 1});
  CHECK(scores_of(std::make_shared<instant_judge>(), {error, numbered(0), numbered(1)}, 2) ==
        std::multiset<double>{0, 1});
}
