#include "app/importing/models.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace assay::importing {

namespace {

using nlohmann::ordered_json;

/// Where a prefix of promptfoo leads. `preset` is one of ours; those with a URL speak OpenAI's
/// format there.
struct prefix {
  std::string_view name;
  std::string_view preset;
  std::string_view base_url;
  std::string_view key_env;
};

constexpr std::array<prefix, 18> prefixes{{
    {"anthropic", "anthropic", "", ""},
    {"azure", "azure", "", ""},
    {"azureopenai", "azure", "", ""},
    {"cerebras", "openai", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"},
    {"deepseek", "deepseek", "", ""},
    {"fireworks", "openai", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"},
    {"google", "gemini", "", ""},
    {"groq", "groq", "", ""},
    {"llama.cpp", "llamacpp", "", ""},
    {"localai", "openai", "http://localhost:8080/v1", "LOCALAI_API_KEY"},
    {"mistral", "openai", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"},
    {"ollama", "ollama", "", ""},
    {"openai", "openai", "", ""},
    {"openrouter", "openrouter", "", ""},
    {"perplexity", "openai", "https://api.perplexity.ai", "PERPLEXITY_API_KEY"},
    {"together", "together", "", ""},
    {"togetherai", "together", "", ""},
    {"xai", "openai", "https://api.x.ai/v1", "XAI_API_KEY"},
}};

/// Kinds of endpoint between prefix and model: chat is what we speak; the others are something
/// else.
constexpr std::array<std::string_view, 3> chat_kinds{"chat", "messages", "responses"};
constexpr std::array<std::string_view, 8> other_kinds{"assistant",  "completion",   "embedding",
                                                      "embeddings", "image",        "moderation",
                                                      "realtime",   "transcription"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// An option of a model: what it is called there, and in our files.
struct option_name {
  std::string_view theirs, ours;
};

constexpr std::array<option_name, 11> model_options{{
    {"temperature", "temperature"},
    {"max_tokens", "max_tokens"},
    {"max_completion_tokens", "max_tokens"},
    {"maxOutputTokens", "max_tokens"},
    {"num_predict", "max_tokens"},
    {"top_p", "top_p"},
    {"topP", "top_p"},
    {"seed", "seed"},
    {"stop", "stop"},
    {"stopSequences", "stop"},
    {"stop_sequences", "stop"},
}};

/// Options that go into the request's body as they are.
constexpr std::array<std::string_view, 10> body_options{
    "frequency_penalty", "logit_bias",       "parallel_tool_calls",
    "presence_penalty",  "reasoning_effort", "response_format",
    "service_tier",      "thinking",         "top_k",
    "verbosity"};

/// Where the account is found; read in `account_of`.
constexpr std::array<std::string_view, 6> account_options{"apiBaseUrl", "apiHost",    "apiKeyEnvar",
                                                          "apiKey",     "apiVersion", "baseUrl"};

struct parsed_spec {
  const prefix* at = nullptr;
  std::string model;
};

expected<parsed_spec> parse(const std::string& spec) {
  auto colon = spec.find(':');
  auto name = spec.substr(0, colon);
  auto known = std::find_if(prefixes.begin(), prefixes.end(),
                            [&](const prefix& p) { return p.name == name; });
  if (known == prefixes.end() || colon == std::string::npos)
    return fail({}, "provider '" + spec + "' is not understood",
                "expected one such as openai:gpt-4o, anthropic:messages:..., ollama:chat:...");
  auto rest = spec.substr(colon + 1);
  auto kind = rest.substr(0, rest.find(':'));
  if (contains(other_kinds, kind))
    return fail({}, "provider '" + spec + "' is for '" + kind + "'",
                "only chat models can be called");
  if (contains(chat_kinds, kind) && kind.size() < rest.size()) rest = rest.substr(kind.size() + 1);
  if (rest.empty() || contains(chat_kinds, rest))
    return fail({}, "provider '" + spec + "' names no model");
  return parsed_spec{known, rest};
}

/// Models that take neither a temperature nor the plain cap.
bool reasons(const std::string& model) {
  return model.starts_with("gpt-5") ||
         (model.size() > 1 && model[0] == 'o' && model[1] >= '1' && model[1] <= '9');
}

class declarer {
 public:
  declarer(draft& to, const model_wish& wish, const config::environment& env)
      : to_(to), wish_(wish), env_(env) {}

  std::string declare() {
    auto spec = parse(wish_.spec);
    if (!spec) {
      to_.not_understood(wish_.where, spec.error().what, spec.error().fix);
      return {};
    }
    toml_table model{"models", {}, {}};
    auto account = account_of(*spec->at);
    model.keys.emplace_back("provider", toml(account));
    model.keys.emplace_back("model_name", toml(spec->model));
    add_options(model, *spec);
    if (wish_.as_declared)
      for (auto& table : to_.tables)
        if (table.section == "models" && table.keys == model.keys) return table.name;
    auto label = wish_.label.empty() ? spec->model : wish_.label;
    model.name = distinct(name_from(label, "model"), to_.names("models"));
    to_.tables.push_back(model);
    return model.name;
  }

 private:
  const tree* option(std::string_view name) const {
    auto found = wish_.config ? wish_.config->find(name) : nullptr;
    return found && found->is_scalar() ? found : nullptr;
  }

  /// The name of the account, declared unless an equal one is.
  std::string account_of(const prefix& p) {
    toml_table account{"providers", {}, {{"preset", toml(std::string(p.preset))}}};
    auto url = url_of(p);
    if (!url.empty()) account.keys.emplace_back("base_url", toml(url));
    auto key = option("apiKeyEnvar") ? option("apiKeyEnvar")->text : std::string(p.key_env);
    if (!key.empty()) account.keys.emplace_back("api_key_env", toml(key));
    if (auto version = option("apiVersion"))
      account.keys.emplace_back("api_version", toml(version->text));
    if (option("apiKey"))
      to_.not_understood(wish_.where, "a key in the file is not used",
                         "put it into an environment variable and name that: apiKeyEnvar");
    for (auto& table : to_.tables)
      if (table.section == "providers" && table.keys == account.keys) return table.name;
    account.name = distinct(std::string(p.name), to_.names("providers"));
    to_.tables.push_back(account);
    return account.name;
  }

  std::string url_of(const prefix& p) {
    for (auto name : {"apiBaseUrl", "baseUrl"})
      if (auto stated = option(name)) return stated->text;
    if (auto host = option("apiHost"))
      return "https://" + host->text + (p.preset == "openai" ? "/v1" : "");
    if (p.name == "openai")
      for (auto name : {"OPENAI_BASE_URL", "OPENAI_API_BASE_URL"})
        if (auto value = env_(name)) return *value;
    if (p.preset == "azure")
      if (auto host = env_("AZURE_API_HOST")) return "https://" + *host;
    return std::string(p.base_url);
  }

  void add_options(toml_table& model, const parsed_spec& spec) {
    ordered_json body = ordered_json::object();
    if (wish_.config)
      for (auto& [key, value] : wish_.config->entries) add_option(model, body, key, value);
    auto has = [&](const char* key) {
      return std::any_of(model.keys.begin(), model.keys.end(),
                         [&](auto& k) { return k.first == key; });
    };
    // what promptfoo sends to such models if the file is silent
    bool plain =
        !reasons(spec.model) && (spec.at->preset == "openai" || spec.at->preset == "anthropic" ||
                                 spec.at->preset == "azure");
    if (plain && !has("temperature")) model.keys.emplace_back("temperature", "0");
    if (plain && !has("max_tokens")) model.keys.emplace_back("max_tokens", "1024");
    if (!body.empty()) model.keys.emplace_back("extra", toml(body));
  }

  void add_option(toml_table& model, ordered_json& body, const std::string& key,
                  const tree& value) {
    auto known = std::find_if(model_options.begin(), model_options.end(),
                              [&](const option_name& o) { return o.theirs == key; });
    if (known != model_options.end()) {
      set(model, std::string(known->ours), toml(value.json()));
    } else if (contains(body_options, key)) {
      body[key] = value.json();
    } else if (key == "passthrough" && value.is == tree::kind::table) {
      for (auto& [inner, content] : value.entries) body[inner] = content.json();
    } else if (key == "generationConfig" && value.is == tree::kind::table) {
      for (auto& [inner, content] : value.entries) add_option(model, body, inner, content);
    } else if (!contains(account_options, key)) {
      to_.not_understood(wish_.where, "option '" + key + "' of the provider is not understood");
    }
  }

  /// The last word counts.
  static void set(toml_table& table, const std::string& key, const std::string& value) {
    std::erase_if(table.keys, [&](auto& k) { return k.first == key; });
    table.keys.emplace_back(key, value);
  }

  draft& to_;
  const model_wish& wish_;
  const config::environment& env_;
};

/// An experiment file, which may speak of the imported dataset.
expected<settings> load_with(const std::string& file, const std::string& dataset,
                             const config::environment& env) {
  toml_table samples{"datasets", dataset, {{"path", toml("imported.jsonl")}}};
  auto around = "include = " + toml(file) + "\n" + to_toml(samples);
  auto loaded = config::parse(around, "import.toml", env);
  if (!loaded) return tl::make_unexpected(loaded.error().front());
  if (loaded->models.empty()) return fail(file, "the file declares no model");
  return std::move(*loaded);
}

template <class T>
std::vector<std::string> names_of(const std::vector<T>& declared) {
  std::vector<std::string> names;
  for (auto& one : declared) names.push_back(one.name);
  return names;
}

}  // namespace

std::string declare_model(draft& to, const model_wish& wish, const config::environment& env) {
  return declarer(to, wish, env).declare();
}

expected<void> declare_models(draft& to, const request& wanted) {
  std::vector<std::string> declared;
  if (!wanted.with.empty()) {
    std::error_code ignored;
    to.include = std::filesystem::absolute(wanted.with, ignored).lexically_normal().string();
    auto with = load_with(to.include, to.name, wanted.env);
    if (!with) return tl::make_unexpected(with.error());
    declared = names_of(with->models);
    to.included = {{"models", declared},
                   {"providers", names_of(with->providers)},
                   {"judges", names_of(with->judges)}};
    if (wanted.models.empty()) to.models = declared;
  }
  for (auto& name : wanted.models) {
    if (std::find(declared.begin(), declared.end(), name) != declared.end()) {
      to.models.push_back(name);
      continue;
    }
    if (auto spec = parse(name); !spec) return fail("--model", spec.error().what, spec.error().fix);
    to.models.push_back(declare_model(to, {name, {}, nullptr, "--model"}, wanted.env));
  }
  return {};
}

}  // namespace assay::importing
