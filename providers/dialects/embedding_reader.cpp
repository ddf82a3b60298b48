#include "providers/dialects/embedding_reader.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "messages/embedding_text.hpp"

namespace assay::dialects {

namespace {

enum field : int { element, index, vector, number, error, object, id, model, input, billed };

constexpr std::array fields{
    json_field{"data[].embedding[]", number},
    json_field{"data[]", element},
    json_field{"data[].index", index},
    json_field{"data[].embedding", vector},
    json_field{"embeddings[].values[]", number},
    json_field{"embeddings[]", element},
    json_field{"embeddings[].values", vector},
    json_field{"error", error},
    json_field{"object", object},
    json_field{"id", id},
    json_field{"model", model},
    json_field{"usage.prompt_tokens", input},
    json_field{"usage.cost", billed},
    json_field{"usageMetadata.promptTokenCount", input},
};

const field_tree& tree() {
  static const field_tree built(fields);
  return built;
}

}  // namespace

embedding_reader::embedding_reader(const dialect_rows& rows, rate_family rates, std::size_t texts)
    : wire_reader(rows, rates, tree()), texts_(texts) {}

void embedding_reader::take(int field, const json_value& value) {
  switch (field) {
    case element:
      items_.emplace_back();
      if (value.is != json_value::kind::object) misfit(value, "an embedding", "an object");
      break;
    case index:
      items_.back().index = value.count();
      break;
    case vector:
      take_vector(value);
      break;
    case number:
      take_number(value);
      break;
    case error:
      if (value.truthy()) found_error();
      break;
    case object:
      if (value.text == "error") found_error();
      break;
    case id:
      set_once(reply_.response_id, value);
      break;
    case model:
      set_once(reply_.model, value);
      break;
    case input:
      set_count(reply_.usage.input, value);
      break;
    case billed:
      if (auto cost = value.amount(); cost && *cost >= 0) reply_.usage.billed_usd = cost;
      break;
  }
}

void embedding_reader::take_vector(const json_value& value) {
  if (value.is_text())
    items_.back().vector = read_embedding(value.text);
  else if (value.is != json_value::kind::array)
    misfit(value, "an embedding", "a list of numbers, or text");
}

void embedding_reader::take_number(const json_value& value) {
  constexpr double largest = std::numeric_limits<float>::max();
  if (value.is != json_value::kind::number || std::abs(value.number) > largest)
    misfit(value, "an embedding's element", "a 32-bit number");
  else
    items_.back().vector.push_back(static_cast<float>(value.number));
}

std::string embedding_reader::trouble() {
  if (items_.size() != texts_)
    return "the answer has " + std::to_string(items_.size()) + " embeddings, " +
           std::to_string(texts_) + " texts were sent";
  const auto numbered = [](const item& i) { return i.index.has_value(); };
  if (std::any_of(items_.begin(), items_.end(), numbered)) {
    std::stable_sort(items_.begin(), items_.end(),
                     [](const item& a, const item& b) { return a.index < b.index; });
    for (std::size_t i = 0; i < items_.size(); ++i)
      if (items_[i].index != static_cast<std::int64_t>(i))
        return "the embeddings of the answer are not numbered from 0 without a gap";
  }
  for (const auto& i : items_) {
    if (i.vector.empty())
      return "an embedding of the answer is empty, or no base64 of 32-bit floats";
    if (i.vector.size() != items_.front().vector.size())
      return "the embeddings of the answer differ in length";
    if (!std::all_of(i.vector.begin(), i.vector.end(), [](float x) { return std::isfinite(x); }))
      return "an embedding of the answer holds what is no finite number";
  }
  return {};
}

void embedding_reader::end_document(instant) {
  if (items_.empty()) return;
  if (auto wrong = trouble(); !wrong.empty()) misfit(std::move(wrong));
}

std::string_view embedding_reader::missing_in_document() const {
  return items_.empty() ? "the answer has no embeddings" : "";
}

void embedding_reader::settle(bool whole) {
  if (!whole) return;
  std::vector<std::vector<float>> vectors;
  vectors.reserve(items_.size());
  for (auto& i : items_) vectors.push_back(std::move(i.vector));
  reply_.text = embedding_text(vectors);
  reply_.why = finish::stop;
}

}  // namespace assay::dialects
