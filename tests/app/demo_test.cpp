#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "app/demo/experiment_file.hpp"
#include "app/demo/folder.hpp"
#include "app/demo/processes.hpp"
#include "app/demo/questions.hpp"
#include "config/load.hpp"

using namespace assay;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct temporary_folder {
  fs::path path = fs::temp_directory_path() / ("assay-demo-test-" + std::to_string(::getpid()));
  temporary_folder() { fs::remove_all(path); }
  ~temporary_folder() { fs::remove_all(path); }
};

demo::wishes all_apis(const std::string& suite) {
  demo::wishes w{.suite = suite, .apis = {}};
  for (const auto& a : demo::known_apis()) w.apis.push_back(a.name);
  return w;
}

std::map<std::string, double> accuracies(const settings& all) {
  std::map<std::string, double> by_model;
  for (const auto& mock : all.mocks)
    for (const auto& model : mock.models) by_model[mock.name + "-" + model.name] = model.accuracy;
  return by_model;
}

settings load_demo(const fs::path& top, const demo::wishes& w) {
  demo::folder where{top, "simulation"};
  REQUIRE(demo::fill(where, w));
  auto loaded = config::load(where.experiment());
  if (!loaded) FAIL(render(loaded.error().front()));
  return std::move(*loaded);
}

}  // namespace

TEST_CASE("a demo of any suite is an experiment file that loads, for every API") {
  temporary_folder temporary;
  const std::map<std::string, std::vector<std::string>> experiments{
      {"basic", {"arithmetic", "comparisons"}},
      {"comprehensive", {"arithmetic", "comparisons", "places", "programs", "tools"}},
      {"stress", {"arithmetic", "comparisons"}}};
  for (const auto& suite : demo::suite_names()) {
    const auto all = load_demo(temporary.path / suite, all_apis(suite));
    std::vector<std::string> names;
    for (const auto& e : all.experiments) names.push_back(e.name);
    CHECK(names == experiments.at(suite));
    CHECK(all.providers.size() == demo::known_apis().size());
    for (const auto& p : all.providers) {
      CHECK(p.base_url == "mock:" + p.name);
      CHECK(p.credential.env == "");  // no key of the reader's is ever looked at
    }
  }
}

TEST_CASE("equal wishes make equal demos, another seed other questions and accuracies") {
  const demo::wishes seven, also_seven, eight{.seed = 8};
  CHECK(demo::files_of(seven) == demo::files_of(also_seven));
  temporary_folder temporary;
  CHECK(accuracies(load_demo(temporary.path / "7", seven)) !=
        accuracies(load_demo(temporary.path / "8", eight)));
  CHECK(demo::arithmetic(5, 7) != demo::arithmetic(5, 8));
}

TEST_CASE("every model of a demo has an accuracy of its own, from 0.5 to 0.95") {
  temporary_folder temporary;
  const auto by_model = accuracies(load_demo(temporary.path, {}));
  std::set<double> values;
  for (const auto& [name, accuracy] : by_model) values.insert(accuracy);
  CHECK(by_model.size() == 6);
  CHECK(values.size() == 6);
  CHECK(*values.begin() == 0.5);
  CHECK(*values.rbegin() == 0.95);
}

TEST_CASE("no question of a dataset is asked twice") {
  for (auto make : {demo::arithmetic, demo::comparisons, demo::places, demo::sums}) {
    std::istringstream lines(make(20'000, 1));
    std::set<std::string> questions, ids;
    for (std::string line; std::getline(lines, line);) {
      const auto row = nlohmann::json::parse(line);
      questions.insert(row.at("question"));
      ids.insert(row.at("id"));
    }
    CHECK(questions.size() == 20'000);
    CHECK(ids.size() == 20'000);
  }
}

TEST_CASE("a comparison's answer is the letter of the one that holds most or fewest") {
  std::istringstream lines(demo::comparisons(1, 3));
  const auto row = nlohmann::json::parse(lines);
  const std::string question = row.at("question");
  const auto& choices = row.at("choices");
  std::vector<int> counts;
  for (const std::string name : choices)
    counts.push_back(std::stoi(
        question.substr(question.find(name + ' ') + name.size() + (counts.empty() ? 7 : 1))));
  const bool most = question.find("the most?") != question.npos;
  const auto at = most ? std::max_element(counts.begin(), counts.end())
                       : std::min_element(counts.begin(), counts.end());
  CHECK(row.at("answer") == std::string(1, static_cast<char>('A' + (at - counts.begin()))));
}

TEST_CASE("what is asked for and cannot be had is refused with what there is") {
  CHECK(render(demo::check({.apis = {"openay"}}).error()) ==
        "--apis: no simulated API is called 'openay' (did you mean 'openai'?)");
  CHECK(render(demo::check({.apis = {"x"}}).error()) ==
        "--apis: no simulated API is called 'x' (there are claude, deepseek, gemini, groq, openai, "
        "openrouter, together)");
  CHECK(render(demo::check({.apis = {"groq", "groq"}}).error()) == "--apis: 'groq' is named twice");
  CHECK_FALSE(demo::check({.apis = {}}));
}

TEST_CASE("a demo goes on in its own folder and leaves another one's alone") {
  temporary_folder temporary;
  demo::folder where{temporary.path, "simulation"};
  REQUIRE(demo::fill(where, {}));
  CHECK(demo::fill(where, {}));
  CHECK(demo::fill({temporary.path, "multiprocess"}, {}));
  const auto refused = demo::fill(where, {.seed = 8});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().where == (temporary.path / "demo.toml").string());
  CHECK(refused.error().what == "is of another demo, or has been changed");
}

TEST_CASE("the key of a demo is its owner's alone") {
  temporary_folder temporary;
  REQUIRE(demo::fill({temporary.path, "simulation"}, {}));
  struct stat info {};
  REQUIRE(::stat((temporary.path / demo::key_file).c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a child process: its output is in the file, its end is waited for, a signal is told") {
  temporary_folder temporary;
  fs::create_directories(temporary.path);
  const auto output = temporary.path / "out";
  auto three = demo::process::start({"sh", "-c", "echo said; exit 3"}, output);
  REQUIRE(three);
  REQUIRE(three->wait(60s));
  CHECK(three->code() == 3);
  std::string said;
  std::getline(std::ifstream(output), said);
  CHECK(said == "said");

  auto sleeping = demo::process::start({"sleep", "600"}, output);
  REQUIRE(sleeping);
  CHECK_FALSE(sleeping->wait(0s));
  sleeping->terminate();
  REQUIRE(sleeping->wait(60s));
  CHECK(sleeping->code() == 128 + SIGTERM);

  auto nobody = demo::process::start({"no-such-program"}, output);
  REQUIRE(nobody);
  REQUIRE(nobody->wait(60s));
  CHECK(nobody->code() == 127);
}
