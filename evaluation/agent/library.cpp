#include "evaluation/agent/library.hpp"

#include <charconv>

#include "evaluation/data/field_of.hpp"
#include "evaluation/judges/json_value.hpp"

namespace assay::evaluation {

namespace {

using nlohmann::json;

constexpr std::size_t longest_passage = 1'000;  ///< bytes

std::string text_in(const json& object, const char* key) {
  auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void add_document(const json& from, std::vector<document>& to) {
  document made;
  if (from.is_string())
    made.text = from.get<std::string>();
  else if (from.is_object())
    made = {text_in(from, "title"), text_in(from, "text")};
  else
    return;
  if (made.title.empty()) made.title = "document " + std::to_string(to.size() + 1);
  to.push_back(std::move(made));
}

/// Where the passage that starts at `from` ends: after a paragraph, else a line, else a word.
std::size_t end_of_passage(std::string_view text, std::size_t from) {
  if (text.size() - from <= longest_passage) return text.size();
  auto window = text.substr(from, longest_passage);
  for (std::string_view separator : {"\n\n", "\n", " "}) {
    auto last = window.rfind(separator);
    if (last != std::string_view::npos && last >= longest_passage / 2)
      return from + last + separator.size();
  }
  auto end = from + longest_passage;
  while (end > from + 1 && (text[end] & 0xC0) == 0x80) --end;
  return end;
}

std::vector<library::passage> cut(const std::vector<document>& documents) {
  std::vector<library::passage> passages;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    std::string_view text = documents[i].text;
    for (std::size_t from = 0; from < text.size();) {
      auto end = end_of_passage(text, from);
      passages.push_back({i, from, text.substr(from, end - from)});
      from = end;
    }
  }
  return passages;
}

/// A passage is found by its document's title too.
std::vector<std::string> indexed(const std::vector<document>& documents,
                                 const std::vector<library::passage>& passages) {
  std::vector<std::string> texts;
  for (const auto& p : passages)
    texts.push_back(documents[p.document].title + "\n" + std::string(p.text));
  return texts;
}

}  // namespace

std::vector<document> read_documents(std::string_view field) {
  std::vector<document> found;
  auto value = parse_json(field);
  if (value && value->is_array())
    for (const auto& item : *value) add_document(item, found);
  else if (value && value->is_object())
    add_document(*value, found);
  else if (field.find_first_not_of(" \t\r\n") != std::string_view::npos)
    add_document(json(field), found);
  return found;
}

library::library(std::vector<document> documents)
    : documents_(std::move(documents)),
      passages_(cut(documents_)),
      index_(indexed(documents_, passages_)) {}

std::vector<library::passage> library::search(std::string_view query, std::size_t most) const {
  std::vector<passage> found;
  for (const auto& hit : index_.rank(query, most)) found.push_back(passages_[hit.index]);
  return found;
}

const document* library::find(std::string_view name) const {
  for (const auto& d : documents_)
    if (d.title == name) return &d;
  std::size_t number = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  bool whole = error == std::errc() && end == name.data() + name.size();
  return whole && number >= 1 && number <= documents_.size() ? &documents_[number - 1] : nullptr;
}

const library& workplace::documents() {
  if (!documents_) documents_.emplace(read_documents(field_of(item_, field_)));
  return *documents_;
}

}  // namespace assay::evaluation
