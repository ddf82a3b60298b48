#include <set>

#include "config/document.hpp"
#include "config/url.hpp"
#include "messages/known_names.hpp"

namespace assay::config {

namespace {

/// The entry called `name`, or null.
template <class Draft>
const Draft* find_draft(const std::vector<Draft>& drafts, std::string_view name) {
  auto found = std::find_if(drafts.begin(), drafts.end(),
                            [&](const Draft& d) { return d.value.name == name; });
  return found == drafts.end() ? nullptr : &*found;
}

template <class Draft>
std::vector<std::string_view> draft_names(const std::vector<Draft>& drafts) {
  std::vector<std::string_view> names;
  for (const auto& d : drafts) names.push_back(d.value.name);
  return names;
}

/// One kind of thing that can be named: what it is called, its section, and all names there are.
struct namespace_of {
  std::string_view kind;
  std::string_view section;
  std::vector<std::string_view> names;

  bool knows(std::string_view name) const { return known::contains(names, name); }
};

class checker {
 public:
  checker(report& problems, const document& all)
      : problems_(problems),
        all_(all),
        providers_{"provider", "providers", draft_names(all.providers)},
        models_{"model", "models", draft_names(all.models)},
        datasets_{"dataset", "datasets", draft_names(all.datasets)},
        prompts_{"prompt", "prompts", draft_names(all.prompts)},
        judges_{"judge", "judges", draft_names(all.judges)},
        tools_{"tool", "tools", draft_names(all.tools)},
        mocks_{"mock", "mocks", draft_names(all.mocks)} {
    prompts_.names.insert(prompts_.names.end(), known::prompts.begin(), known::prompts.end());
    judges_.names.insert(judges_.names.end(), known::judges.begin(), known::judges.end());
    tools_.names.insert(tools_.names.end(), known::tools.begin(), known::tools.end());
  }

  void check() {
    for (const auto& d : all_.providers) check_mock_of(d);
    for (const auto& d : all_.models) check_model(d);
    for (const auto& d : all_.mocks) check_list(d, "datasets", d.value.datasets, datasets_);
    check_list(all_.extraction, "model", {all_.extraction.value.model}, models_);
    check_list(all_.extraction, "embedding_model", {all_.extraction.value.embedding_model},
               models_);
    for (const auto& d : all_.judges) check_list(d, "models", d.value.grader.models, models_);
    for (const auto& d : all_.experiments) check_experiment(d);
  }

 private:
  void unknown(place at, const std::string& user, std::string_view name, const namespace_of& in) {
    auto fix = in.names.empty()
                   ? "declare it: [" + std::string(in.section) + "." + std::string(name) + "]"
                   : suggestion(name, in.names);
    problems_.add(at, user + ": unknown " + std::string(in.kind) + " " + in_quotes(name),
                  std::move(fix));
  }

  /// Every name of a list; an empty one was already reported.
  void check_list(const node& table, place at, const char* key,
                  const std::vector<std::string>& used, const namespace_of& in) {
    for (std::size_t i = 0; i < used.size(); ++i)
      if (!used[i].empty() && !in.knows(used[i]))
        unknown(item_place(table, at, key, i), key, used[i], in);
  }

  template <class Draft>
  void check_list(const Draft& d, const char* key, const std::vector<std::string>& used,
                  const namespace_of& in) {
    if (d.table) check_list(*d.table, d.at, key, used, in);
  }

  void check_mock_of(const provider_draft& d) {
    auto name = mock_name(d.value.base_url);
    if (!name.empty() && !mocks_.knows(name))
      unknown(item_place(*d.table, d.at, "base_url", 0), "base_url", name, mocks_);
  }

  void check_model(const model_draft& d) {
    const auto* key = find(*d.table, "provider") ? "provider" : "providers";
    check_list(d, key, d.value.providers, providers_);
    check_list(d, "fallback", d.value.fallback, providers_);
    for (const auto& name : d.value.providers) {
      const auto* provider = find_draft(all_.providers, name);
      const auto* mock =
          provider ? find_draft(all_.mocks, mock_name(provider->value.base_url)) : nullptr;
      if (mock) check_served(d, mock->value);
    }
  }

  void check_served(const model_draft& d, const mock_settings& mock) {
    std::vector<std::string_view> served;
    for (const auto& model : mock.models) served.push_back(model.name);
    if (served.empty() || known::contains(served, d.value.model_name)) return;
    problems_.add(item_place(*d.table, d.at, "model_name", 0),
                  "mock " + in_quotes(mock.name) + " has no model " + in_quotes(d.value.model_name),
                  suggestion(d.value.model_name, served));
  }

  void check_experiment(const experiment_draft& d) {
    check_list(d, "datasets", d.value.datasets, datasets_);
    check_list(d, "models", d.value.models, models_);
    check_list(d, "prompts", d.value.prompts, prompts_);
    check_list(d, "judges", d.value.judges, judges_);
    for (std::size_t i = 0; i < d.value.judges.size(); ++i) {
      check_declared(d, i);
      check_epochs(d, i);
    }
    if (d.value.delivery == delivery_mode::batch) check_batches(d);
    check_mode(d);
    if (d.value.mode == "agent" || find(*d.table, "agent")) check_agent(d);
    bool unreadable = d.value.judges.empty() && find(*d.table, "judges");
    if (!unreadable) check_thresholds(d);
    if (!unreadable && d.value.stop_when) check_stop_rule(d, *d.value.stop_when);
  }

  /// Every provider needs an endpoint for batches, and what is about single calls means nothing.
  void check_batches(const experiment_draft& d) {
    auto at = item_place(*d.table, d.at, "delivery", 0);
    for (const auto& name : providers_of(d)) {
      const auto* provider = find_draft(all_.providers, name);
      if (!provider || known::contains(known::batch_dialects, provider->value.dialect)) continue;
      problems_.add(at,
                    "delivery: provider " + in_quotes(name) + " speaks " +
                        in_quotes(provider->value.dialect) +
                        ", for which no batch endpoint is known (it is for " +
                        one_of(known::batch_dialects.begin(), known::batch_dialects.end()) + ")",
                    "set delivery = \"single\"");
    }
    for (const char* key : {"batching", "hedge", "concurrency"})
      if (find(*d.table, key))
        problems_.add(item_place(*d.table, d.at, key, 0),
                      std::string(key) + " is about single calls, but delivery is \"batch\"",
                      "remove " + std::string(key) + ", or set delivery = \"single\"");
  }

  std::set<std::string> providers_of(const experiment_draft& d) const {
    std::set<std::string> used;
    for (const auto& name : d.value.models)
      if (const auto* model = find_draft(all_.models, name)) {
        used.insert(model->value.providers.begin(), model->value.providers.end());
        used.insert(model->value.fallback.begin(), model->value.fallback.end());
      }
    return used;
  }

  void check_thresholds(const experiment_draft& d) {
    const auto* thresholds = find(*d.table, "thresholds");
    for (const auto& [judge, score] : d.value.thresholds) {
      if (known::contains(d.value.judges, judge)) continue;
      std::vector<std::string_view> used(d.value.judges.begin(), d.value.judges.end());
      const auto* stated = thresholds ? find(thresholds->value, judge) : nullptr;
      problems_.add(stated ? stated->at : d.at,
                    "thresholds: " + in_quotes(judge) + " is no judge of this experiment",
                    suggestion(judge, used));
    }
  }

  /// The rule looks at the mean of single answers, while the run goes on.
  void check_stop_rule(const experiment_draft& d, const stop_rule& rule) {
    const auto* stated = find(*d.table, "stop_when");
    auto at = [&](const char* key) { return item_place(stated->value, stated->at, key, 0); };
    if (!rule.judge.empty() && !known::contains(d.value.judges, rule.judge)) {
      std::vector<std::string_view> used(d.value.judges.begin(), d.value.judges.end());
      problems_.add(at("judge"),
                    "stop_when: " + in_quotes(rule.judge) + " is no judge of this experiment",
                    suggestion(rule.judge, used));
    }
    const auto* judge = judge_of(rule.judge);
    if (judge && judge->value.k > 1)
      problems_.add(at("judge"),
                    "stop_when: the figure of judge " + in_quotes(rule.judge) + " is pass@" +
                        show(judge->value.k) + ", the rule looks at the mean of single answers",
                    "name another judge, or set k = 1");
    if (d.value.delivery == delivery_mode::batch)
      problems_.add(stated->at,
                    "stop_when looks at the verdicts while the run goes on, but delivery = "
                    "\"batch\" hands everything over at once",
                    "remove stop_when, or set delivery = \"single\"");
  }

  const judge_draft* judge_of(const std::string& name) const {
    return find_draft(all_.judges, name);
  }

  /// A mode that runs programs needs a judge that does.
  void check_mode(const experiment_draft& d) {
    if (d.value.mode != "program_execution") return;
    auto runs = [&](const std::string& name) {
      const auto* judge = judge_of(name);
      return judge ? judge->value.type == "program" : name == "program";
    };
    if (std::any_of(d.value.judges.begin(), d.value.judges.end(), runs)) return;
    problems_.add(item_place(*d.table, d.at, "mode", 0),
                  "mode: program_execution runs programs, and no judge of this experiment does",
                  "add a judge of type program: judges = [\"program\"]");
  }

  /// A judge that asks models or runs a command cannot be used by its type alone.
  void check_declared(const experiment_draft& d, std::size_t i) {
    const auto& name = d.value.judges[i];
    const bool asks = known::contains(known::model_judges, name);
    if (judge_of(name) || (!asks && name != "command")) return;
    problems_.add(item_place(*d.table, d.at, "judges", i),
                  "judges: " + in_quotes(name) + " must be told " +
                      (asks ? "the models that grade" : "its command"),
                  "declare a judge: [judges.NAME] with type = \"" + name + "\"");
  }

  /// An agent needs tools, a tool what it works on, and every call an answer before the next.
  void check_agent(const experiment_draft& d) {
    const auto* stated = find(*d.table, "agent");
    auto at = stated ? stated->at : item_place(*d.table, d.at, "mode", 0);
    if (d.value.mode != "agent")
      return problems_.add(at, "agent is about tools, but mode is " + in_quotes(d.value.mode),
                           "set mode = \"agent\", or remove agent");
    const auto& agent = d.value.agent;
    if (agent.tools.empty())
      return problems_.add(at, "mode: an agent needs tools",
                           "set agent = { tools = [\"calculator\"] }; known: " + list_of(tools_));
    check_list(stated->value, stated->at, "tools", agent.tools, tools_);
    check_needs(*stated, agent, "files", "folder", agent.folder);
    check_needs(*stated, agent, "search", "documents", agent.documents);
    refuse_for_agents(d, "delivery", d.value.delivery == delivery_mode::batch);
    refuse_for_agents(d, "batching", d.value.batching.max_items > 1);
  }

  /// `key` is set if, and only if, the tool that works on it is used.
  void check_needs(const entry& stated, const agent_settings& agent, const char* tool,
                   const std::string& key, const std::string& value) {
    bool used = known::contains(agent.tools, tool);
    if (used && value.empty())
      problems_.add(item_place(stated.value, stated.at, "tools", 0),
                    std::string("agent: the tool \"") + tool + "\" needs " + key,
                    "set agent." + key);
    if (!used && !value.empty())
      problems_.add(item_place(stated.value, stated.at, key, 0),
                    "agent: " + key + " is for the tool \"" + tool + "\", which is not used",
                    std::string("add \"") + tool + "\" to agent.tools, or remove " + key);
  }

  void refuse_for_agents(const experiment_draft& d, const char* key, bool on) {
    if (on)
      problems_.add(item_place(*d.table, d.at, key, 0),
                    std::string(key) + ": an agent's calls follow from each other, one by one",
                    std::string("remove ") + key + ", or set another mode");
  }

  static std::string list_of(const namespace_of& in) {
    std::string list;
    for (auto name : in.names) list += (list.empty() ? "" : ", ") + std::string(name);
    return list;
  }

  /// pass@k needs k answers to each question.
  void check_epochs(const experiment_draft& d, std::size_t i) {
    const auto* judge = judge_of(d.value.judges[i]);
    auto epochs = static_cast<std::int64_t>(d.value.epochs);
    if (!judge || judge->value.k <= epochs) return;
    problems_.add(item_place(*d.table, d.at, "judges", i),
                  "judge " + in_quotes(judge->value.name) + " needs " + show(judge->value.k) +
                      " answers to each sample, epochs is " + show(epochs),
                  "set epochs = " + show(judge->value.k));
  }

  report& problems_;
  const document& all_;
  namespace_of providers_, models_, datasets_, prompts_, judges_, tools_, mocks_;
};

template <class Draft, class Settings>
void move_all(std::vector<Draft>& from, std::vector<Settings>& to) {
  for (auto& d : from) to.push_back(std::move(d.value));
}

/// Declares what the experiment uses by a name that needs no declaration.
void declare_known(const report& problems, const experiment_draft& d, settings& all) {
  for (std::size_t i = 0; i < d.value.prompts.size(); ++i) {
    const auto& name = d.value.prompts[i];
    if (find_named(all.prompts, name)) continue;
    prompt_settings prompt;
    prompt.name = prompt.library = name;
    prompt.declared_at = problems.where(item_place(*d.table, d.at, "prompts", i));
    all.prompts.push_back(std::move(prompt));
  }
  for (std::size_t i = 0; i < d.value.judges.size(); ++i) {
    const auto& name = d.value.judges[i];
    if (find_named(all.judges, name)) continue;
    judge_settings judge;
    judge.name = judge.type = name;
    judge.declared_at = problems.where(item_place(*d.table, d.at, "judges", i));
    all.judges.push_back(std::move(judge));
  }
}

}  // namespace

void check_references(report& problems, const document& all) { checker(problems, all).check(); }

settings to_settings(const report& problems, document all) {
  settings out;
  out.file = problems.path(0);
  out.ledger = std::move(all.general.ledger);
  out.report_dir = std::move(all.general.report_dir);
  move_all(all.providers, out.providers);
  move_all(all.models, out.models);
  move_all(all.datasets, out.datasets);
  move_all(all.prompts, out.prompts);
  move_all(all.judges, out.judges);
  out.sandbox = all.sandbox;
  out.nodes = all.nodes;
  out.extraction = std::move(all.extraction.value);
  move_all(all.tools, out.tools);
  move_all(all.mocks, out.mocks);
  for (const auto& d : all.experiments) declare_known(problems, d, out);
  for (auto& judge : out.judges) judge.programs = out.sandbox;
  move_all(all.experiments, out.experiments);
  return out;
}

}  // namespace assay::config
