#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/scores.hpp"
#include "app/report/export.hpp"
#include "app/report/lm_eval_format.hpp"
#include "app/report/setup.hpp"
#include "app/report/sha256.hpp"

namespace assay::report {

using lm_eval::metric_of;
using lm_eval::text_of;
using nlohmann::ordered_json;

namespace {

/// What becomes one task of the harness: a dataset with a prompt, asked of one model.
struct harness_task {
  std::string name;
  std::ofstream samples;
  std::string path;
  std::size_t planned = 0;
  std::map<std::string, std::size_t> doc_ids;
  std::map<std::string, std::vector<analysis::score_point>> scores;  ///< by judge
  chat_request request;
  sha256 hashes;
};

struct harness_model {
  std::string folder;
  std::set<std::string> files;
  std::map<std::string, harness_task> tasks;
};

std::size_t few_shot_of(const chat_request& request) {
  return static_cast<std::size_t>(
      std::count_if(request.messages.begin(), request.messages.end(),
                    [](const chat_message& m) { return m.who == role::assistant; }));
}

class harness_export {
 public:
  harness_export(const storage::run_info& run, setup made_with, std::string folder)
      : run_(run),
        setup_(std::move(made_with)),
        folder_(std::move(folder)),
        date_(lm_eval::date_of(run)) {}

  void add(const storage::ledger_row& row) {
    const auto& asked = row.what.asked;
    auto& task = task_of(asked.where);
    ++task.planned;
    const auto doc_id = task.doc_ids.try_emplace(asked.item.id, task.doc_ids.size()).first->second;
    task.request = asked.request;
    if (!row.has_outcome || row.what.got.status == outcome_status::error) return;
    for (const auto& v : row.verdicts)
      if (v.scored) write(task, row, v, doc_id);
  }

  expected<std::vector<std::string>> finish() {
    std::vector<std::string> paths;
    for (auto& [name, model] : models_) {
      const auto path = model.folder + "/results_" + date_ + ".json";
      std::ofstream out(path, std::ios::binary);
      out << text_of(results_of(name, model), 2) << '\n';
      out.close();
      if (!out) failed(path);
      paths.push_back(path);
      for (auto& [key, task] : model.tasks) {
        task.samples.close();
        if (!task.samples) failed(task.path);
        paths.push_back(task.path);
      }
    }
    if (problem_) return tl::make_unexpected(*problem_);
    return paths;
  }

 private:
  void failed(const std::string& path) {
    if (!problem_) problem_ = problem{path, "cannot be written", "is there room, and the right?"};
  }

  judge_setup judge_of(const std::string& name) const {
    const auto* known = find_named(setup_.judges, name);
    return known ? *known : judge_setup{name, name, 1};
  }

  std::string task_name(const cell& where) const {
    return setup_.prompts.size() > 1 ? where.dataset + "-" + where.prompt : where.dataset;
  }

  harness_model& model_of(const std::string& name) {
    auto& model = models_[name];
    if (!model.folder.empty()) return model;
    model.folder = folder_ + "/" + unused_name(lm_eval::file_name(name), folders_);
    std::error_code error;
    std::filesystem::create_directories(model.folder, error);
    if (error) failed(model.folder);
    return model;
  }

  harness_task& task_of(const cell& where) {
    auto& model = model_of(where.model);
    const auto name = task_name(where);
    auto [at, added] = model.tasks.try_emplace(name);
    auto& task = at->second;
    if (!added) return task;
    task.name = name;
    task.path = model.folder + "/samples_" + unused_name(lm_eval::file_name(name), model.files) +
                "_" + date_ + ".jsonl";
    task.samples.open(task.path, std::ios::binary);
    if (!task.samples) failed(task.path);
    return task;
  }

  /// Two names may become one file name: the second gets a number.
  static std::string unused_name(const std::string& wanted, std::set<std::string>& used) {
    auto name = wanted;
    for (int n = 2; !used.insert(name).second; ++n) name = wanted + "-" + std::to_string(n);
    return name;
  }

  void write(harness_task& task, const storage::ledger_row& row, const verdict& v,
             std::size_t doc_id) {
    const auto line = lm_eval::sample_line(row, v, metric_of(judge_of(v.judge)), doc_id);
    for (const char* part : {"doc_hash", "prompt_hash", "target_hash"})
      task.hashes.add(line[part].get_ref<const std::string&>());
    task.samples << text_of(line) << '\n';
    task.scores[v.judge].push_back({doc_id, v.score});
  }

  /// `mean,judge` and `mean_stderr,judge` of every judge.
  ordered_json figures_of(const harness_task& task, std::size_t& effective) const {
    ordered_json figures = {{"alias", task.name}};
    for (const auto& [name, points] : task.scores) {
      const auto judge = judge_of(name);
      const auto value = judge.counts_chances()
                             ? analysis::estimate_pass_at_k(points, judge.k, task.planned)
                             : analysis::estimate_mean(points, task.planned);
      effective = std::max(effective, value.samples);
      const auto metric = metric_of(judge);
      figures[metric + "," + name] = value.mean;
      figures[metric + "_stderr," + name] =
          value.samples > 1 ? ordered_json(value.standard_error) : ordered_json("N/A");
    }
    return figures;
  }

  ordered_json config_of(const harness_task& task) const {
    std::set<std::string> measured;
    for (const auto& [name, points] : task.scores) measured.insert(metric_of(judge_of(name)));
    auto metrics = ordered_json::array();
    for (const auto& metric : measured)
      metrics.push_back({{"metric", metric}, {"aggregation", "mean"}, {"higher_is_better", true}});
    return {{"task", task.name},
            {"output_type", "generate_until"},
            {"num_fewshot", few_shot_of(task.request)},
            {"repeats", setup_.epochs},
            {"generation_kwargs", lm_eval::generation_of(task.request)},
            {"metric_list", std::move(metrics)},
            {"metadata", {{"version", 1.0}}}};
  }

  void add_task(ordered_json& all, const harness_task& task) const {
    std::size_t effective = 0;
    all["results"][task.name] = figures_of(task, effective);
    all["group_subtasks"][task.name] = ordered_json::array();
    all["configs"][task.name] = config_of(task);
    all["versions"][task.name] = 1.0;
    all["n-shot"][task.name] = few_shot_of(task.request);
    auto& better = all["higher_is_better"][task.name] = ordered_json::object();
    for (const auto& [name, points] : task.scores) better[metric_of(judge_of(name))] = true;
    all["n-samples"][task.name] = {{"original", task.doc_ids.size()}, {"effective", effective}};
  }

  ordered_json results_of(const std::string& name, harness_model& model) {
    ordered_json all;
    for (const char* part : {"results", "group_subtasks", "configs", "versions", "n-shot",
                             "higher_is_better", "n-samples"})
      all[part] = ordered_json::object();
    for (const auto& [key, task] : model.tasks) add_task(all, task);
    const auto* known = find_named(setup_.models, name);
    all["config"] = {
        {"model", "assay"},      {"model_args", "model=" + (known ? known->wire_name : name)},
        {"batch_size", nullptr}, {"limit", nullptr},
        {"bootstrap_iters", 0},  {"gen_kwargs", nullptr}};
    all["git_hash"] = nullptr;
    all["date"] = static_cast<double>(run_.started_unix_ns) / 1e9;
    all["task_hashes"] = ordered_json::object();
    for (auto& [key, task] : model.tasks) all["task_hashes"][task.name] = task.hashes.hex();
    all["model_source"] = "assay";
    all["model_name"] = name;
    all["model_name_sanitized"] = std::filesystem::path(model.folder).filename().string();
    const auto end = run_.ended_unix_ns ? run_.ended_unix_ns : run_.started_unix_ns;
    all["start_time"] = static_cast<double>(run_.started_unix_ns) / 1e9;
    all["end_time"] = static_cast<double>(end) / 1e9;
    all["total_evaluation_time_seconds"] =
        std::to_string(static_cast<double>(end - run_.started_unix_ns) / 1e9);
    return all;
  }

  const storage::run_info& run_;
  setup setup_;
  std::string folder_;
  std::string date_;
  std::map<std::string, harness_model> models_;
  std::set<std::string> folders_;
  std::optional<problem> problem_;
};

}  // namespace

expected<std::vector<std::string>> export_lm_eval(storage::ledger& ledger,
                                                  const storage::run_info& run,
                                                  const std::string& folder) {
  auto made_with = setup_from_json(run.setup_json);
  if (!made_with) return tl::make_unexpected(made_with.error());
  harness_export out(run, std::move(*made_with), folder);
  auto read = ledger.rows(run.id, [&](const storage::ledger_row& row) { out.add(row); });
  if (!read) return tl::make_unexpected(read.error());
  return out.finish();
}

}  // namespace assay::report
