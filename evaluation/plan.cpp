#include "evaluation/plan.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <thread>
#include <unordered_set>
#include <utility>

#include "evaluation/agent/agent.hpp"
#include "evaluation/data/field_of.hpp"
#include "evaluation/dataset.hpp"
#include "evaluation/extraction/sources.hpp"
#include "evaluation/model_request.hpp"
#include "evaluation/plan_content.hpp"
#include "evaluation/task_identity.hpp"

namespace assay::evaluation {

namespace {

constexpr std::size_t shown_problems = 20;
/// Below this a second thread costs more than it saves.
constexpr std::size_t samples_worth_a_thread = 2'000;

}  // namespace

/// Fills a `content` step by step; after a step with problems the later ones are not taken.
class plan::builder {
 public:
  builder(const settings& all, const experiment_settings& experiment)
      : all_(all), experiment_(experiment) {}

  checked<std::shared_ptr<const content>> build() {
    made_->mode = experiment_.mode;
    made_->epochs = std::max<std::uint32_t>(1, experiment_.epochs);
    require_distinct(experiment_.models);
    require_distinct(experiment_.prompts);
    require_distinct(experiment_.datasets);
    take_models();
    take_prompts();
    take_tools();
    take_samples();
    if (made_->mode == "extraction") take_sources();
    if (problems_.empty()) hash_tasks();
    if (!problems_.empty()) return tl::make_unexpected(std::move(problems_));
    separate_twins();
    form_cells();
    note_shortfalls();
    take_fingerprint();
    return std::shared_ptr<const content>(made_);
  }

 private:
  void require_distinct(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end())
      problems_.push_back(
          {experiment_.declared_at, "`" + *twice + "` is listed twice", "list it once"});
  }

  template <class T>
  const T* declared(const std::vector<T>& entries, const std::string& name, const char* kind) {
    auto found = find_named(entries, name);
    if (!found)
      problems_.push_back({experiment_.declared_at,
                           std::string("there is no ") + kind + " `" + name + "`",
                           std::string("declare it as [[") + kind + "]]"});
    return found;
  }

  void take_models() {
    for (const auto& name : experiment_.models)
      if (auto found = declared(all_.models, name, "model")) made_->models.push_back(*found);
  }

  void take_prompts() {
    for (const auto& name : experiment_.prompts) {
      auto found = declared(all_.prompts, name, "prompt");
      if (!found) continue;
      if (auto text = prompt_template::make(*found))
        made_->prompts.push_back({name, std::move(*text)});
      else
        problems_.push_back(std::move(text.error()));
    }
  }

  void take_tools() {
    if (made_->mode != "agent") return;
    auto tools = agent_tools(all_, experiment_);
    auto terms = agent_terms(all_, experiment_);
    if (!tools || !terms) {
      auto& found = tools ? terms.error() : tools.error();
      std::move(found.begin(), found.end(), std::back_inserter(problems_));
      return;
    }
    made_->tools = std::move(*tools);
    made_->tool_terms = std::move(*terms);
    made_->documents = experiment_.agent.documents;
  }

  void take_samples() {
    for (const auto& name : experiment_.datasets) {
      auto found = declared(all_.datasets, name, "dataset");
      if (!found) continue;
      auto loaded = load_dataset(*found);
      if (!loaded) {
        std::move(loaded.error().begin(), loaded.error().end(), std::back_inserter(problems_));
      } else if (loaded->empty()) {
        problems_.push_back({found->declared_at, "dataset `" + name + "` has no samples",
                             "check its file, `filter` and `limit`"});
      } else {
        take_dataset(name, std::move(*loaded));
      }
    }
  }

  /// Keeps the first `instances` samples of each cell.
  void take_dataset(const std::string& name, std::vector<sample> loaded) {
    std::map<std::pair<std::string, std::string>, std::uint32_t> ids;
    made_->samples.reserve(made_->samples.size() + loaded.size());
    for (auto& item : loaded) {
      auto [id, added] = ids.try_emplace({item.task_type, item.difficulty},
                                         static_cast<std::uint32_t>(made_->groups.size()));
      if (added) made_->groups.push_back({name, item.task_type, item.difficulty, 0});
      auto& group = made_->groups[id->second];
      if (experiment_.instances && group.size >= *experiment_.instances) continue;
      ++group.size;
      made_->group_of.push_back(id->second);
      made_->samples.push_back(std::move(item));
    }
  }

  /// What an extraction reads decides over its answers, and is not in the samples.
  void take_sources() {
    sources_identity identity(all_);
    for (std::size_t i = 0; i < made_->samples.size(); ++i) {
      const auto& name = made_->groups[made_->group_of[i]].dataset;
      sources_.push_back(identity.of(made_->samples[i], *find_named(all_.datasets, name)));
    }
  }

  // Two threads share the samples; each writes only to its own range.

  void hash_tasks() {
    made_->keys.resize(made_->size());
    made_->texts.resize(made_->samples.size() * made_->prompts.size());
    records_.resize(made_->samples.size());
    for (const auto& model : made_->models) made_->identities.push_back(model_identity(model));
    auto end = made_->samples.size();
    bool shared = end >= samples_worth_a_thread && std::thread::hardware_concurrency() > 1;
    auto middle = shared ? end / 2 : end;
    std::vector<problem> first, second;
    std::thread other;
    if (shared) other = std::thread([&] { hash_samples(middle, end, second); });
    hash_samples(0, middle, first);
    if (other.joinable()) other.join();
    for (auto found : {&first, &second})
      for (auto& p : *found)
        if (problems_.size() < shown_problems) problems_.push_back(std::move(p));
  }

  void hash_samples(std::size_t from, std::size_t to, std::vector<problem>& problems) {
    hash_text text;
    for (auto i = from; i < to && problems.size() < shown_problems; ++i) {
      records_[i] = record_identity(text, made_->samples[i]);
      for (std::size_t p = 0; p < made_->prompts.size(); ++p) {
        if (auto usable = made_->prompts[p].text.check(made_->samples[i]); !usable)
          problems.push_back(std::move(usable.error()));
        else
          hash_question(text, i, p);
      }
    }
  }

  /// Renders a sample's prompt once for all models and epochs.
  void hash_question(hash_text& text, std::size_t sample, std::size_t prompt) {
    const auto& item = made_->samples[sample];
    auto rendered = made_->prompts[prompt].text.render(item);
    made_->texts[sample * made_->prompts.size() + prompt] = text_hash(rendered);
    auto question =
        question_identity(text, made_->groups[made_->group_of[sample]].dataset, item, rendered);
    if (!sources_.empty()) question = with_sources(question, sources_[sample]);
    if (!made_->tools.empty())
      question = with_tools(text, question, made_->tools, made_->tool_terms,
                            field_of(item, made_->documents));
    for (std::size_t model = 0; model < made_->models.size(); ++model) {
      auto variant = (sample * made_->models.size() + model) * made_->prompts.size() + prompt;
      for (std::uint32_t epoch = 1; epoch <= made_->epochs; ++epoch)
        made_->keys[variant * made_->epochs + epoch - 1] =
            task_identity(made_->mode, epoch, question, made_->identities[model]);
    }
  }

  /// Every task has a key of its own, also where two models or prompts ask the very same thing.
  void separate_twins() {
    std::unordered_set<task_key> met(made_->keys.size());
    for (std::size_t i = 0; i < made_->keys.size(); ++i) {
      auto& key = made_->keys[i];
      if (met.insert(key).second) continue;
      auto at = made_->place_of(i);
      key = twin_identity(key, made_->models[at.model].name, made_->prompts[at.prompt].name);
      met.insert(key);
    }
  }

  void form_cells() {
    for (const auto& group : made_->groups)
      for (const auto& model : made_->models)
        for (const auto& prompt : made_->prompts)
          made_->cells.push_back({group.dataset, model.name, prompt.name, group.task_type,
                                  group.difficulty, made_->mode});
  }

  void note_shortfalls() {
    if (!experiment_.instances) return;
    for (const auto& group : made_->groups) {
      if (group.size >= *experiment_.instances) continue;
      auto text = "dataset " + group.dataset;
      if (!group.task_type.empty()) text += ", task type " + group.task_type;
      if (!group.difficulty.empty()) text += ", difficulty " + group.difficulty;
      made_->shortfalls.push_back(text + ": " + std::to_string(group.size) + " samples of the " +
                                  std::to_string(*experiment_.instances) +
                                  " that `instances` asks for");
    }
  }

  void take_fingerprint() {
    hash_text text;
    text.add(experiment_.judges);
    for (const auto& c : made_->cells)
      for (auto name : {&c.dataset, &c.model, &c.prompt, &c.task_type, &c.difficulty, &c.mode})
        text.add(*name);
    for (std::size_t i = 0; i < records_.size(); ++i) {
      text.add(std::to_string(made_->group_of[i]));
      text.add(records_[i]);
    }
    for (const auto& key : made_->keys) text.add(key);
    made_->fingerprint = to_string(text.finish());
  }

  const settings& all_;
  const experiment_settings& experiment_;
  std::shared_ptr<content> made_ = std::make_shared<content>();
  std::vector<task_key> records_;  ///< of each sample
  std::vector<task_key> sources_;  ///< of each sample of an extraction
  std::vector<problem> problems_;
};

// -- plan -----------------------------------------------------------------------------------------

plan::plan(std::shared_ptr<const content> made) : content_(std::move(made)) {}

checked<plan> plan::make(const settings& all, const experiment_settings& experiment) {
  auto built = builder(all, experiment).build();
  if (!built) return tl::make_unexpected(std::move(built.error()));
  return plan(std::move(*built));
}

std::size_t plan::size() const { return content_->keys.size(); }

const task_key& plan::key(std::size_t i) const { return content_->keys[i]; }

const cell& plan::cell_of(std::size_t i) const { return content_->cell_of(content_->place_of(i)); }

const sample& plan::sample_of(std::size_t i) const {
  return content_->samples[content_->place_of(i).sample];
}

const model_settings& plan::model_of(std::size_t i) const {
  return content_->models[content_->place_of(i).model];
}

const std::vector<std::string>& plan::providers_of(std::size_t i) const {
  return model_of(i).providers;
}

task plan::make_task(std::size_t i) const {
  auto at = content_->place_of(i);
  const auto& model = content_->models[at.model];
  task made;
  made.key = content_->keys[i];
  made.epoch = at.epoch;
  made.where = content_->cell_of(at);
  made.item = content_->samples[at.sample];
  auto& request = made.request;
  request.messages = content_->prompts[at.prompt].text.render(made.item);
  request.tools = content_->tools;
  take_from_model(request, model);
  made.providers = model.providers;
  made.input_tokens = estimate_tokens(request);
  return made;
}

std::vector<cell> plan::cells() const {
  auto sorted = content_->cells;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

const std::string& plan::fingerprint() const { return content_->fingerprint; }

const std::vector<std::string>& plan::shortfalls() const { return content_->shortfalls; }

}  // namespace assay::evaluation
