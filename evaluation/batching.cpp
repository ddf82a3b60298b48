#include "evaluation/batching.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "evaluation/task_identity.hpp"
#include "evaluation/text/element_name.hpp"

namespace assay::evaluation {

namespace {

/// Fields of a body that prescribe the form of an answer, or ask for several.
constexpr std::array<std::string_view, 8> form_fields{
    "response_format",  "tools",        "tool_choice", "functions", "text", "n",
    "generationConfig", "output_config"};

/// `{"id": 12, "answer": ""}, ` in tokens.
constexpr std::int64_t numbering_tokens = 16;

/// About 4,000 tokens: beyond, models begin to skip items.
constexpr std::size_t most_content_bytes = 16'000;

constexpr std::size_t most_calls_to_grow = 96;

bool prescribes_form(const std::string& extra_json) {
  if (extra_json.empty()) return false;
  auto extra = nlohmann::json::parse(extra_json, nullptr, false);
  if (!extra.is_object()) return true;
  return std::any_of(form_fields.begin(), form_fields.end(),
                     [&](auto field) { return extra.contains(std::string(field)); });
}

template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? std::to_string(*value) : std::string();
}

std::string instructions(std::size_t items) {
  auto n = std::to_string(items);
  return "Below are " + n +
         " numbered items. They have nothing to do with each other: answer each as if it were "
         "asked alone, and answer all of them. Reply with one JSON list and nothing else, one "
         "object for each item, in order:\n[{\"id\": 1, \"answer\": \"...\"}, ..., {\"id\": " +
         n +
         ", \"answer\": \"...\"}]\nThe answer is a string that holds what you would have "
         "replied to the item alone.\n";
}

std::optional<std::int64_t> part_of(const std::optional<std::int64_t>& whole, std::size_t items,
                                    std::size_t i) {
  if (!whole) return std::nullopt;
  auto count = static_cast<std::int64_t>(items);
  return *whole / count + (static_cast<std::int64_t>(i) < *whole % count ? 1 : 0);
}

token_usage part_of(const token_usage& whole, std::size_t items, std::size_t i) {
  token_usage part{part_of(whole.input, items, i),       part_of(whole.cached_input, items, i),
                   part_of(whole.cache_write, items, i), part_of(whole.output, items, i),
                   part_of(whole.reasoning, items, i),   std::nullopt};
  if (whole.billed_usd) part.billed_usd = *whole.billed_usd / static_cast<double>(items);
  return part;
}

}  // namespace

// -- asking ---------------------------------------------------------------------------------------

std::optional<task_key> batch_key(const chat_request& r) {
  if (r.messages.empty() || r.messages.back().who != role::user) return std::nullopt;
  if (!r.stop.empty() || prescribes_form(r.extra_json)) return std::nullopt;
  hash_text text;
  for (const auto& part :
       {r.model, text_of(r.max_tokens), text_of(r.temperature), text_of(r.top_p), text_of(r.seed),
        text_of(r.reasoning), r.extra_json, std::string(r.stream ? "stream" : "")})
    text.add(part);
  for (std::size_t i = 0; i + 1 < r.messages.size(); ++i) {
    text.add(std::to_string(static_cast<int>(r.messages[i].who)));
    text.add(r.messages[i].content);
  }
  return text.finish();
}

chat_request combine(const std::vector<chat_request>& requests) {
  auto combined = requests.front();
  std::vector<std::string_view> contents;
  for (const auto& r : requests) contents.push_back(r.messages.back().content);
  auto name = free_element_name("item", contents);
  auto text = instructions(requests.size());
  std::int64_t tokens = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    text += "\n<" + name + " id=\"" + std::to_string(i + 1) + "\">\n" +
            requests[i].messages.back().content + "\n</" + name + ">\n";
    tokens += requests[i].max_tokens.value_or(0) + numbering_tokens;
  }
  combined.messages.back().content = std::move(text);
  if (combined.max_tokens)
    combined.max_tokens =
        static_cast<std::int32_t>(std::min<std::int64_t>(tokens, most_combined_tokens));
  return combined;
}

// -- taking apart ---------------------------------------------------------------------------------

std::vector<std::optional<answer>> split(const answer& combined, std::size_t items) {
  std::vector<std::optional<answer>> parts(items);
  if (!combined.refusal.empty() || combined.why == finish::refusal ||
      combined.why == finish::content_filter)
    return parts;
  auto texts = split(combined.text, items);
  for (std::size_t i = 0; i < items; ++i) {
    if (!texts[i]) continue;
    auto& part = parts[i].emplace(combined);
    part.text = std::move(*texts[i]);
    part.why = finish::stop;
    part.usage = part_of(combined.usage, items, i);
  }
  return parts;
}

std::vector<attempt> share(const attempt& whole, std::size_t items) {
  std::vector<attempt> parts(items, whole);
  for (std::size_t i = 0; i < items; ++i) {
    parts[i].items = static_cast<std::uint32_t>(items);
    parts[i].usage = part_of(whole.usage, items, i);
    parts[i].cost = whole.cost * (1.0 / static_cast<double>(items));
  }
  return parts;
}

// -- sizes ----------------------------------------------------------------------------------------

batch_sizer::batch_sizer(const batching_settings& settings)
    : most_(static_cast<std::size_t>(std::max(1, settings.max_items))), limit_(most_) {}

std::size_t batch_sizer::take(std::span<const std::size_t> lengths,
                              std::optional<std::int32_t> max_tokens) const {
  auto most = std::min(limit_, lengths.size());
  if (max_tokens) {
    auto each = std::max<std::int64_t>(1, *max_tokens) + numbering_tokens;
    most = std::min(
        most, static_cast<std::size_t>(std::max<std::int64_t>(1, most_combined_tokens / each)));
  }
  std::size_t bytes = 0, taken = 0;
  for (; taken < most; ++taken) {
    bytes += lengths[taken];
    if (taken > 0 && bytes > most_content_bytes) break;
  }
  return taken;
}

void batch_sizer::note(std::size_t asked, std::size_t answered) {
  if (answered < asked && asked > 1) {
    limit_ = std::min(limit_, std::max({answered, asked / 2, std::size_t{1}}));
    whole_calls_ = 0;
    calls_to_grow_ = std::min(calls_to_grow_ * 2, most_calls_to_grow);
    return;
  }
  if (answered < asked || limit_ == most_ || ++whole_calls_ < calls_to_grow_) return;
  ++limit_;
  whole_calls_ = 0;
}

}  // namespace assay::evaluation
