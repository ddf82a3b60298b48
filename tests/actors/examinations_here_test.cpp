#include <doctest/doctest.h>

#include "actors/workshop.hpp"
#include "tests/actors/node_fakes.hpp"
#include "tests/actors/virtual_system.hpp"
#include "tests/simulation/simulated_examiner.hpp"

using namespace assay;
using namespace assay::actors;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

using how = examination_end;

class length_judge final : public evaluation::rule_judge {
 public:
  verdict score(const sample&, const answer& a) const override {
    verdict v;
    v.scored = true;
    v.explanation = std::to_string(a.text.size());
    return v;
  }
  unsigned blocks() const override { return 1; }
};

transport_actor::behavior_type no_transport(transport_actor::pointer) {
  return {[](const exchange_ptr&) {}, [](cancel_atom, std::uint64_t) {}, [](stop_atom) {},
          [](internal_atom, std::uint64_t) {}};
}

/// A node that runs two programs at a time, each for a second, and its desk.
struct place : virtual_system {
  std::shared_ptr<seen> at_desk = std::make_shared<seen>();
  workshop_actor node;
  node_desk_actor desk;
  int examiners = 0;

  explicit place(std::uint32_t programs = 2) {
    workshop_config config;
    config.own_threads = false;
    config.terms.programs = programs;
    config.spawn_transport = [](caf::local_actor& parent) { return parent.spawn(no_transport); };
    config.examinations.examiners = [this](caf::local_actor& parent) {
      ++examiners;
      return spawn_simulated_examiner([](const sample&) { return 1s; })(parent);
    };
    config.examinations.make_rule = [](const judge_settings& s, const evaluation::judge_files&)
        -> expected<std::shared_ptr<const evaluation::rule_judge>> {
      if (s.type == "none") return fail("judge", "there is no such program");
      CHECK_FALSE(s.programs.unsafe);
      return std::make_shared<length_judge>();
    };
    node = self->spawn(workshop, std::move(config));
    connect();
  }
  ~place() {
    self->send_exit(node, caf::exit_reason::kill);
    self->send_exit(desk, caf::exit_reason::kill);
    time.run();
  }
  void connect() {
    if (desk) self->send_exit(desk, caf::exit_reason::kill);
    time.run();
    desk = self->spawn(noting_desk, at_desk);
    caf::anon_send(node, join_atom_v, desk);
    time.run();
  }
  template <class... Words>
  void say(Words&&... words) {
    caf::send_as(caf::actor_cast<caf::actor>(desk), node, std::forward<Words>(words)...);
    time.run();
  }
  void judge(std::uint64_t number, const std::string& type = "program") {
    node_judge of{number};
    of.settings.type = type;
    of.settings.programs.unsafe = true;
    say(of);
  }
  void hand(std::uint64_t judge, std::uint64_t from, std::uint64_t to) {
    std::vector<examination> some;
    for (auto n = from; n <= to; ++n) some.push_back({n, judge});
    say(std::move(some));
  }
  void pass(duration d) {
    auto until = time.now() + d;
    while (time.now() < until) {
      time.pass(1ms);
      time.run();
    }
  }
  std::vector<std::pair<std::uint64_t, how>> take_ended() {
    std::vector<std::pair<std::uint64_t, how>> all;
    for (const auto& e : std::exchange(at_desk->ended, {})) all.emplace_back(e.ticket, e.how);
    return all;
  }
};

using ends = std::vector<std::pair<std::uint64_t, how>>;

}  // namespace

TEST_CASE("a node examines as many at the same time as it runs programs") {
  place p;
  p.judge(1);
  p.hand(1, 1, 3);
  p.pass(1005ms);
  CHECK(p.take_ended() == ends{{1, how::examined}, {2, how::examined}});
  CHECK(p.at_desk->holds == 3);  // when it last told
  p.pass(1s);
  CHECK(p.at_desk->holds == 1);
  CHECK(p.take_ended() == ends{{3, how::examined}});
  CHECK(p.examiners == 2);
}

TEST_CASE("an examiner has one at a time") {
  place p;
  p.judge(1);
  p.hand(1, 1, 1);
  p.pass(1005ms);
  p.hand(1, 2, 3);
  p.pass(1005ms);
  CHECK(p.examiners == 2);
}

TEST_CASE("judges take turns at a node") {
  place p(1);
  p.judge(1);
  p.judge(2);
  p.hand(1, 1, 4);
  p.hand(2, 5, 6);
  p.pass(6100ms);
  CHECK(p.take_ended() == ends{{1, how::examined},
                               {5, how::examined},
                               {2, how::examined},
                               {6, how::examined},
                               {3, how::examined},
                               {4, how::examined}});
}

TEST_CASE("a node says why it cannot examine for a judge, and takes nothing of it") {
  place p;
  p.judge(1);
  p.judge(2, "none");
  REQUIRE(p.at_desk->judges.size() == 2);
  CHECK(p.at_desk->judges[0] == judge_ability{1, ""});
  CHECK(p.at_desk->judges[1] == judge_ability{2, "judge: there is no such program"});
  p.hand(2, 7, 7);
  p.pass(5ms);
  CHECK(p.take_ended() == ends{{7, how::not_taken}});

  place none(0);
  none.judge(1);
  CHECK(none.at_desk->judges.at(0).unable == "this node runs no programs");
}

TEST_CASE("what has not begun is given back, what has begun ends unless it is called off") {
  place p(1);
  p.judge(1);
  p.hand(1, 1, 3);
  p.say(cancel_atom_v, std::vector<std::uint64_t>{1, 2}, false);
  p.pass(5ms);
  CHECK(p.take_ended() == ends{{2, how::called_off}});
  p.say(cancel_atom_v, std::vector<std::uint64_t>{1}, true);
  p.pass(1s);
  CHECK(p.take_ended() == ends{{1, how::called_off}});
  p.pass(1s);
  CHECK(p.take_ended() == ends{{3, how::examined}});
}

TEST_CASE("a node forgets the examinations of a connection that has ended") {
  place p(1);
  p.judge(1);
  p.hand(1, 1, 3);
  p.connect();
  p.judge(1);
  p.hand(1, 8, 8);
  p.pass(2100ms);
  CHECK(p.take_ended() == ends{{8, how::examined}});
}

TEST_CASE("of what runs nothing but what is meant is called off, and only if that is said") {
  place p(2);
  p.judge(1);
  p.hand(1, 1, 2);
  p.say(cancel_atom_v, std::vector<std::uint64_t>{1}, false);
  p.pass(1005ms);
  CHECK(p.take_ended() == ends{{1, how::examined}, {2, how::examined}});
  p.hand(1, 3, 4);
  p.say(cancel_atom_v, std::vector<std::uint64_t>{3}, true);
  p.pass(1005ms);
  CHECK(p.take_ended() == ends{{3, how::called_off}, {4, how::examined}});
}

TEST_CASE("what waits for a judge that leaves is called off, and nothing more is taken for it") {
  place p(1);
  p.judge(1);
  p.hand(1, 1, 3);
  p.say(leave_atom_v, std::uint64_t{1});
  p.hand(1, 4, 4);
  p.pass(5ms);
  CHECK(p.take_ended() == ends{{2, how::called_off}, {3, how::called_off}, {4, how::not_taken}});
}

TEST_CASE("a new connection does not hear how what the one before wanted has ended") {
  place p(1);
  p.hand(7, 7, 7);
  p.connect();
  p.pass(5ms);
  CHECK(p.take_ended().empty());
}
