#include <algorithm>
#include <map>
#include <set>

#include "app/importing/models.hpp"
#include "app/importing/rows.hpp"
#include "evaluation/prompts/conversation.hpp"

namespace assay::importing {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// `gsm8k` of `samples_gsm8k_2024-06-01T10-00-00.123.jsonl`.
std::string task_of(const std::string& path) {
  auto name = std::filesystem::path(path).stem().string();
  if (name.starts_with("samples_")) name.erase(0, 8);
  for (std::size_t at = name.find("_20"); at != std::string::npos; at = name.find("_20", at + 1))
    if (name.size() > at + 5 && name[at + 5] == '-') return name.substr(0, at);
  return name;
}

/// What was asked: a prompt and how to generate; nothing if the request is of another kind.
struct asked {
  std::string prompt;
  json options;
};

std::optional<asked> request_of(const json& arguments) {
  const json* pair = nullptr;
  if (arguments.is_object()) {  // {"gen_args_0": {"arg_0": prompt, "arg_1": options}}
    if (arguments.size() != 1) return std::nullopt;
    auto& only = arguments.begin().value();
    if (!only.is_object() || !only.contains("arg_0") || !only["arg_0"].is_string())
      return std::nullopt;
    auto options = only.value("arg_1", json::object());
    if (!options.is_object()) return std::nullopt;
    return asked{only["arg_0"].get<std::string>(), options};
  }
  if (!arguments.is_array() || arguments.size() != 1) return std::nullopt;
  pair = &arguments[0];
  if (!pair->is_array() || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_object())
    return std::nullopt;
  return asked{(*pair)[0].get<std::string>(), (*pair)[1]};
}

std::vector<std::string> targets_of(const json& row) {
  std::vector<std::string> targets;
  auto target = row.value("target", json());
  auto add = [&](const json& one) {
    if (!one.is_null()) targets.push_back(one.is_string() ? one.get<std::string>() : one.dump());
  };
  if (target.is_array())
    for (auto& one : target) add(one);
  else
    add(target);
  return targets;
}

/// The answer that was recorded: `resps` is a list of lists of texts.
std::optional<std::string> answer_of(const json& row) {
  auto at = row.value("resps", json());
  while (at.is_array() && !at.empty()) at = json(at[0]);
  return at.is_string() ? std::optional(at.get<std::string>()) : std::nullopt;
}

class reader {
 public:
  reader(const std::vector<json_line>& rows, const request& wanted) : rows_(rows), wanted_(wanted) {
    to_.tool = "lm-evaluation-harness";
    to_.source = wanted.path;
    to_.name = name_from(task_of(wanted.path), "samples");
  }

  expected<draft> read() {
    for (auto& row : rows_) read_row(row);
    if (to_.rows.empty())
      return fail(wanted_.path, "no sample can be asked of a chat API",
                  to_.notes.empty() ? "" : to_.notes.front().what);
    auto before = to_.tables.size();
    if (auto ok = declare_models(to_, wanted_); !ok) return tl::make_unexpected(ok.error());
    set_generation(before);
    choose_prompt();
    choose_judges();
    return std::move(to_);
  }

 private:
  void read_row(const json_line& row) {
    auto& value = row.value;
    auto where = at_line(wanted_, row);
    auto request = request_of(value.value("arguments", json()));
    if (!request)
      return to_.not_understood(where, "samples of log-likelihoods are left out",
                                "a chat API gives no likelihoods of texts");
    auto filter = value.contains("filter") ? text_at(value, "filter") : "none";
    note_scores(value, filter);
    auto id =
        value.contains("doc_id") ? text_at(value, "doc_id") : std::to_string(to_.rows.size() + 1);
    if (!ids_.insert(id).second) return;  // the same sample through another filter
    add_options(request->options, where);
    ordered_json made = ordered_json::object();
    made[id_field] = id;
    auto messages = evaluation::read_conversation(request->prompt);
    made[input_field] = messages ? messages->back().content : request->prompt;
    made[target_field] = targets_of(value);
    if (messages) {
      made["messages"] = json::parse(request->prompt);
      ++conversations_;
    }
    add_document(value, made);
    to_.rows.push_back(std::move(made));
  }

  /// Scalars of the document, for templates and exports.
  static void add_document(const json& value, ordered_json& made) {
    auto doc = value.find("doc");
    if (doc == value.end() || !doc->is_object()) return;
    for (auto& [key, part] : doc->items())
      if (!part.is_structured() && !part.is_null() && !made.contains(key) && key != "messages")
        made[key] = part;
  }

  /// All samples should be generated alike.
  void add_options(const json& options, const std::string& where) {
    if (options_.is_null())
      options_ = options;
    else if (options_ != options)
      to_.not_understood(where, "samples differ in how they are generated",
                         "the first sample's options are used for all");
  }

  void note_scores(const json& value, const std::string& filter) {
    auto answer = answer_of(value);
    std::vector<std::string> metrics;
    if (auto listed = value.find("metrics"); listed != value.end() && listed->is_array())
      for (auto& metric : *listed)
        if (metric.is_string()) metrics.push_back(metric.get<std::string>());
    if (metrics.empty())
      for (auto metric : {"exact_match", "acc", "em", "exact", "f1", "contains", "pass@1"})
        if (value.contains(metric)) metrics.push_back(metric);
    for (auto& metric : metrics) {
      auto& all = recorded_[{filter, metric}];
      auto score = value.find(metric);
      bool usable = score != value.end() && (score->is_number() || score->is_boolean());
      if (answer && usable)
        all.push_back({*answer, targets_of(value),
                       score->is_boolean() ? double(score->get<bool>()) : score->get<double>()});
    }
  }

  /// Stop words and the like belong to the model here.
  void set_generation(std::size_t first_table) {
    std::vector<std::pair<std::string, std::string>> keys;
    auto temperature = options_.value("temperature", json(0));
    bool sample = options_.value("do_sample", json(false)) == json(true);
    keys.emplace_back("temperature",
                      sample && temperature.is_number() ? toml(ordered_json(temperature)) : "0");
    auto until = options_.value("until", json::array());
    if (until.is_string()) until = json::array({until});
    if (until.is_array() && !until.empty()) keys.emplace_back("stop", toml(ordered_json(until)));
    for (auto name : {"max_gen_toks", "max_new_tokens", "max_tokens"})
      if (auto cap = options_.find(name); cap != options_.end() && cap->is_number_integer()) {
        keys.emplace_back("max_tokens", cap->dump());
        break;
      }
    std::string said;
    for (auto& [key, value] : keys) said += (said.empty() ? "" : ", ") + key + " = " + value;
    if (!to_.include.empty())
      to_.not_understood(wanted_.path, "models of " + wanted_.with + " keep their own settings",
                         "the samples were generated with " + said);
    for (auto i = first_table; i < to_.tables.size(); ++i) {
      auto& table = to_.tables[i];
      if (table.section != "models") continue;
      for (auto& key : keys) {
        std::erase_if(table.keys, [&](auto& k) { return k.first == key.first; });
        table.keys.push_back(key);
      }
    }
  }

  void choose_prompt() {
    if (conversations_ == to_.rows.size()) {
      to_.prompts = {"conversation"};
      return;
    }
    to_.prompts = {"baseline"};
    if (conversations_ > 0)
      to_.not_understood(
          wanted_.path,
          std::to_string(conversations_) + " samples are conversations, others are not",
          "all are sent as one message");
  }

  void choose_judges() {
    for (auto& [key, answers] : recorded_) {
      auto& [filter, metric] = key;
      auto chosen = choose_judge(task_of(wanted_.path), filter, metric, answers);
      auto name = filter == "none" ? metric : metric + "-" + filter;
      auto what = "metric '" + metric + "'" +
                  (filter == "none" ? std::string() : " (filter '" + filter + "')");
      if (chosen.declared.keys.empty()) {
        to_.not_understood(wanted_.path, what + " is not understood");
        continue;
      }
      if (chosen.agrees < answers.size() || answers.empty())
        to_.not_understood(wanted_.path,
                           what + " is judged by " + chosen.declared.keys.front().second +
                               ", which agrees with " + std::to_string(chosen.agrees) + " of " +
                               std::to_string(answers.size()) + " scores of the file",
                           "see docs/judges.md for others");
      chosen.declared.name = distinct(name_from(name, "score"), to_.judges);
      to_.judges.push_back(chosen.declared.name);
      to_.tables.push_back(std::move(chosen.declared));
    }
    if (!to_.judges.empty()) return;
    to_.judges = {"includes"};
    to_.not_understood(wanted_.path, "the file holds no scores: answers are judged by 'includes'",
                       "see docs/judges.md for others");
  }

  const std::vector<json_line>& rows_;
  const request& wanted_;
  draft to_;
  std::set<std::string> ids_;
  json options_;
  std::size_t conversations_ = 0;
  std::map<std::pair<std::string, std::string>, std::vector<recorded_answer>> recorded_;
};

}  // namespace

expected<draft> read_lm_eval(const std::vector<json_line>& rows, const request& wanted) {
  return reader(rows, wanted).read();
}

}  // namespace assay::importing
