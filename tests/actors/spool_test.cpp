#include "actors/spool.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
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
  std::string file() const { return path + "/node.spool"; }
  std::size_t size() const { return std::filesystem::file_size(file()); }
};

late_result result(int i) {
  late_result r;
  r.run = 3;
  r.key = hash_parts({std::to_string(i)});
  r.ticket = static_cast<std::uint64_t>(i);
  r.provider = "openai";
  r.result.reply.text = std::string("text \0 of any bytes \xff", 21) + std::to_string(i);
  r.result.tried.cost = usd{std::numeric_limits<double>::infinity()};
  r.seal.bytes.fill(static_cast<std::uint8_t>(i));
  return r;
}

/// The file as the next process finds it.
struct opened {
  explicit opened(const folder& f) : file(*spool::open(f.path, "node")), held(file.load()) {}
  void append(int from, int to) {
    for (int i = from; i <= to; ++i) REQUIRE(file.append({result(i)}).has_value());
  }
  std::vector<std::uint64_t> tickets() const {
    std::vector<std::uint64_t> all;
    for (const auto& r : held.results) all.push_back(r.ticket);
    return all;
  }

  spool file;
  spool::contents held;
};

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("what was appended is there for the next process, in order") {
  folder f;
  opened(f).append(1, 3);
  opened next(f);
  REQUIRE(next.held.results.size() == 3);
  CHECK(next.held.damaged == 0);
  for (int i = 1; i <= 3; ++i)
    CHECK(next.held.results[static_cast<std::size_t>(i - 1)] == result(i));
}

TEST_CASE("what was taken is not there any more, nor is it rewritten") {
  folder f;
  {
    opened first(f);
    first.append(1, 5);
    auto before = f.size();
    REQUIRE(first.file.taken(2).has_value());
    CHECK(f.size() > before);
    CHECK(f.size() < before + 100);
  }
  CHECK(opened(f).tickets() == numbers{3, 4, 5});
  {
    opened second(f);
    REQUIRE(second.file.taken(1).has_value());
    second.append(6, 6);
  }
  CHECK(opened(f).tickets() == numbers{4, 5, 6});
}

TEST_CASE("a file of which all was taken is empty") {
  folder f;
  opened first(f);
  first.append(1, 3);
  REQUIRE(first.file.taken(3).has_value());
  CHECK(f.size() == 0);
  first.append(4, 4);
  REQUIRE(first.file.taken(1).has_value());
  CHECK(f.size() == 0);
}

TEST_CASE("a process that dies at any byte loses no more than what it was writing") {
  folder f;
  std::size_t after_two = 0;
  {
    opened first(f);
    first.append(1, 2);
    after_two = f.size();
    first.append(3, 3);
    REQUIRE(first.file.taken(1).has_value());
  }
  std::ifstream in(f.file(), std::ios::binary);
  std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (auto size = after_two; size <= whole.size(); ++size) {
    std::ofstream(f.file(), std::ios::binary).write(whole.data(), static_cast<long>(size));
    {
      opened next(f);
      auto left = next.tickets();
      CHECK(std::find(left.begin(), left.end(), 2) != left.end());
      next.append(9, 9);
    }
    CHECK(opened(f).tickets().back() == 9);  // what comes after the torn end is found
    if (size == whole.size()) CHECK(opened(f).tickets() == numbers{2, 3, 9});
  }
}

TEST_CASE("changed bytes are noticed, and nothing behind them is believed") {
  folder f;
  opened(f).append(1, 3);
  auto size = f.size();
  std::fstream file(f.file(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size / 3 + 60));
  file.put('!');
  file.close();
  opened next(f);
  CHECK(next.tickets() == numbers{1});
  CHECK(next.held.damaged == size - size / 3);
}

TEST_CASE("a folder that cannot be written is told at the start") {
  auto refused = spool::open("/proc/nowhere", "node");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().fix == "name another --results-dir");
}

TEST_CASE("two processes cannot keep their results in one file") {
  folder f;
  opened first(f);
  auto second = spool::open(f.path, "node");
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().what == "another process keeps its results here");
}

TEST_CASE("what a full disk does not take costs nothing else") {
  folder f;
  auto s = std::make_unique<opened>(f);
  s->append(1, 2);
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_IGN);
  rlimit full{f.size() + 50, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full);
  CHECK_FALSE(s->file.append({result(3)}).has_value());
  setrlimit(RLIMIT_FSIZE, &before);
  s->append(4, 5);
  REQUIRE(s->file.taken(3).has_value());  // the third is one of them
  s.reset();
  CHECK(opened(f).tickets() == numbers{4, 5});
}
