#include "app/cli/past_run.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "tests/folder.hpp"

using namespace assay;
using namespace assay::cli;

namespace {

globals at(const std::string& ledger) {
  globals options;
  options.ledger = ledger;
  return options;
}

storage::run_info wanted(const std::string& experiment) {
  storage::run_info info;
  info.experiment = experiment;
  info.fingerprint = "of " + experiment;
  info.started_unix_ns = 1;
  return info;
}

}  // namespace

TEST_CASE("looking for a run where there is no ledger says so and creates none") {
  tests::folder in;
  const auto path = (in.path / "none.db").string();
  auto run = find_past_run(at(path), "latest");
  REQUIRE_FALSE(run);
  CHECK(run.error().where == path);
  CHECK(run.error().fix.find("assay run") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE(
    "a run is found by id, by experiment and as the latest; a wrong name is told what is there") {
  tests::folder in;
  const auto path = (in.path / "ledger.db").string();
  {
    auto ledger = storage::open_sqlite(path);
    REQUIRE(ledger);
    REQUIRE((*ledger)->open_run(wanted("first")));
    REQUIRE((*ledger)->open_run(wanted("second")));
  }
  CHECK(find_past_run(at(path), "first")->info.experiment == "first");
  CHECK(find_past_run(at(path), "latest")->info.experiment == "second");
  CHECK(find_past_run(at(path), "1")->info.experiment == "first");
  auto none = find_past_run(at(path), "third");
  REQUIRE_FALSE(none);
  CHECK(none.error().what.find("`third`") != std::string::npos);
  CHECK(none.error().fix.find("1 (first)") != std::string::npos);
  CHECK(none.error().fix.find("2 (second)") != std::string::npos);
}

TEST_CASE("a file beside the ledger never leaves its folder") {
  past_run run{"/data/ledger.db", nullptr, {}};
  run.info.id = 3;
  run.info.experiment = "../../up/\nto";
  CHECK(path_beside(run, ".html") == "/data/.._.._up__to-run3.html");
}

TEST_CASE("output goes to a file whose folder is made, and a failure names the path") {
  tests::folder in;
  const auto path = (in.path / "new/deep/report.html").string();
  CHECK(write_output(path, "text"));
  CHECK(std::filesystem::file_size(path) == 4);
  auto failed = write_output("/proc/nowhere/report.html", "text");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().where == "/proc/nowhere/report.html");
}
