#include "config/limits.hpp"
#include "config/sections.hpp"
#include "messages/known_names.hpp"

namespace assay::config {

namespace {

using draft_type = mock_draft;

constexpr rule chance{.min = 0, .max = 1};
constexpr rule magnitude{.min = 0, .max = 1e9};

/// A number, or a table { median, p99 }.
void read_distribution(reading& in, const node& n, const std::string& key, distribution& out) {
  if (n.kind == node_kind::table) {
    apply(in, n, n.at, key, distribution_options(), out);
    if (out.p99 < out.median)
      in.problems.add(
          n.at, key + ": p99 is " + show(out.p99) + ", less than the median " + show(out.median));
  } else if (n.kind == node_kind::integer || n.kind == node_kind::real) {
    take(in, n, key, magnitude, out.median);
    out.p99 = out.median;
  } else {
    mismatch(in, n, key, "a number or a table { median = ..., p99 = ... }");
  }
}

option<mock_model> spread(const char* name, distribution mock_model::*at, const char* help) {
  auto read = [name, at](reading& in, const node& n, mock_model& m) {
    read_distribution(in, n, name, m.*at);
  };
  auto out = special<mock_model>(name, "a number or a table { median, p99 }", help, read);
  out.fallback = show((mock_model{}.*at).median);
  return out;
}

void read_models(reading& in, const node& n, draft_type& d) {
  if (n.kind != node_kind::table)
    return mismatch(in, n, "models", "a table { NAME = { accuracy = 0.9 } }");
  if (n.entries.empty()) return mismatch(in, n, "models", "at least one model");
  for (const auto& e : n.entries) {
    mock_model model;
    model.name = e.key;
    apply(in, e.value, e.at, dotted("models", e.key), mock_model_options(), model);
    d.value.models.push_back(std::move(model));
  }
}

options<draft_type> fault_options() {
  auto fault = [](const char* name, double mock_faults::*at, const char* help) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.faults.*at; }, help, chance);
  };
  using faults = mock_faults;
  return {fault("http_500", &faults::http_500, "status 500"),
          fault("http_429", &faults::http_429, "status 429 although no limit was hit"),
          fault("overloaded", &faults::overloaded, "status 503, or 529 in the Anthropic format"),
          fault("close", &faults::close, "connection closed without a byte"),
          fault("hang", &faults::hang, "connection kept open without a byte"),
          fault("cut", &faults::cut, "stream cut in the middle"),
          fault("stall", &faults::stall, "stream stops in the middle"),
          fault("error_event", &faults::error_event, "error event within a 200 stream"),
          fault("no_terminator", &faults::no_terminator, "stream without its terminator"),
          fault("bad_json", &faults::bad_json, "an answer that is no JSON")};
}

options<draft_type> limiter_options() {
  constexpr double day_ms = 24 * 3600e3;
  constexpr rule any_time{.min = 0, .max = day_ms};
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.limiter.*at; }, help, r);
  };
  using habits = limiter_habits;
  return {value("slice", &habits::slice,
                "counts in fixed windows of this length, e.g. rpm / 60 in each second; 0: does not",
                any_time),
          value("phase", &habits::phase,
                "of a fixed window that had passed when the first request came", any_time),
          value("rejected_count", &habits::rejected_count,
                "a rejected request also uses up what is left"),
          value("other_share", &habits::other_share,
                "part of each rate that another client of the account takes ...", chance),
          value("other_cycle", &habits::other_cycle, "... in the second half of each such time",
                {.min = 1000, .max = day_ms}),
          value("change_at", &habits::change_at,
                "when the limits change, after the first request; 0: never", any_time),
          value("change_factor", &habits::change_factor, "how much they are multiplied by then",
                {.min = 0.001, .max = 1000})};
}

options<draft_type> batch_options() {
  auto value = [](const char* name, auto at, const char* help, rule r) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.batch.*at; }, help, r);
  };
  return {value("time", &mock_batch::time, "from the creation of a batch to its end",
                {.min = 0, .max = 24 * 3600e3}),
          value("expired", &mock_batch::expired,
                "chance that a request of a batch expires unanswered", chance)};
}

double sum(const mock_faults& f) {
  return f.http_500 + f.http_429 + f.overloaded + f.close + f.hang + f.cut + f.stall +
         f.error_event + f.no_terminator + f.bad_json;
}

options<draft_type> make_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.*at; }, help, r);
  };
  using mock = mock_settings;
  options<draft_type> out{
      required(
          special<draft_type>("models", "a table of tables", "the models it serves", read_models)),
      value("datasets", &mock::datasets, "datasets whose right answers it knows"),
      value("seed", &mock::seed, "decides answers, delays and faults"),
      value("api_key", &mock::api_key,
            "the made-up key that clients must send; any is accepted if not set"),
      value("rate_headers", &mock::rate_headers, "send rate-limit headers"),
      group<draft_type>("faults", "chances per attempt", fault_options()),
      group<draft_type>("batch", "how it treats batches", batch_options()),
      group<draft_type>("limiter", "how its limits depart from the plain shapes",
                        limiter_options()),
  };
  for (auto& o : limit_options<draft_type>(
           {.min = 0, .max = 100'000},
           "requests in flight at the same time, more get a 429; 0: no bound", false))
    out.push_back(std::move(o));
  return out;
}

}  // namespace

const options<distribution>& distribution_options() {
  static const options<distribution> all{
      required(field<distribution>(
          "median", [](auto& d) -> auto& { return d.median; }, "half of the values are below it",
          magnitude)),
      required(field<distribution>(
          "p99", [](auto& d) -> auto& { return d.p99; }, "99 of 100 values are below it",
          magnitude)),
  };
  return all;
}

const options<mock_model>& mock_model_options() {
  static const options<mock_model> all{
      field<mock_model>(
          "accuracy", [](auto& m) -> auto& { return m.accuracy; },
          "fraction of samples answered rightly", chance),
      named<mock_model>(
          "plays", [](auto& m) -> auto& { return m.plays; }, known::mock_parts,
          "what part it plays (docs/mock.md)"),
      field<mock_model>(
          "programs", [](auto& m) -> auto& { return m.programs; },
          "answers with Python programs: a dataset's canonical_solution, else one that prints the "
          "answer"),
      field<mock_model>(
          "resample", [](auto& m) -> auto& { return m.resample; },
          "the same prompt, asked again, draws another answer"),
      spread("first_token_ms", &mock_model::first_token_ms, "milliseconds to the first token"),
      spread("output_tokens", &mock_model::output_tokens, "length of an answer"),
      field<mock_model>(
          "tokens_per_second", [](auto& m) -> auto& { return m.tokens_per_second; },
          "speed of a streamed answer; 0: all at once", magnitude),
  };
  return all;
}

const options<mock_draft>& mock_options() {
  static const auto all = make_options();
  return all;
}

void complete(reading& in, mock_draft& d) {
  d.value.limits.rates = to_rates(in, *d.table, d.at, d.stated);
  if (sum(d.value.faults) > 1 + 1e-9)
    in.problems.add(item_place(*d.table, d.at, "faults", 0),
                    "faults: the chances add up to " + show(sum(d.value.faults)) + ", more than 1");
}

}  // namespace assay::config
