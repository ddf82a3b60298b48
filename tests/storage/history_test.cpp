#include "storage/history.hpp"

#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE("the newest exchanges come first, with what a forecast needs") {
  scratch_folder folder;
  auto path = folder.file("l.db");
  {
    auto db = must(storage::open_sqlite(path));
    run_info wanted;
    wanted.experiment = "e";
    auto first = must(db->open_run(wanted)).id;
    put(*db, first, 2);
    auto seen = answered(0, "1");
    seen.got.attempts[0].at.first_content = at(40);
    seen.got.attempts[0].usage.input = 9;
    seen.got.attempts[0].usage.output = 30;
    commit(*db, first, {seen, failed(1, error_class::server_error)});
    wanted.fingerprint = "second";
    auto second = must(db->open_run(wanted)).id;
    commit(*db, second, {answered(2, "3")});
  }
  auto rows = must(must(storage::open_ledger(path))->recent_exchanges(10));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].first_content_s == doctest::Approx(0.1));  // not known: the whole answer's
  CHECK(rows[1].kind == error_class::server_error);
  const auto& row = rows[2];
  CHECK(row.provider == "left");
  CHECK(row.model == "small");
  CHECK(row.kind == error_class::none);
  CHECK(row.estimated_input_tokens == 1);
  CHECK(row.input_tokens == 9);
  CHECK(row.output_tokens == 30);
  CHECK(row.first_content_s == doctest::Approx(0.04));
  CHECK(row.total_s == doctest::Approx(0.1));
  CHECK(must(must(storage::open_ledger(path))->recent_exchanges(2)).size() == 2);
}

TEST_CASE("what never reached the wire is no exchange") {
  scratch_folder folder;
  auto path = folder.file("l.db");
  {
    auto db = must(storage::open_sqlite(path));
    auto run = must(db->open_run(run_info{})).id;
    put(*db, run, 1);
    auto unsent = failed(0, error_class::bad_request);
    unsent.got.attempts[0].at.sent = {};
    commit(*db, run, {unsent});
  }
  CHECK(must(must(storage::open_ledger(path))->recent_exchanges(10)).empty());
}

TEST_CASE("answered samples of several calls are counted, newest first; what judges asked is not") {
  scratch_folder folder;
  auto path = folder.file("l.db");
  {
    auto db = must(storage::open_ledger(path));
    auto run = must(db->open_run(run_info{})).id;
    put(*db, run, 3);
    auto call_of = [](std::size_t sample, int n, const char* mode) {
      auto call = answered(sample, "step", n);
      call.asked.parent = call.asked.key;
      call.asked.key = call.got.key = hash_parts({"step", mode, std::to_string(sample * 10 + n)});
      call.asked.where.mode = mode;
      return call;
    };
    commit(
        *db, run,
        {call_of(0, 1, "agent"), call_of(0, 2, "agent"), call_of(0, 3, "judge"), answered(0, "x")});
    commit(*db, run,
           {call_of(1, 1, "agent"), answered(1, "x"), call_of(2, 1, "agent"),
            failed(2, error_class::timeout)});
  }
  auto samples = must(must(storage::open_ledger(path))->recent_samples(10));
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].calls == 1);
  CHECK(samples[1].calls == 2);
  CHECK(samples[1].model == "small");
  CHECK(samples[1].mode == "agent");
  CHECK(must(must(storage::open_ledger(path))->recent_samples(1)).size() == 1);
}
