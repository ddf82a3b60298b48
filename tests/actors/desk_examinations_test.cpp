#include <doctest/doctest.h>

#include <limits>

#include "actors/node_desk.hpp"
#include "actors/parcels.hpp"
#include "messages/wire_size.hpp"
#include "tests/actors/node_fakes.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;
using namespace assay::actors;
using namespace assay::tests;
using namespace std::chrono_literals;

namespace {

using how = examination_end;

/// What a judge heard.
struct answered {
  std::vector<node_offer> offers;
  std::vector<ended_examination> ended;
};

judge_actor::behavior_type fake_judge(judge_actor::pointer, std::shared_ptr<answered> into) {
  return {[](const record_batch&) {},
          [](std::uint64_t, const verdict&) {},
          [into](const std::string&, const std::vector<ended_examination>& some) {
            into->ended.insert(into->ended.end(), some.begin(), some.end());
          },
          [into](join_atom, const node_offer& o, const examining_place_actor&) {
            into->offers.push_back(o);
          },
          [](leave_atom, const std::string&) {},
          [](internal_atom) {}};
}

/// A desk with its node, and judges.
struct office : virtual_system {
  std::shared_ptr<registered> register_ = std::make_shared<registered>();
  std::shared_ptr<heard> at_node = std::make_shared<heard>();
  node_settings rules;
  node_registry_actor registry = self->spawn(noting_registry, register_);
  desk_actor desk = self->spawn(node_desk, node_desk_config{"n", registry, {}, rules, "s", {}});
  node_actor node;
  std::vector<judge_actor> judges;

  office() {
    auto terms = terms_of("n");
    terms.programs = 2;
    node = self->spawn(noting_node, desk, terms, at_node);
    time.run();
  }
  ~office() {
    for (const auto& j : judges) self->send_exit(j, caf::exit_reason::kill);
    self->send_exit(desk, caf::exit_reason::kill);
    self->send_exit(node, caf::exit_reason::kill);
    self->send_exit(registry, caf::exit_reason::kill);
    time.run();
  }

  /// A judge that the node can serve.
  std::shared_ptr<answered> join(const std::string& unable = "") {
    auto into = std::make_shared<answered>();
    judges.push_back(self->spawn(fake_judge, into));
    node_judge of;
    of.settings.name = "j" + std::to_string(judges.size());
    caf::anon_send(desk, join_atom_v, of, judges.back());
    time.run();
    if (!at_node->judges.empty())
      caf::anon_send(desk, judge_ability{at_node->judges.back().number, unable});
    time.run();
    return into;
  }
  void hand(const judge_actor& by, std::vector<examination> some) {
    caf::send_as(caf::actor_cast<caf::actor>(by), desk, std::move(some));
    time.run();
  }
  void hand_numbers(const judge_actor& by, std::uint64_t from, std::uint64_t to) {
    std::vector<examination> some;
    for (auto n = from; n <= to; ++n) some.push_back({n});
    hand(by, std::move(some));
  }
  void report(std::vector<ended_examination> some) {
    caf::anon_send(desk, std::move(some));
    time.run();
  }
};

verdict scored(double score, std::string text = "") {
  verdict v;
  v.scored = true;
  v.score = score;
  v.extracted = std::move(text);
  return v;
}

std::vector<std::pair<std::uint64_t, how>> numbers_of(const answered& by) {
  std::vector<std::pair<std::uint64_t, how>> all;
  for (const auto& e : by.ended) all.emplace_back(e.ticket, e.how);
  std::sort(all.begin(), all.end());
  return all;
}

using ends = std::vector<std::pair<std::uint64_t, how>>;

}  // namespace

TEST_CASE("a judge is offered a node that says it can examine for it, and no other") {
  office o;
  auto can = o.join();
  REQUIRE(can->offers.size() == 1);
  CHECK(can->offers[0].node == "n");
  CHECK(can->offers[0].most == 2);
  auto cannot = o.join("there is no python3");
  CHECK(cannot->offers.empty());
  CHECK(o.at_node->judges.size() == 2);
}

TEST_CASE("each judge hears of its own examinations, by its own numbers") {
  office o;
  auto one = o.join(), two = o.join();
  o.hand_numbers(o.judges[0], 1, 2);
  o.hand_numbers(o.judges[1], 1, 1);
  const auto& there = o.at_node->examinations;
  REQUIRE(there.size() == 3);
  CHECK(there[0].judge != there[2].judge);
  o.report({{there[2].ticket, how::examined, scored(1)}, {there[1].ticket, how::called_off, {}}});
  CHECK(numbers_of(*one) == ends{{2, how::called_off}});
  CHECK(numbers_of(*two) == ends{{1, how::examined}});
  CHECK(two->ended[0].what.score == 1);
}

TEST_CASE(
    "when the node is lost its examinations are, and who hands it more is told to take them back") {
  office o;
  auto judge = o.join();
  o.hand_numbers(o.judges[0], 1, 3);
  o.report({{o.at_node->examinations[1].ticket, how::examined, scored(0)}});
  caf::anon_send(o.desk, leave_atom_v, std::string{"cut off"});
  o.time.run();
  CHECK(numbers_of(*judge) == ends{{1, how::lost}, {2, how::examined}, {3, how::lost}});
  o.hand_numbers(o.judges[0], 4, 4);
  CHECK(judge->ended.back() == ended_examination{4, how::not_taken, {}});
}

TEST_CASE("what a judge that ends had at the node is called off") {
  office o;
  auto one = o.join(), two = o.join();
  o.hand_numbers(o.judges[0], 1, 2);
  o.hand_numbers(o.judges[1], 1, 1);
  o.self->send_exit(o.judges[0], caf::exit_reason::user_shutdown);
  o.time.run();
  REQUIRE(o.at_node->called_off.size() == 1);
  CHECK(o.at_node->called_off[0].first.size() == 2);
  CHECK(o.at_node->called_off[0].second);
  CHECK(o.at_node->judges_left == std::vector<std::uint64_t>{o.at_node->judges[0].number});
  for (const auto& e : o.at_node->examinations) o.report({{e.ticket, how::examined, scored(1)}});
  CHECK(two->ended.size() == 1);
  CHECK(o.register_->refused == 0);
}

TEST_CASE("a judge calls off by its own numbers") {
  office o;
  auto one = o.join(), two = o.join();
  o.hand_numbers(o.judges[0], 7, 8);
  o.hand_numbers(o.judges[1], 7, 7);
  caf::send_as(caf::actor_cast<caf::actor>(o.judges[1]), o.desk, cancel_atom_v,
               std::vector<std::uint64_t>{7, 8}, false);
  o.time.run();
  REQUIRE(o.at_node->called_off.size() == 1);
  CHECK(o.at_node->called_off[0] ==
        std::pair{std::vector<std::uint64_t>{o.at_node->examinations[2].ticket}, false});
}

TEST_CASE("verdicts that cannot be are refused, counted, and given elsewhere") {
  office o;
  auto judge = o.join();
  o.hand_numbers(o.judges[0], 1, 7);
  auto ticket = [&](std::size_t i) { return o.at_node->examinations[i].ticket; };
  auto unscored = verdict{};
  unscored.score = 0.5;
  o.report({{ticket(0), how::examined, scored(1.5)},
            {ticket(1), how::examined, scored(-0.1)},
            {ticket(2), how::examined, scored(std::numeric_limits<double>::quiet_NaN())},
            {ticket(3), how::examined, scored(1, "\xff")},
            {ticket(4), how::lost, {}},
            {ticket(5), static_cast<how>(77), {}},
            {ticket(6), how::examined, unscored}});
  CHECK(o.register_->refused == 7);
  CHECK(judge->ended.size() == 7);
  for (const auto& e : judge->ended) CHECK(e.how == how::refused);
}

TEST_CASE("a verdict that was not asked for, or comes twice, is refused and counted") {
  office o;
  auto judge = o.join();
  o.hand_numbers(o.judges[0], 1, 1);
  auto asked = o.at_node->examinations[0].ticket;
  o.report({{asked + 1, how::examined, scored(1)}, {asked, how::examined, scored(0)}});
  CHECK(o.register_->refused == 1);
  o.report({{asked, how::examined, scored(1)}});
  CHECK(o.register_->refused == 2);
  CHECK(numbers_of(*judge) == ends{{1, how::examined}});
  CHECK(judge->ended[0].what.score == 0);
}

TEST_CASE("an examination that no message can hold does not reach the node") {
  office o;
  auto judge = o.join();
  examination large{1};
  large.reply.text.assign(max_message(o.rules), 'x');
  o.hand(o.judges[0], {large, {2}});
  CHECK(o.at_node->examinations.size() == 1);
  CHECK(numbers_of(*judge) == ends{{1, how::too_large}});
}

TEST_CASE("what comes of a judge that was not introduced is not taken") {
  office o;
  o.join();
  auto stranger = std::make_shared<answered>();
  o.judges.push_back(o.self->spawn(fake_judge, stranger));
  o.hand_numbers(o.judges.back(), 1, 1);
  CHECK(o.at_node->examinations.empty());
  CHECK(numbers_of(*stranger) == ends{{1, how::not_taken}});
}

TEST_CASE("a judge whose way to the node has changed is offered it again, if the node is able") {
  office o;
  auto judge = o.join();
  auto again = [&] {
    caf::anon_send(o.desk, join_atom_v, node_judge{}, o.judges[0]);
    o.time.run();
  };
  again();
  CHECK(judge->offers.size() == 2);
  CHECK(o.at_node->judges.size() == 1);
  caf::anon_send(o.desk, judge_ability{o.at_node->judges[0].number, "python3 has gone"});
  again();
  CHECK(judge->offers.size() == 2);
}

TEST_CASE("a judge that no message can hold does not reach the node, and is not offered it") {
  office o;
  auto into = std::make_shared<answered>();
  o.judges.push_back(o.self->spawn(fake_judge, into));
  node_judge large;
  large.settings.name.assign(max_message(o.rules), 'x');
  caf::anon_send(o.desk, join_atom_v, large, o.judges.back());
  o.time.run();
  CHECK(o.at_node->judges.empty());
  CHECK(into->offers.empty());
}

TEST_CASE("verdicts of a node that is gone are neither believed nor held against it") {
  office o;
  auto judge = o.join();
  o.hand_numbers(o.judges[0], 1, 1);
  caf::anon_send(o.desk, leave_atom_v, std::string{"cut off"});
  o.report({{o.at_node->examinations[0].ticket, how::examined, scored(1)}});
  CHECK(numbers_of(*judge) == ends{{1, how::lost}});
  CHECK(o.register_->refused == 0);
}

TEST_CASE("an examination with its frame is no larger than a message") {
  office o;
  o.join();
  examination edge{1};
  edge.reply.text.assign(max_message(o.rules) - frame_bytes - 1'000, 'x');
  edge.reply.text.append(max_message(o.rules) - frame_bytes - wire_size(edge), 'x');
  auto beyond = edge;
  beyond.reply.text += 'x';
  o.hand(o.judges[0], {edge, beyond});
  REQUIRE(o.at_node->examinations.size() == 1);
  CHECK(o.at_node->examinations[0].reply.text.size() == edge.reply.text.size());
}
