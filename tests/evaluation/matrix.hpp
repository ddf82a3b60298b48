#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "evaluation/plan.hpp"

namespace assay::tests {

using evaluation::plan;

namespace fs = std::filesystem;

inline model_settings model(std::string name, std::string wire,
                            std::vector<std::string> providers) {
  model_settings made;
  made.name = std::move(name);
  made.model_name = std::move(wire);
  made.providers = std::move(providers);
  return made;
}

/// A dataset, two models and two prompts in a folder of their own.
struct matrix {
  fs::path folder;
  settings all;
  experiment_settings experiment;

  matrix() {
    static int count = 0;
    folder = fs::temp_directory_path() /
             ("assay-plan-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    fs::create_directories(folder);
    add_dataset("sums", R"({"id":"a","question":"1+1?","answer":"2","level":"easy"}
{"id":"b","question":"2+2?","answer":"4","level":"easy"}
{"id":"c","question":"12*12?","answer":"144","level":"hard"}
)");
    all.models = {model("small", "small-1", {"left"}),
                  model("large", "large-1", {"left", "right"})};
    all.prompts.resize(2);
    all.prompts[0].name = "plain";
    all.prompts[0].user = "{{input}}";
    all.prompts[1].name = "steps";
    all.prompts[1].system = "Think.";
    all.prompts[1].user = "{{input}} Step by step.";
    experiment.name = "arithmetic";
    experiment.declared_at = "file.toml:1:1";
    experiment.datasets = {"sums"};
    experiment.models = {"small", "large"};
    experiment.prompts = {"plain", "steps"};
    experiment.judges = {"exact"};
  }
  ~matrix() { fs::remove_all(folder); }

  void write(const std::string& name, const std::string& rows) {
    std::ofstream(folder / (name + ".jsonl")) << rows;
  }

  void add_dataset(const std::string& name, const std::string& rows) {
    write(name, rows);
    dataset_settings made;
    made.name = name;
    made.path = (folder / (name + ".jsonl")).string();
    made.declared_at = "file.toml:9:1";
    made.fields = {.id = "id",
                   .input = "question",
                   .target = "answer",
                   .choices = "",
                   .task_type = "",
                   .difficulty = "level",
                   .tags = {}};
    all.datasets.push_back(made);
  }

  plan make() const {
    auto made = plan::make(all, experiment);
    if (!made)
      for (const auto& p : made.error()) MESSAGE(render(p));
    REQUIRE(made.has_value());
    return *made;
  }

  std::vector<problem> problems() const {
    auto made = plan::make(all, experiment);
    REQUIRE_FALSE(made.has_value());
    return made.error();
  }
};

inline std::set<task_key> keys_of(const plan& p) {
  std::set<task_key> keys;
  for (std::size_t i = 0; i < p.size(); ++i) keys.insert(p.key(i));
  return keys;
}

}  // namespace assay::tests
