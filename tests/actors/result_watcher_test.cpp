#include "actors/result_watcher.hpp"

#include <doctest/doctest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "actors/results.hpp"
#include "tests/actors/virtual_system.hpp"

using namespace assay;

namespace {

using strings = std::vector<std::string>;

/// What is logged while it lives.
class log_catcher {
 public:
  log_catcher() : before_(spdlog::default_logger()) {
    auto logger = std::make_shared<spdlog::logger>(
        "caught", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
    logger->set_pattern("%l %v");
    spdlog::set_default_logger(logger);
  }
  ~log_catcher() { spdlog::set_default_logger(before_); }

  strings lines() const {
    strings all;
    std::istringstream in(text_.str());
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

/// A watcher that subscribes to a publisher, in virtual time.
struct watched_stream : tests::virtual_system {
  explicit watched_stream(analysis::watched_cells before = {}) {
    actors::result_watcher_config watch{{50, 0.001}, {"exact"}, std::move(before)};
    watcher = self->spawn(actors::result_watcher, std::move(watch));
    publisher = self->spawn(actors::results);
    self->send(publisher, join_atom_v, published::samples,
               caf::actor_cast<subscriber_actor>(watcher));
    self->send(publisher, join_atom_v, caf::actor_cast<verdict_subscriber_actor>(watcher));
    time.run();
  }
  ~watched_stream() {
    self->send_exit(watcher, caf::exit_reason::user_shutdown);
    self->send_exit(publisher, caf::exit_reason::user_shutdown);
    time.run();
  }

  /// Commits `count` more answers ten at a time, one asked each second; then their verdicts.
  void commit(int count, bool as_usual) {
    for (; count > 0; count -= 10) {
      auto records = std::make_shared<std::vector<record>>();
      auto verdicts = std::make_shared<std::vector<verdict>>();
      for (int i = 0; i < 10; ++i, ++next) {
        record r;
        r.asked.key = r.got.key = hash_parts({std::to_string(next)});
        r.asked.where = {"sums", "a model", "plain", "", "", ""};
        r.asked.item.id = "s" + std::to_string(next);
        r.got.reply.text = std::to_string(next);
        r.got.attempts.resize(1);
        r.got.attempts[0].at.sent = instant{std::chrono::seconds(1'000 + next)};
        r.got.attempts[0].at.done = instant{std::chrono::seconds(1'001 + next)};
        double score = as_usual ? next % 10 < 8 : 0;
        verdicts->push_back({.key = r.got.key, .judge = "exact", .scored = true, .score = score});
        records->push_back(std::move(r));
      }
      self->send(publisher, record_batch{records});
      self->send(publisher, verdict_batch{verdicts});
      time.run();
    }
  }

  actors::result_watcher_actor watcher;
  results_actor publisher;
  int next = 0;
};

}  // namespace

TEST_CASE("a change is warned of while the run goes on, once, and noted when it is over") {
  log_catcher log;
  watched_stream run;
  run.commit(200, true);
  CHECK(log.lines().empty());
  run.commit(110, false);
  REQUIRE(log.lines().size() == 1);
  CHECK(log.lines()[0].find("warning noticed figure=score state=firing model=\"a model\" "
                            "dataset=sums prompt=plain judge=exact before=0.8 now=0 n=50 "
                            "since_sample=s200 p=") == 0);
  run.commit(200, true);
  REQUIRE(log.lines().size() == 2);
  CHECK(log.lines()[1].find("info noticed figure=score state=resolved model=\"a model\"") == 0);
}

TEST_CASE(
    "a watcher that starts again compares with what the run had brought, and repeats nothing") {
  analysis::watched_run first({50, 0.001}, {"exact"}, {});
  for (int i = 0; i < 200; ++i) {
    record r;
    r.asked.key = r.got.key = hash_parts({"before", std::to_string(i)});
    r.asked.where = {"sums", "a model", "plain", "", "", ""};
    r.asked.item.id = "before " + std::to_string(i);
    r.got.status = i < 150 ? outcome_status::answered : outcome_status::refused;
    r.got.attempts.resize(1);
    r.got.attempts[0].at.sent = r.got.attempts[0].at.done = instant{std::chrono::seconds(i + 1)};
    first.add(r);
    first.add({.key = r.got.key, .judge = "exact", .scored = true, .score = double(i % 10 < 8)});
  }
  first.finish();
  REQUIRE(first.changes().size() == 1);

  log_catcher log;
  watched_stream run(first.cells());
  run.commit(60, false);
  REQUIRE(log.lines().size() == 2);
  CHECK(log.lines()[0].find("info noticed figure=refusals state=resolved") == 0);
  CHECK(log.lines()[1].find("warning noticed figure=score state=firing") == 0);
}
