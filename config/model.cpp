#include <array>

#include "config/json.hpp"
#include "config/sections.hpp"

namespace assay::config {

namespace {

using draft_type = model_draft;

/// What assay itself puts into every request; an `extra` of that name would break it.
constexpr std::array<std::string_view, 5> own_fields{"contents", "messages", "model", "stream",
                                                     "stream_options"};

constexpr rule price{.min = 0, .max = 1e6};

void read_extra(reading& in, const node& n, draft_type& d) {
  if (n.kind != node_kind::table) return mismatch(in, n, "extra", "a table");
  for (const auto& e : n.entries)
    if (std::find(own_fields.begin(), own_fields.end(), e.key) != own_fields.end())
      in.problems.add(e.at, "extra: " + in_quotes(e.key) + " is set by assay itself",
                      e.key == "model" ? "use model_name"
                                       : (e.key == "stream" ? "use stream = true or false" : ""));
  if (!n.entries.empty()) d.value.extra_json = to_json(in.problems, n);
}

options<draft_type> price_options() {
  auto usd = [](const char* name, std::optional<double> price_table::*at, const char* help) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.prices.*at; }, help, price);
  };
  return {usd("input", &price_table::input, "input tokens"),
          usd("cached_input", &price_table::cached_input, "input tokens read from a cache"),
          usd("cache_write", &price_table::cache_write, "input tokens written to a cache"),
          usd("output", &price_table::output, "output tokens, reasoning included")};
}

options<draft_type> make_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.*at; }, help, r);
  };
  using model = model_settings;
  auto providers = [&](const char* name, const char* help) {
    return value(name, &model::providers, help);
  };
  return {
      providers("provider", "the provider that serves it"),
      providers("providers", "several that do: a task goes to the one that has room first"),
      value("fallback", &model::fallback,
            "providers that take its tasks only while none of the others can serve"),
      value("route", &model::route, "who gets a task that several providers could take"),
      value("model_name", &model::model_name,
            "its name at the provider; the table's name if not set"),
      value("max_tokens", &model::max_tokens, "cap on output tokens, reasoning included",
            {.min = 1, .max = 10'000'000}),
      value("temperature", &model::temperature, "sampling temperature", {.min = 0, .max = 2}),
      value("top_p", &model::top_p, "nucleus sampling", {.min = 0, .max = 1}),
      value("seed", &model::seed, "sampling seed, where the API has one"),
      value("stop", &model::stop, "texts that end the answer", {.free_text = true}),
      value("reasoning", &model::reasoning,
            "whether it is a reasoning model; guessed from the name if not set"),
      value("stream", &model::stream, "ask for the answer piece by piece"),
      group<draft_type>("prices", "US dollars per 1,000,000 tokens", price_options()),
      special<draft_type>("extra", "a table", "anything else for the request, passed on as JSON",
                          read_extra),
  };
}

}  // namespace

const options<model_draft>& model_options() {
  static const auto all = make_options();
  return all;
}

void complete(reading& in, model_draft& d) {
  const auto* one = find(*d.table, "provider");
  const auto* several = find(*d.table, "providers");
  if (one && several)
    in.problems.add(several->at, "provider and providers are both set", "keep one of them");
  if (!one && !several)
    in.problems.add(d.at, "models." + d.value.name + ": provider is missing",
                    "add provider = \"NAME\" of a [providers.NAME]");
  if (d.value.model_name.empty()) d.value.model_name = d.value.name;
}

}  // namespace assay::config
