#include "providers/simulated/service.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "providers/simulated/admission.hpp"
#include "providers/simulated/answer_book.hpp"
#include "providers/simulated/batch_book.hpp"
#include "providers/simulated/draws.hpp"
#include "providers/simulated/embedding.hpp"
#include "providers/simulated/faults.hpp"
#include "providers/simulated/parts.hpp"
#include "providers/simulated/play.hpp"
#include "providers/simulated/route.hpp"
#include "providers/simulated/wire_text.hpp"
#include "providers/simulated/wording.hpp"

namespace assay::simulated {

namespace {

std::string hex(std::uint64_t bits) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; bits >>= 4) text[i] = digits[bits & 15];
  return text;
}

rejection reject(failure why, std::string message, std::string field = {}) {
  rejection no;
  no.why = why;
  no.message = std::move(message);
  no.field = std::move(field);
  return no;
}

/// The rejection that an injected fault stands for.
rejection reject(fault f) {
  if (f == fault::http_500)
    return reject(failure::server_error, "The server had an error while processing your request.");
  if (f == fault::overloaded)
    return reject(failure::overloaded, "The server is overloaded. Please try again later.");
  auto no = reject(failure::rate_limited, "Rate limit reached. Please try again in 1s.");
  no.retry_after = std::chrono::seconds(1);
  return no;
}

bool is_rejection(fault f) {
  return f == fault::http_500 || f == fault::http_429 || f == fault::overloaded;
}

/// True if a whole answer arrives that a client can read.
bool arrives(fault f) { return f == fault::none; }

std::string cut_to(std::string_view text, std::int64_t tokens) {
  const auto pieces = split_tokens(text);
  const auto keep =
      std::min(pieces.size(), static_cast<std::size_t>(std::max<std::int64_t>(0, tokens)));
  if (keep == 0) return {};
  const auto end = pieces[keep - 1].data() + pieces[keep - 1].size();
  return std::string(text.substr(0, static_cast<std::size_t>(end - text.data())));
}

std::int64_t tokens_of(const tool_call& use) {
  return count_tokens(use.name) + count_tokens(use.arguments);
}

/// Counts the output tokens and cuts off what is beyond the cap: text anywhere, tool calls whole.
void fit(completion& c, std::optional<std::int64_t> cap) {
  c.output_tokens = count_tokens(c.text);
  if (cap && c.output_tokens > *cap) {
    c.text = cut_to(c.text, *cap);
    c.output_tokens = count_tokens(c.text);
    c.truncated = true;
  }
  std::size_t kept = 0;
  for (; kept < c.calls.size() && !c.truncated; ++kept) {
    const auto more = tokens_of(c.calls[kept]);
    c.truncated = cap && c.output_tokens + more > *cap;
    if (c.truncated) break;
    c.output_tokens += more;
  }
  c.calls.resize(kept);
}

}  // namespace

struct service::state {
  state(mock_settings s, std::vector<sample> samples, time_anchor calendar_)
      : settings(std::move(s)),
        book(std::move(samples)),
        calendar(calendar_),
        batches(settings.batch) {}

  struct understood {
    call asked;
    const mock_model* model = nullptr;
  };
  tl::expected<understood, rejection> understand(const route&, std::string_view body,
                                                 truth& log) const;
  handled answer(const route&, std::string_view body, instant now, truth log);
  handled use_batches(const route&, std::string_view method, const header_list&,
                      std::string_view body, instant now, truth log);
  item_answer answer_item(const route&, std::string_view body);
  handled refuse(const route&, const rejection&, instant now, truth log);
  handled list_models(const route&, instant now, truth log);
  handled serve(const route&, const call&, const mock_model&, const draws&, instant now, truth log);
  reply play(const route&, const call&, const mock_model&, const completion&, const draws&, fault);
  completion complete(const call&, const mock_model&, const draws&, truth&) const;
  completion embed_all(const call&, const mock_model&) const;
  const sample* sample_of(const call&) const;
  void add_headers(const route&, reply&, const std::string& from, instant now);
  std::string request_id() const { return "req_" + hex(hash_bytes(settings.name, arrivals)); }

  mock_settings settings;
  answer_book book;
  time_anchor calendar;
  batch_book batches;
  std::optional<admission> limiter;  ///< begins with the first request
  instant first_arrival{};
  std::uint64_t arrivals = 0;
  std::unordered_map<std::uint64_t, std::uint32_t> attempts;  ///< by hash of model and conversation
};

service::service(mock_settings settings, std::vector<sample> samples, time_anchor calendar)
    : state_(std::make_unique<state>(std::move(settings), std::move(samples), calendar)) {}
service::service(service&&) noexcept = default;
service::~service() = default;

void service::release(const std::string& from) {
  if (state_->limiter) state_->limiter->release(from);
}

service::handled service::handle(std::string_view method, std::string_view path,
                                 const header_list& headers, std::string_view body, instant now,
                                 const std::string& from) {
  auto& s = *state_;
  if (!s.limiter) {
    s.limiter.emplace(s.settings.limits, now, s.settings.limiter);
    s.first_arrival = now;
  }
  ++s.arrivals;
  const auto where = find_route(method, path, headers);
  truth log;
  log.mock = s.settings.name;
  log.at_s = seconds(now - s.first_arrival);
  log.path = where.path;
  log.from = from;
  const auto asked = std::string(method) + " " + where.path;
  if (where.kind == route_kind::unknown)
    return s.refuse(where, reject(failure::unknown_route, "Unknown request URL: " + asked), now,
                    log);
  if (where.kind == route_kind::wrong_method)
    return s.refuse(where, reject(failure::wrong_method, "Not allowed: " + asked), now, log);
  if (!s.settings.api_key.empty() && where.key != s.settings.api_key)
    return s.refuse(where, reject(failure::wrong_key, "Incorrect API key provided."), now, log);
  if (where.kind == route_kind::models) return s.list_models(where, now, log);
  if (where.kind == route_kind::answer) return s.answer(where, body, now, log);
  return s.use_batches(where, method, headers, body, now, log);
}

tl::expected<service::state::understood, rejection> service::state::understand(
    const route& where, std::string_view body, truth& log) const {
  auto asked =
      where.to == endpoint::embeddings ? where.format->read_texts(body) : where.format->read(body);
  if (!asked) return tl::make_unexpected(asked.error());
  if (!where.model.empty()) asked->model = where.model;
  asked->stream = asked->stream || where.stream;
  log.model = asked->model;
  if (asked->model.empty())
    return tl::make_unexpected(bad_field("model", "Missing required parameter: 'model'."));
  if (asked->max_tokens && *asked->max_tokens < 1)
    return tl::make_unexpected(
        bad_field("max_tokens", "The cap on output tokens must be at least 1."));
  const auto* model = find_named(settings.models, asked->model);
  if (!model)
    return tl::make_unexpected(reject(failure::unknown_model,
                                      "The model '" + asked->model + "' does not exist.", "model"));
  if (!find_part(model->plays))
    return tl::make_unexpected(
        reject(failure::server_error, "The model plays '" + model->plays + "', which is no part."));
  return understood{std::move(*asked), model};
}

service::handled service::state::answer(const route& where, std::string_view body, instant now,
                                        truth log) {
  const auto read = understand(where, body, log);
  if (!read) return refuse(where, read.error(), now, log);
  const draws chance(settings.seed, read->model->name, read->asked.conversation);
  log.attempt = ++attempts[chance.bits(purpose::name)];
  return serve(where, read->asked, *read->model, chance, now, std::move(log));
}

/// What a single call would get, without its times; faults of the connection are failures of the
/// server here.
item_answer service::state::answer_item(const route& where, std::string_view body) {
  truth log;
  const auto refused = [&](const rejection& no) {
    return item_answer{where.format->status(no.why), where.format->error(no, request_id()), false};
  };
  const auto read = understand(where, body, log);
  if (!read) return refused(read.error());
  const auto& [asked, model] = *read;
  const draws chance(settings.seed, model->name, asked.conversation);
  log.attempt = ++attempts[chance.bits(purpose::name)];
  if (chance.uniform(purpose::expiry, log.attempt) < settings.batch.expired) return {0, {}, true};
  const auto f = pick_fault(settings.faults, chance.uniform(purpose::fault, log.attempt), false);
  if (f != fault::none) return refused(reject(is_rejection(f) ? f : fault::http_500));
  return {200, where.format->whole(complete(asked, *model, chance, log)), false};
}

/// Batches use up no limits. Of the faults only those of a whole exchange strike here: a rejection
/// before anything has happened, a closed or silent connection afterwards.
service::handled service::state::use_batches(const route& where, std::string_view method,
                                             const header_list& headers, std::string_view body,
                                             instant now, truth log) {
  const draws chance(settings.seed, where.path, arrivals);
  const auto f = pick_fault(settings.faults, chance.uniform(purpose::batch_fault), false);
  if (is_rejection(f)) {
    log.fault = to_string(f);
    return refuse(where, reject(f), now, std::move(log));
  }
  auto done =
      batches.handle(where, method, headers, body, now, calendar.unix_ns(now) / 1'000'000'000,
                     [&](std::string_view item) { return answer_item(where, item); });
  if (!done) return refuse(where, done.error(), now, std::move(log));
  log.items = done->created_items;
  log.in_flight = limiter->in_flight();
  handled h;
  if (f == fault::close || f == fault::hang) {
    log.fault = to_string(f);
    h.what.status = 0;
    h.what.end = f == fault::hang ? reply_end::hang : reply_end::cut;
  } else {
    h.what.headers = {{"content-type", done->content_type},
                      {"content-length", std::to_string(done->body.size())}};
    h.what.pieces.push_back({{}, std::move(done->body)});
    add_headers(where, h.what, log.from, now);
  }
  log.status = h.what.status;
  h.log = std::move(log);
  return h;
}

service::handled service::state::serve(const route& where, const call& asked,
                                       const mock_model& model, const draws& chance, instant now,
                                       truth log) {
  const auto answer = complete(asked, model, chance, log);
  const auto cost = limits::charge_for(settings.limits.reserve, asked.input_tokens,
                                       asked.max_tokens, static_cast<double>(answer.output_tokens));
  if (const auto no = limiter->ask(cost, now, log.from)) {
    log.right = false;
    return refuse(where, *no, now, log);
  }
  const auto f =
      pick_fault(settings.faults, chance.uniform(purpose::fault, log.attempt), asked.stream);
  log.fault = to_string(f);
  log.right = log.right && arrives(f);
  handled h;
  if (is_rejection(f)) {
    h = refuse(where, reject(f), now, std::move(log));
  } else {
    h.what = play(where, asked, model, answer, chance, f);
    log.status = h.what.status;
    add_headers(where, h.what, log.from, now);
    h.log = std::move(log);
  }
  h.holds_slot = true;
  h.log.in_flight = limiter->in_flight();
  return h;
}

reply service::state::play(const route& where, const call& asked, const mock_model& model,
                           const completion& answer, const draws& chance, fault f) {
  if (f == fault::close || f == fault::hang) {
    reply silent;
    silent.status = 0;
    silent.end = f == fault::hang ? reply_end::hang : reply_end::cut;
    return silent;
  }
  const double first_ms =
      std::clamp(chance.log_normal(model.first_token_ms, purpose::first_token), 0.0, 3.6e6);
  const tempo pace{from_seconds(first_ms / 1000), model.tokens_per_second};
  return asked.stream ? play_stream(*where.format, answer, pace, f)
                      : play_whole(*where.format, answer, pace, f, where.as_array);
}

/// Any model gives vectors, whatever it plays.
completion service::state::complete(const call& asked, const mock_model& model, const draws& chance,
                                    truth& log) const {
  if (asked.to == endpoint::embeddings) return embed_all(asked, model);
  const auto* about = sample_of(asked);
  if (about) log.sample_id = about->id;
  const auto draw = model.resample ? log.attempt - 1 : 0;
  auto words = find_part(model.plays)({asked, about, model, chance, draw, book, settings.seed});
  completion c;
  c.id = hex(chance.bits(purpose::name, log.attempt));
  c.model = model.name;
  c.text = std::move(words.text);
  c.calls = std::move(words.calls);
  for (std::size_t i = 0; i < c.calls.size(); ++i) c.calls[i].id = c.id + std::to_string(i + 1);
  c.include_usage = asked.include_usage;
  c.input_tokens = asked.input_tokens;
  fit(c, asked.max_tokens);
  log.right = words.right && !c.truncated;
  return c;
}

completion service::state::embed_all(const call& asked, const mock_model& model) const {
  completion c;
  c.model = model.name;
  c.base64 = asked.base64;
  c.input_tokens = asked.input_tokens;
  const auto dimensions = asked.dimensions ? asked.dimensions : usual_dimensions;
  for (const auto& text : asked.messages)
    c.vectors.push_back(embed(text.content, model.name, dimensions));
  return c;
}

/// The sample that the last user message is about, or else the last one that is about any.
const sample* service::state::sample_of(const call& asked) const {
  for (auto m = asked.messages.rbegin(); m != asked.messages.rend(); ++m)
    if (m->who == role::user)
      if (const auto* about = book.find(m->content)) return about;
  return nullptr;
}

service::handled service::state::refuse(const route& where, const rejection& no, instant now,
                                        truth log) {
  handled h;
  h.what.status = where.format->status(no.why);
  auto body = where.format->error(no, request_id());
  h.what.headers = where.format->retry_headers(no);
  h.what.headers.emplace_back("content-type", "application/json");
  h.what.headers.emplace_back("content-length", std::to_string(body.size()));
  h.what.pieces.push_back({{}, std::move(body)});
  add_headers(where, h.what, log.from, now);
  log.status = h.what.status;
  log.in_flight = limiter->in_flight();
  h.log = std::move(log);
  return h;
}

service::handled service::state::list_models(const route& where, instant now, truth log) {
  handled h;
  auto body = where.format->models(settings.models);
  h.what.headers = {{"content-type", "application/json"},
                    {"content-length", std::to_string(body.size())}};
  h.what.pieces.push_back({{}, std::move(body)});
  add_headers(where, h.what, log.from, now);
  log.status = h.what.status;
  log.in_flight = limiter->in_flight();
  h.log = std::move(log);
  return h;
}

void service::state::add_headers(const route& where, reply& r, const std::string& from,
                                 instant now) {
  if (r.status == 0) return;
  r.headers.emplace_back(where.format->request_id_header(), request_id());
  r.headers.emplace_back("date", print_http_date(calendar.unix_ns(now) / 1'000'000'000));
  if (!settings.rate_headers) return;
  auto rates = where.format->rate_headers(limiter->levels(now, calendar, from));
  std::move(rates.begin(), rates.end(), std::back_inserter(r.headers));
}

}  // namespace assay::simulated
