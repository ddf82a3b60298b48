#include "config/limits.hpp"
#include "config/presets.hpp"
#include "config/sections.hpp"
#include "config/url.hpp"
#include "messages/known_names.hpp"

namespace assay::config {

namespace {

using draft_type = provider_draft;

constexpr rule wait_time{.min = 1, .max = 24 * 3600e3};
constexpr rule backoff_time{.min = 0, .max = 24 * 3600e3};

void read_presets(reading& in, const node& n, draft_type& d) {
  std::vector<std::string> chosen;
  take(in, n, "preset", {}, chosen);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i].empty() || apply_preset(chosen[i], d.value, d.stated)) continue;
    d.unknown_preset = true;
    const auto& item = n.kind == node_kind::list ? n.items[i] : n;
    in.problems.add(item.at, "preset: unknown preset " + describe(item),
                    suggestion(chosen[i], preset_names()));
  }
}

void read_model_limits(reading& in, const node& n, draft_type& d) {
  if (n.kind != node_kind::table) return mismatch(in, n, "models", "a table of tables");
  for (const auto& e : n.entries) {
    model_limits_draft model;
    auto section = dotted(dotted("providers", d.value.name) + ".models", e.key);
    apply(in, e.value, e.at, section, model_limits_options(), model);
    if (e.value.kind == node_kind::table)
      d.value.limits.models[e.key] = to_rates(in, e.value, e.at, model.stated);
  }
}

bool header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7F &&
           std::string_view("\"(),/:;<=>?@[\\]{}").find(static_cast<char>(c)) ==
               std::string_view::npos;
  });
}

void read_headers(reading& in, const node& n, draft_type& d) {
  if (n.kind != node_kind::table) return mismatch(in, n, "headers", "a table { NAME = \"value\" }");
  for (const auto& e : n.entries) {
    if (!header_name(e.key)) {
      in.problems.add(e.at, "headers: " + in_quotes(e.key) + " cannot be the name of a header");
      continue;
    }
    std::string value;
    take(in, e.value, "header " + e.key, {.may_be_empty = true}, value);
    d.value.headers.emplace_back(e.key, std::move(value));
  }
}

options<draft_type> timeout_options() {
  auto time = [](const char* name, milliseconds timeouts::*at, const char* help) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.limits_of_time.*at; }, help, wait_time);
  };
  return {time("connect", &timeouts::connect, "until the connection, TLS included, stands"),
          time("first_byte", &timeouts::first_byte, "from the request to the first byte"),
          time("idle", &timeouts::idle, "longest silence within an answer"),
          time("total", &timeouts::total, "the whole exchange")};
}

options<draft_type> retry_options() {
  auto value = [](const char* name, auto at, const char* help, rule r) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.retry.*at; }, help, r);
  };
  using retry = retry_policy;
  return {
      value("max_retries", &retry::max_retries, "after the first attempt; a 429 consumes none",
            {.min = 0, .max = 100}),
      value("initial_backoff", &retry::initial_backoff, "wait before the first retry",
            backoff_time),
      value("max_backoff", &retry::max_backoff, "longest wait", backoff_time),
      value("multiplier", &retry::multiplier, "each wait is longer by this", {.min = 1, .max = 10}),
      value("jitter", &retry::jitter, "a wait is drawn from [1 - jitter, 1 + jitter] times itself",
            {.min = 0, .max = 1}),
      value("rate_limit_factor", &retry::rate_limit_factor,
            "waits are longer by this after a 429 without a hint", {.min = 1, .max = 100}),
      value("max_outage", &retry::max_outage,
            "how long its tasks wait for an API that fails, before the run ends without them",
            {.min = 0, .max = 30 * 86'400e3}),
      value("max_rate_limit_waits", &retry::max_rate_limit_waits,
            "429s that a task bears before it ends in error", {.min = 0, .max = 1e6}),
  };
}

options<draft_type> batch_options() {
  auto value = [](const char* name, auto at, const char* help, rule r) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.batch.*at; }, help, r);
  };
  using batch = batch_settings;
  return {
      value("price_factor", &batch::price_factor,
            "what a request of a batch costs, as a part of the price of a single call",
            {.min = 0, .max = 1}),
      value("poll", &batch::poll, "first wait before asking how a batch stands; it grows",
            {.min = 1, .max = 3600e3}),
      value("longest_poll", &batch::longest_poll, "longest such wait", {.min = 1, .max = 3600e3}),
      value("max_items", &batch::max_items, "requests in a batch, within the endpoint's own limit",
            {.min = 1, .max = 100'000})};
}

options<draft_type> make_options() {
  options<draft_type> out{
      special<draft_type>("preset", "a text or a list of texts",
                          "names of presets; keys that are set here win over them", read_presets),
      named<draft_type>(
          "dialect", [](auto& d) -> auto& { return d.value.dialect; }, known::dialects,
          "wire format"),
      field<draft_type>(
          "base_url", [](auto& d) -> auto& { return d.value.base_url; },
          "address without the endpoint, or `mock:NAME` for a simulated provider of this file"),
      field<draft_type>(
          "api_version", [](auto& d) -> auto& { return d.value.api_version; },
          "version parameter (azure) or header (anthropic)"),
      field<draft_type>(
          "api_key_env", [](auto& d) -> auto& { return d.value.credential.env; },
          "name of the environment variable that holds the key"),
      field<draft_type>(
          "api_key_file", [](auto& d) -> auto& { return d.value.credential.file; },
          "file that holds the key and that only you can read"),
      special<draft_type>("headers", "a table of texts", "sent with every request", read_headers),
      group<draft_type>("timeouts", "how long to wait", timeout_options()),
      group<draft_type>("retry", "what happens after a failed attempt", retry_options()),
      field<draft_type>("max_cost_usd",
                        [](auto& d) -> auto& { return d.value.spending.max_cost_usd; },
                        "most that a run may spend here", {.min = 0, .max = 1e9}),
      field<draft_type>(
          "max_tokens_total", [](auto& d) -> auto& { return d.value.spending.max_tokens_total; },
          "most tokens, input and output, that a run may use here", {.min = 1, .max = 1e15}),
      field<draft_type>("deadline", [](auto& d) -> auto& { return d.value.spending.deadline; },
                        "send nothing more here so long after the start of a run",
                        {.min = 1, .max = 30 * 86'400e3}),
      field<draft_type>("weight", [](auto& d) -> auto& { return d.value.weight; },
                        "its part of the work that several providers could take at the same moment",
                        {.min = 0.001, .max = 1e6}),
      field<draft_type>("price_factor", [](auto& d) -> auto& { return d.value.price_factor; },
                        "what it charges, as a part of the models' prices",
                        {.min = 0, .max = 1'000}),
      group<draft_type>("batch", "its batch endpoint, for experiments with delivery = \"batch\"",
                        batch_options()),
      field<draft_type>(
          "node_tags", [](auto& d) -> auto& { return d.value.node_tags; },
          "of `assay serve`: only nodes with all of these tags (`assay node --tags`) call it"),
      field<draft_type>(
          "proxy", [](auto& d) -> auto& { return d.value.proxy; },
          "URL of a proxy; the environment's proxy is not used"),
      field<draft_type>(
          "ca_file", [](auto& d) -> auto& { return d.value.ca_file; },
          "PEM bundle of certificate authorities instead of the system's"),
  };
  for (auto& o : limit_options<draft_type>({.min = 1, .max = 100'000},
                                           "requests in flight at the same time", true))
    out.push_back(std::move(o));
  out.push_back(field<draft_type>(
      "refund", [](auto& d) -> auto& { return d.value.limits.refund; },
      "whether the API gives back reserved tokens that were not used; if not set: unless it "
      "reserves max_tokens"));
  out.push_back(field<draft_type>(
      "limit_scope", [](auto& d) -> auto& { return d.value.limits.scope; },
      "what headers and 429s speak of: the whole account, the request's model, or the egress "
      "address that it left by"));
  out.push_back(field<draft_type>(
      "shrink_on_overload", [](auto& d) -> auto& { return d.value.limits.shrink_on_overload; },
      "have less in flight at a model after a 503 or 529"));
  out.push_back(special<draft_type>(
      "models", "a table of tables",
      "limits of single models, by name: the keys of a rate above, on top of the account's",
      read_model_limits));
  return out;
}

void check_base_url(reading& in, draft_type& d) {
  const auto* stated = find(*d.table, "base_url");
  if (stated && stated->value.kind != node_kind::text) return;
  if (d.value.base_url.empty()) {
    if (!stated && !d.unknown_preset)
      in.problems.add(d.at, "providers." + d.value.name + ": base_url is missing",
                      "set base_url, or a preset that knows it, e.g. preset = \"openai\"");
    return;
  }
  if (auto why = bad_base_url(d.value.base_url); !why.empty())
    in.problems.add(item_place(*d.table, d.at, "base_url", 0),
                    "base_url: " + (stated ? "found " + describe(stated->value) + ", " : "") + why);
}

/// `assay node --tags` takes nothing else.
void check_node_tags(reading& in, draft_type& d) {
  const auto& tags = d.value.node_tags;
  for (std::size_t i = 0; i < tags.size(); ++i)
    if (tags[i].find_first_of(", \t\n\r") != std::string::npos)
      in.problems.add(
          item_place(*d.table, d.at, "node_tags", i),
          "node_tags: found " + in_quotes(tags[i]) + ", expected a tag without commas and spaces",
          "for example node_tags = [\"region=eu\", \"gpu\"]");
}

/// A key that is stated wins over the preset's, and a simulated provider needs none.
void settle_credential(reading& in, draft_type& d) {
  auto& source = d.value.credential;
  bool by_env = find(*d.table, "api_key_env") != nullptr;
  bool by_file = find(*d.table, "api_key_file") != nullptr;
  if (by_env && by_file)
    in.problems.add(item_place(*d.table, d.at, "api_key_file", 0),
                    "api_key_file and api_key_env are both set", "keep one of them");
  if (!by_env && (by_file || !mock_name(d.value.base_url).empty())) source.env.clear();
}

}  // namespace

const options<provider_draft>& provider_options() {
  static const auto all = make_options();
  return all;
}

void complete(reading& in, provider_draft& d) {
  check_base_url(in, d);
  check_node_tags(in, d);
  settle_credential(in, d);
  auto& retry = d.value.retry;
  if (retry.initial_backoff > retry.max_backoff)
    in.problems.add(item_place(*d.table, d.at, "retry", 0),
                    "retry: initial_backoff is " + show(retry.initial_backoff) +
                        ", more than max_backoff = " + show(retry.max_backoff));
  const auto& batch = d.value.batch;
  if (batch.poll > batch.longest_poll)
    in.problems.add(item_place(*d.table, d.at, "batch", 0),
                    "batch: poll is " + show(batch.poll) +
                        ", more than longest_poll = " + show(batch.longest_poll));
  d.value.limits.rates = to_rates(in, *d.table, d.at, d.stated);
  const auto& file = in.problems.path(d.at.file);
  d.value.credential.file = resolve_path(d.value.credential.file, file, in.env);
  d.value.ca_file = resolve_path(d.value.ca_file, file, in.env);
}

}  // namespace assay::config
