#include "actors/spool.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>

using namespace assay;
using namespace assay::actors;

namespace {

struct folder {
  folder() { std::filesystem::create_directories(path); }
  ~folder() { std::filesystem::remove_all(path); }
  std::string path =
      std::filesystem::temp_directory_path() / ("assay-spool-" + std::to_string(getpid()));
};

late_result result(int i) {
  late_result r;
  r.run = 3;
  r.key = hash_parts({std::to_string(i)});
  r.ticket = static_cast<std::uint64_t>(i);
  r.provider = "openai";
  r.result.reply.text = std::string("text \0 of any bytes \xff", 21) + std::to_string(i);
  r.result.tried.cost = usd{std::numeric_limits<double>::infinity()};
  return r;
}

std::vector<late_result> loaded(const spool& s, std::size_t expected_damage = 0) {
  std::size_t damaged = 0;
  auto all = s.load(damaged);
  CHECK(damaged == expected_damage);
  return all;
}

}  // namespace

TEST_CASE("what was appended is there for the next process, in order") {
  folder f;
  auto first = spool::open(f.path, "node");
  REQUIRE(first.has_value());
  for (int i = 0; i < 3; ++i) REQUIRE(first->append(result(i)).has_value());
  auto all = loaded(*spool::open(f.path, "node"));
  REQUIRE(all.size() == 3);
  for (int i = 0; i < 3; ++i) CHECK(all[static_cast<std::size_t>(i)] == result(i));
}

TEST_CASE("saving replaces all of it") {
  folder f;
  auto s = *spool::open(f.path, "node");
  for (int i = 0; i < 3; ++i) REQUIRE(s.append(result(i)).has_value());
  REQUIRE(s.save({result(9)}).has_value());
  REQUIRE(loaded(s).size() == 1);
  CHECK(loaded(s)[0].ticket == 9);
  REQUIRE(s.save({}).has_value());
  CHECK(loaded(s).empty());
}

TEST_CASE("an end that was torn off costs that entry only") {
  folder f;
  auto s = *spool::open(f.path, "node");
  for (int i = 0; i < 3; ++i) REQUIRE(s.append(result(i)).has_value());
  auto path = f.path + "/node.spool";
  auto size = std::filesystem::file_size(path);
  auto entry = size / 3;
  std::filesystem::resize_file(path, size - 5);
  CHECK(loaded(s, entry - 5).size() == 2);
}

TEST_CASE("changed bytes are noticed, and nothing behind them is believed") {
  folder f;
  auto s = *spool::open(f.path, "node");
  for (int i = 0; i < 3; ++i) REQUIRE(s.append(result(i)).has_value());
  auto path = f.path + "/node.spool";
  auto size = std::filesystem::file_size(path);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size / 3 + 40));
  file.put('!');
  file.close();
  CHECK(loaded(s, size - size / 3).size() == 1);
}

TEST_CASE("a folder that cannot be written is told at the start") {
  auto refused = spool::open("/proc/nowhere", "node");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().fix == "name another --results-dir");
}

TEST_CASE("a spool that keeps nothing is no trouble") {
  spool none;
  CHECK(none.append(result(1)).has_value());
  CHECK(none.save({result(1)}).has_value());
  CHECK(loaded(none).empty());
}
