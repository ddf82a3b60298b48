#include "actors/batch_mark.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace assay::actors;

namespace {

provider_batch row() {
  return {.id = 1, .run = 7, .provider = "p", .announced_unix_ns = 5, .tasks = {hash_parts({"a"})}};
}

}  // namespace

TEST_CASE("the mark of a batch follows from its row, whatever has become of it since") {
  auto later = row();
  later.id = 9;
  later.batch_id = "batch_1";
  later.state = batch_state::submitted;
  later.changed_unix_ns = 99;
  CHECK(mark_of(later) == mark_of(row()));
}

TEST_CASE("batches of another moment, run, account or content have another mark") {
  std::vector<provider_batch> others(4, row());
  others[0].announced_unix_ns = 6;
  others[1].run = 8;
  others[2].provider = "q";
  others[3].tasks = {hash_parts({"b"})};
  for (const auto& other : others) CHECK(mark_of(other) != mark_of(row()));
}

TEST_CASE("a custom id is what both APIs take, and leads back to its task in its batch only") {
  auto mark = mark_of(row());
  auto key = row().tasks.front();
  auto id = custom_id(key, mark);
  CHECK(id.size() <= 64);
  CHECK(id.find_first_not_of("0123456789abcdef-") == std::string::npos);
  CHECK(task_of(id, mark) == key);
  CHECK_FALSE(task_of(id, std::string(16, '0')));
  CHECK_FALSE(task_of(id + "0", mark));
  CHECK_FALSE(task_of(id.substr(1), mark));
  CHECK_FALSE(task_of("", mark));
  CHECK_FALSE(task_of(std::string(32, 'x') + "-" + mark, mark));
}
