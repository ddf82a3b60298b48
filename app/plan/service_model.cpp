#include "app/plan/service_model.hpp"

#include <algorithm>
#include <cmath>

#include "providers/simulated/draws.hpp"

namespace assay::planning {

namespace {

using simulated::draws;
using simulated::purpose;

/// Answers that are refused at the door come back after about this time.
constexpr milliseconds refusal_time{20};
constexpr double most_tokens = 1e6;
/// `{"id": 12, "answer": ""}, ` around an answer that shares its call.
constexpr std::int64_t numbering_tokens = 10;

bool brought_answer(error_class kind) {
  return kind == error_class::none || kind == error_class::refusal ||
         kind == error_class::content_filtered;
}

/// Failures that a run meets by chance: the limiter's are simulated, others end the task or the
/// run.
bool is_chance(error_class kind) {
  return kind == error_class::overloaded || kind == error_class::server_error ||
         kind == error_class::transport || kind == error_class::timeout;
}

/// The same figures with the output cut to the cap.
void cap_output(actors::modelled_answer& a, const actors::modelled_call& call) {
  if (!call.max_tokens || a.output_tokens <= *call.max_tokens) return;
  auto kept = static_cast<double>(*call.max_tokens) / static_cast<double>(a.output_tokens);
  a.total = a.first_content + from_seconds(seconds(a.total - a.first_content) * kept);
  a.output_tokens = *call.max_tokens;
}

}  // namespace

std::string_view to_string(source s) {
  static constexpr std::string_view names[] = {"history", "mock", "assumed"};
  return names[static_cast<std::size_t>(s)];
}

service_model service_model::from_history(std::vector<storage::past_exchange> rows,
                                          std::uint64_t seed) {
  service_model m;
  draws chance(seed, "history", rows.size());
  std::vector<storage::past_exchange> again;
  again.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    again.push_back(rows[chance.bits(purpose::filler, i) % rows.size()]);
  double charged = 0, estimated = 0;
  for (auto& row : again) {
    if (is_chance(row.kind))
      m.add_failure(1.0 / static_cast<double>(rows.size()), row.kind, from_seconds(row.total_s));
    if (!brought_answer(row.kind)) continue;
    if (row.input_tokens > 0) {
      charged += row.input_tokens;
      estimated += row.estimated_input_tokens;
    }
    m.seen_.push_back(std::move(row));
  }
  if (m.seen_.empty())  // drawn away by an unlucky seed
    m.seen_.push_back(*std::find_if(rows.begin(), rows.end(),
                                    [](const auto& row) { return brought_answer(row.kind); }));
  if (charged > 0 && estimated > 0) m.input_factor_ = charged / estimated;
  return m;
}

service_model service_model::from_mock(const mock_model& model, const mock_faults& faults,
                                       const timeouts& patience) {
  service_model m;
  m.shape_ = {model.first_token_ms, model.output_tokens, model.tokens_per_second};
  m.add_failure(faults.http_500, error_class::server_error, refusal_time);
  m.add_failure(faults.overloaded, error_class::overloaded, refusal_time);
  m.add_failure(faults.http_429, error_class::rate_limited, refusal_time);
  m.add_failure(faults.close, error_class::transport, refusal_time);
  m.add_failure(faults.hang, error_class::timeout, patience.first_byte);
  m.add_failure(faults.stall, error_class::timeout, patience.idle);
  auto midway = from_seconds(model.first_token_ms.median / 1000);
  for (auto chance : {faults.cut, faults.error_event, faults.no_terminator, faults.bad_json})
    m.add_failure(chance, error_class::transport, midway);
  return m;
}

service_model service_model::assumed(const assumptions& shape) {
  service_model m;
  m.shape_ = shape;
  return m;
}

void service_model::add_failure(double chance, error_class kind, duration after) {
  if (chance <= 0) return;
  auto before = failures_.empty() ? 0 : failures_.back().up_to;
  failures_.push_back({before + chance, kind, after});
}

actors::modelled_answer service_model::observed(const actors::modelled_call& call,
                                                std::uint64_t bits) const {
  const auto& row = seen_[bits % seen_.size()];
  actors::modelled_answer a;
  a.first_content = from_seconds(row.first_content_s);
  a.total = from_seconds(row.total_s);
  a.input_tokens = std::llround(static_cast<double>(call.input_tokens) * input_factor_);
  a.output_tokens = std::llround(row.output_tokens);
  return a;
}

actors::modelled_answer service_model::composed(const actors::modelled_call& call,
                                                std::uint64_t seed) const {
  draws chance(seed, call.model, call.content);
  actors::modelled_answer a;
  auto first_ms = chance.log_normal(shape_.first_token_ms, purpose::first_token);
  a.first_content = from_seconds(std::clamp(first_ms, 0.0, 3.6e6) / 1000);
  a.input_tokens = call.input_tokens;
  a.output_tokens = std::llround(std::clamp(
      chance.log_normal(shape_.output_tokens, purpose::output_length), 1.0, most_tokens));
  a.total = a.first_content;
  if (shape_.tokens_per_second > 0)
    a.total += from_seconds(static_cast<double>(a.output_tokens - 1) / shape_.tokens_per_second);
  return a;
}

actors::modelled_answer service_model::draw(const actors::modelled_call& call, std::uint64_t seed,
                                            std::uint64_t exchange) const {
  if (!failures_.empty()) {
    auto chance = draws(seed, call.model, exchange).uniform(purpose::fault);
    auto struck = std::upper_bound(failures_.begin(), failures_.end(), chance,
                                   [](double c, const failure& f) { return c < f.up_to; });
    if (struck != failures_.end()) return {struck->after, struck->after, 0, 0, struck->kind};
  }
  return answer(call, seed);
}

actors::modelled_answer service_model::answer(const actors::modelled_call& call,
                                              std::uint64_t seed) const {
  auto a = call.items.empty() ? of_one(call, seed) : of_items(call, seed);
  cap_output(a, call);
  return a;
}

actors::modelled_answer service_model::of_one(const actors::modelled_call& call,
                                              std::uint64_t seed) const {
  return seen_.empty()
             ? composed(call, seed)
             : observed(call, draws(seed, call.model, call.content).bits(purpose::filler));
}

/// The answers that the items would have got alone, written one after the other, each as fast as
/// alone, with a number.
actors::modelled_answer service_model::of_items(const actors::modelled_call& call,
                                                std::uint64_t seed) const {
  actors::modelled_answer all;
  for (auto content : call.items) {
    auto alone = call;
    alone.content = content;
    auto one = of_one(alone, seed);
    auto writing = one.total - one.first_content;
    if (all.output_tokens == 0) all.total = all.first_content = one.first_content;
    auto numbered = static_cast<double>(one.output_tokens + numbering_tokens);
    all.total += from_seconds(seconds(writing) * numbered /
                              static_cast<double>(std::max<std::int64_t>(1, one.output_tokens)));
    all.output_tokens += one.output_tokens + numbering_tokens;
    all.input_tokens = one.input_tokens;  // all of them are asked for the same input
  }
  return all;
}

}  // namespace assay::planning
