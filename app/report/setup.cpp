#include "app/report/setup.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace assay::report {

using nlohmann::json;

namespace {

// -- writing --------------------------------------------------------------------------------------

template <class T>
void put(json& object, const char* name, const std::optional<T>& value) {
  if (value) object[name] = *value;
}

json json_of(const rate_limit& limit) {
  return {{"counts", static_cast<int>(limit.counts)}, {"amount", limit.amount},
          {"window_ms", limit.window.count()},        {"burst", limit.burst},
          {"shape", static_cast<int>(limit.shape)},   {"key", limit.key}};
}

json json_of(const std::vector<rate_limit>& rates) {
  auto list = json::array();
  for (const auto& limit : rates) list.push_back(json_of(limit));
  return list;
}

json json_of(const provider_setup& provider) {
  const auto& each = provider.limits.each_address;
  json object = {{"name", provider.name},
                 {"dialect", provider.dialect},
                 {"max_parallel", provider.limits.max_parallel},
                 {"reserve", static_cast<int>(provider.limits.reserve)},
                 {"rates", json_of(provider.limits.rates)},
                 {"rates_of_address", json_of(each.rates)}};
  put(object, "max_parallel_of_address", each.max_parallel);
  return object;
}

json json_of(const model_setup& model) {
  json prices = json::object();
  put(prices, "input", model.prices.input);
  put(prices, "cached_input", model.prices.cached_input);
  put(prices, "cache_write", model.prices.cache_write);
  put(prices, "output", model.prices.output);
  json object = {{"name", model.name},
                 {"wire_name", model.wire_name},
                 {"providers", model.providers},
                 {"prices_usd_per_million", std::move(prices)}};
  put(object, "max_tokens", model.max_tokens);
  return object;
}

json json_of(const judge_setup& judge) {
  return {{"name", judge.name}, {"type", judge.type}, {"k", judge.k}, {"models", judge.models}};
}

template <class T>
json array_of(const std::vector<T>& entries) {
  json array = json::array();
  for (const auto& entry : entries) array.push_back(json_of(entry));
  return array;
}

// -- reading --------------------------------------------------------------------------------------

void get(const json& object, const char* name, std::string& into) {
  if (auto at = object.find(name); at != object.end() && at->is_string()) into = *at;
}

template <class T>
void get_number(const json& object, const char* name, T& into) {
  if (auto at = object.find(name); at != object.end() && at->is_number()) into = at->get<T>();
}

template <class T>
void get(const json& object, const char* name, std::optional<T>& into) {
  if (auto at = object.find(name); at != object.end() && at->is_number()) into = at->get<T>();
}

template <class Enum>
void get_enum(const json& object, const char* name, Enum last, Enum& into) {
  int number = -1;
  get_number(object, name, number);
  if (number >= 0 && number <= static_cast<int>(last)) into = static_cast<Enum>(number);
}

template <class Visit>
void each(const json& object, const char* name, Visit visit) {
  auto at = object.find(name);
  if (at == object.end() || !at->is_array()) return;
  for (const auto& entry : *at) visit(entry);
}

void get(const json& object, const char* name, std::vector<std::string>& into) {
  each(object, name, [&](const json& entry) {
    if (entry.is_string()) into.push_back(entry);
  });
}

rate_limit rate_limit_of(const json& object) {
  rate_limit limit;
  std::int64_t window_ms = limit.window.count();
  get_enum(object, "counts", dimension::concurrency, limit.counts);
  get_number(object, "amount", limit.amount);
  get_number(object, "window_ms", window_ms);
  get_number(object, "burst", limit.burst);
  get_enum(object, "shape", limit_shape::sliding_log, limit.shape);
  get(object, "key", limit.key);
  limit.window = milliseconds(window_ms);
  return limit;
}

void get(const json& object, const char* name, std::vector<rate_limit>& into) {
  each(object, name, [&](const json& entry) {
    if (entry.is_object()) into.push_back(rate_limit_of(entry));
  });
}

provider_setup provider_of(const json& object) {
  provider_setup provider;
  get(object, "name", provider.name);
  get(object, "dialect", provider.dialect);
  get_number(object, "max_parallel", provider.limits.max_parallel);
  get_enum(object, "reserve", reserve_policy::none, provider.limits.reserve);
  get(object, "rates", provider.limits.rates);
  get(object, "rates_of_address", provider.limits.each_address.rates);
  get(object, "max_parallel_of_address", provider.limits.each_address.max_parallel);
  return provider;
}

model_setup model_of(const json& object) {
  model_setup model;
  get(object, "name", model.name);
  get(object, "wire_name", model.wire_name);
  get(object, "providers", model.providers);
  get(object, "max_tokens", model.max_tokens);
  if (auto at = object.find("prices_usd_per_million"); at != object.end() && at->is_object()) {
    get(*at, "input", model.prices.input);
    get(*at, "cached_input", model.prices.cached_input);
    get(*at, "cache_write", model.prices.cache_write);
    get(*at, "output", model.prices.output);
  }
  return model;
}

judge_setup judge_of(const json& object) {
  judge_setup judge;
  get(object, "name", judge.name);
  get(object, "type", judge.type);
  get_number(object, "k", judge.k);
  get(object, "models", judge.models);
  return judge;
}

void add_providers(const settings& all, const model_settings& model, setup& into) {
  for (const auto* names : {&model.providers, &model.fallback})
    for (const auto& used : *names) {
      const auto* provider = find_named(all.providers, used);
      if (provider && !find_named(into.providers, used))
        into.providers.push_back({provider->name, provider->dialect, provider->limits});
    }
}

}  // namespace

judge_setup setup_of(const judge_settings& judge) {
  return {judge.name, judge.type, judge.k, judge.grader.models};
}

setup make_setup(const settings& all, const experiment_settings& experiment) {
  setup result{.mode = experiment.mode,
               .epochs = experiment.epochs,
               .concurrency = experiment.concurrency,
               .datasets = experiment.datasets,
               .prompts = experiment.prompts,
               .providers = {},
               .models = {},
               .judges = {},
               .thresholds = experiment.thresholds,
               .watch = experiment.watch,
               .stop_when = experiment.stop_when,
               .bad_lag = all.nodes.bad_lag};
  for (const auto& name : experiment.models) {
    const auto* model = find_named(all.models, name);
    if (!model) continue;
    result.models.push_back({model->name,
                             model->model_name.empty() ? model->name : model->model_name,
                             model->providers, model->max_tokens, model->prices});
    add_providers(all, *model, result);
  }
  for (const auto& name : experiment.judges) {
    const auto* judge = find_named(all.judges, name);
    for (const auto& grader : judge ? judge->grader.models : std::vector<std::string>())
      if (const auto* model = find_named(all.models, grader)) add_providers(all, *model, result);
    result.judges.push_back(judge ? setup_of(*judge) : judge_setup{name, name, 1});
  }
  return result;
}

std::string to_json(const setup& what) {
  json object = {{"mode", what.mode},
                 {"epochs", what.epochs},
                 {"datasets", what.datasets},
                 {"prompts", what.prompts},
                 {"providers", array_of(what.providers)},
                 {"models", array_of(what.models)},
                 {"judges", array_of(what.judges)},
                 {"thresholds", what.thresholds}};
  put(object, "concurrency", what.concurrency);
  object["watch"] = {{"on", what.watch.on},
                     {"window", what.watch.window},
                     {"significance", what.watch.significance}};
  object["bad_lag_ms"] = what.bad_lag.count();
  if (what.stop_when)
    object["stop_when"] = {{"judge", what.stop_when->judge},
                           {"half_width", what.stop_when->half_width},
                           {"confidence", what.stop_when->confidence},
                           {"min_samples", what.stop_when->min_samples}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

expected<setup> setup_from_json(std::string_view text) {
  setup result;
  if (text.empty()) return result;
  const auto object = json::parse(text, nullptr, false);
  if (!object.is_object())
    return fail("run", "the stored setup of the run cannot be read",
                "the ledger is damaged; `assay export` still gives its records");
  get(object, "mode", result.mode);
  get_number(object, "epochs", result.epochs);
  auto bad_lag_ms = result.bad_lag.count();
  get_number(object, "bad_lag_ms", bad_lag_ms);
  result.bad_lag = milliseconds(bad_lag_ms);
  get(object, "concurrency", result.concurrency);
  get(object, "datasets", result.datasets);
  get(object, "prompts", result.prompts);
  if (auto at = object.find("watch"); at != object.end() && at->is_object()) {
    result.watch.on = at->value("on", json(true)) != json(false);
    get_number(*at, "window", result.watch.window);
    get_number(*at, "significance", result.watch.significance);
  }
  if (auto at = object.find("stop_when"); at != object.end() && at->is_object()) {
    auto& rule = result.stop_when.emplace();
    get(*at, "judge", rule.judge);
    get_number(*at, "half_width", rule.half_width);
    get_number(*at, "confidence", rule.confidence);
    get_number(*at, "min_samples", rule.min_samples);
  }
  auto entries = [&](const char* name, auto& into, auto read) {
    each(object, name, [&](const json& entry) {
      if (entry.is_object()) into.push_back(read(entry));
    });
  };
  entries("providers", result.providers, provider_of);
  entries("models", result.models, model_of);
  entries("judges", result.judges, judge_of);
  if (auto at = object.find("thresholds"); at != object.end() && at->is_object())
    for (const auto& [judge, least] : at->items())
      if (least.is_number()) result.thresholds[judge] = least.get<double>();
  return result;
}

}  // namespace assay::report
