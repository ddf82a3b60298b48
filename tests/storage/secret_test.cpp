#include <doctest/doctest.h>

#include "tests/storage/stores.hpp"

using namespace assay;
using namespace assay::tests;

TEST_CASE("a secret of a ledger is drawn once, is the same for every process, and no other's") {
  on_every_ledger([](store& s) {
    auto first = must(s.db->secret("seal"));
    CHECK(first.size() == 64);
    CHECK(must(s.db->secret("seal")) == first);
    auto other_process = must(storage::open_ledger(s.where));
    CHECK(must(other_process->secret("seal")) == first);
    CHECK(must(s.db->secret("another")) != first);
    store elsewhere;
    CHECK(must(elsewhere.db->secret("seal")) != first);
  });
}
