#include "actors/modelled_transport.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "actors/transport.hpp"
#include "providers/simulated/numbered_items.hpp"

namespace assay::actors {

namespace {

/// How long a rejection takes to come back.
constexpr milliseconds rejection_time{50};

/// The part before the next `separator`; `text` keeps the rest.
std::string_view cut(std::string_view& text, char separator) {
  auto part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

template <class Number>
Number number(std::string_view digits) {
  Number n{};
  std::from_chars(digits.data(), digits.data() + digits.size(), n);
  return n;
}

/// What a `modelled_text` says.
struct figures {
  std::int64_t input_tokens = 0;
  std::uint64_t content = 0;
};

figures read_figures(std::string_view text) {
  figures f;
  f.input_tokens = number<std::int64_t>(cut(text, '/'));
  f.content = number<std::uint64_t>(text);
  return f;
}

/// `MODEL\nMAX_TOKENS\nINPUT_TOKENS/CONTENT`, in a combined call `/ITEM` for each item, to the
/// address `PROVIDER`.
class figures_dialect final : public dialects::dialect {
 public:
  std::string_view name() const override { return "modelled"; }

  expected<http_request> request(const chat_request& asked, const provider_settings& account,
                                 std::string_view) const override {
    http_request made;
    made.url = account.name;
    made.body.reserve(asked.model.size() + 48);
    made.body += asked.model;
    made.body += '\n';
    if (asked.max_tokens) made.body += std::to_string(*asked.max_tokens);
    made.body += '\n';
    made.body += content_of(asked.messages);
    return made;
  }

  expected<http_request> list_models(const provider_settings& account,
                                     std::string_view) const override {
    return fail(account.name, "a modelled provider has no list of models");
  }

  std::unique_ptr<dialects::answer_reader> reader(const chat_request&) const override {
    return nullptr;
  }

 private:
  static std::string content_of(const std::vector<chat_message>& messages) {
    figures sum;
    std::string items;
    for (const auto& message : messages) {
      auto numbered = simulated::numbered_items(message.content);
      if (numbered.empty()) {
        auto f = read_figures(message.content);
        sum = {sum.input_tokens + f.input_tokens, f.content};
        continue;
      }
      auto around = message.content.size();
      for (auto item : numbered) {
        auto f = read_figures(item);
        sum = {sum.input_tokens + f.input_tokens, f.content};
        around -= item.size();
        items += '/' + std::to_string(f.content);
      }
      sum.input_tokens += static_cast<std::int64_t>(around / 4);
    }
    return std::to_string(sum.input_tokens) + '/' + std::to_string(sum.content) + items;
  }
};

modelled_call read_call(const http_request& request) {
  std::string_view text = request.body;
  modelled_call call;
  call.provider = request.url;
  call.model = cut(text, '\n');
  if (auto most = cut(text, '\n'); !most.empty()) call.max_tokens = number<std::int32_t>(most);
  call.input_tokens = number<std::int64_t>(cut(text, '/'));
  call.content = number<std::uint64_t>(cut(text, '/'));
  while (!text.empty()) call.items.push_back(number<std::uint64_t>(cut(text, '/')));
  return call;
}

/// What a model writes that answers every item: here, with nothing.
std::string numbered_answers(std::size_t items) {
  std::string text = "[";
  for (std::size_t i = 1; i <= items; ++i)
    text += (i > 1 ? "," : "") + std::string("{\"id\":") + std::to_string(i) + ",\"answer\":\"\"}";
  return text + "]";
}

void set_answer(attempt& tried, const modelled_answer& drawn, instant now) {
  tried.error.kind = drawn.kind;
  tried.at.done = now + drawn.total;
  if (drawn.kind != error_class::none) return;
  tried.http_status = 200;
  tried.usage.input = drawn.input_tokens;
  tried.usage.output = drawn.output_tokens;
  tried.at.first_byte = tried.at.first_event = tried.at.first_content = now + drawn.first_content;
  tried.at.last_content = tried.at.done;
}

void set_rejection(attempt& tried, const simulated::rejection& no, instant now) {
  auto too_large = no.why == simulated::failure::too_large;
  tried.http_status = too_large ? 400 : 429;
  tried.error.kind = too_large ? error_class::bad_request : error_class::rate_limited;
  tried.error.message = no.message;
  tried.error.limited = no.counts;
  if (no.retry_after) tried.error.retry_after = std::chrono::ceil<milliseconds>(*no.retry_after);
  tried.at.done = tried.at.first_byte = now + rejection_time;
}

}  // namespace

std::string modelled_text(std::int64_t input_tokens, std::uint64_t content, std::size_t bytes) {
  auto text = std::to_string(input_tokens) + '/' + std::to_string(content);
  if (text.size() < bytes) text.resize(bytes, ' ');
  return text;
}

const dialects::dialect& modelled_dialect() {
  static const figures_dialect only;
  return only;
}

void modelled_transport_state::configure(modelled_transport_config config) {
  config_ = std::move(config);
  auto now = self_->clock().now();
  for (const auto& [provider, limits] : config_.servers)
    servers_.emplace(provider, server{limits, simulated::admission{limits, now}});
}

transport_actor::behavior_type modelled_transport_state::make_behavior() {
  return {[this](exchange_ptr& call) { run(call); },
          [this](cancel_atom, std::uint64_t ticket) { call_off(ticket); },
          [this](stop_atom) { stop(); }, [this](internal_atom, std::uint64_t id) { deliver(id); }};
}

modelled_transport_state::server* modelled_transport_state::server_of(std::string_view provider) {
  auto found = servers_.find(provider);
  return found == servers_.end() ? nullptr : &found->second;
}

std::optional<simulated::rejection> modelled_transport_state::ask(server& at,
                                                                  const modelled_call& call,
                                                                  const modelled_answer& drawn,
                                                                  instant now) {
  return at.admission.ask(limits::charge_for(at.limits.reserve, call.input_tokens, call.max_tokens,
                                             static_cast<double>(drawn.output_tokens)),
                          now);
}

/// Under way already, of one that may be called off: the next copy has luck of its own.
std::uint64_t modelled_transport_state::copies_of(const transport::exchange& call) const {
  return static_cast<std::uint64_t>(
      std::count_if(under_way_.begin(), under_way_.end(), [&](const auto& entry) {
        const auto& other = entry.second.call->request;
        return other.url == call.request.url && other.body == call.request.body;
      }));
}

void modelled_transport_state::run(const exchange_ptr& call) {
  auto now = self_->clock().now();
  if (stopped_) return cancel(*call, now);
  auto asked = read_call(call->request);
  if (call->ticket != 0) asked.content += copies_of(*call);
  auto id = next_++;
  auto drawn = config_.draw(asked, id);
  pending under_way{call, {}, nullptr};
  auto& tried = under_way.result.tried;
  tried.at.intended = call->intended;
  tried.at.admitted = call->admitted;
  tried.at.sent = now;
  auto* at = server_of(asked.provider);
  auto no = at ? ask(*at, asked, drawn, now) : std::nullopt;
  if (no)
    set_rejection(tried, *no, now);
  else
    set_answer(tried, drawn, now);
  if (!no) under_way.slot_of = at;
  under_way.result.reply.usage = tried.usage;
  if (tried.error.kind == error_class::none && !asked.items.empty())
    under_way.result.reply.text = numbered_answers(asked.items.size());
  auto ends = tried.at.done;
  under_way_.emplace(id, std::move(under_way));
  self_->delayed_send(self_, ends - now, internal_atom_v, id);
}

void modelled_transport_state::deliver(std::uint64_t id) {
  auto found = under_way_.find(id);
  if (found == under_way_.end()) return;
  auto over = std::move(found->second);
  under_way_.erase(found);
  if (over.slot_of) over.slot_of->admission.release();
  over.call->done(std::move(over.result));
}

void modelled_transport_state::call_off(std::uint64_t ticket) {
  auto found = std::find_if(under_way_.begin(), under_way_.end(), [&](const auto& entry) {
    return ticket != 0 && entry.second.call->ticket == ticket;
  });
  if (found == under_way_.end()) return;
  auto over = std::move(found->second);
  under_way_.erase(found);
  release_and_cancel(over);
}

void modelled_transport_state::stop() {
  stopped_ = true;
  for (auto& [id, over] : std::exchange(under_way_, {})) release_and_cancel(over);
}

void modelled_transport_state::release_and_cancel(pending& over) {
  if (over.slot_of) over.slot_of->admission.release();
  cancel(*over.call, self_->clock().now());
}

transport_actor::behavior_type modelled_transport(
    transport_actor::stateful_pointer<modelled_transport_state> self,
    modelled_transport_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
