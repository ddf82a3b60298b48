#include "evaluation/extraction/corpus.hpp"

#include <unordered_set>

#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

/// Of passages that differ in white space only the first.
std::vector<passage> distinct(std::vector<passage> all, const std::vector<document>& documents) {
  std::unordered_set<std::string> met;
  std::erase_if(all, [&](const passage& p) {
    return !met.insert(collapse_space(text_of(p, documents))).second;
  });
  return all;
}

std::vector<std::string> texts_of(const std::vector<passage>& passages,
                                  const std::vector<document>& documents) {
  std::vector<std::string> texts;
  texts.reserve(passages.size());
  for (const auto& p : passages) texts.emplace_back(text_of(p, documents));
  return texts;
}

}  // namespace

corpus::corpus(document_set set, std::vector<passage> passages, std::size_t repeated)
    : set_(std::move(set)),
      passages_(std::move(passages)),
      repeated_(repeated),
      index_(texts_of(passages_, set_.documents)) {}

corpus corpus::make(document_set set, const extraction_settings& how) {
  auto all = cut_passages(set.documents, static_cast<std::size_t>(how.passage_chars),
                          static_cast<std::size_t>(how.passage_overlap));
  auto cut = all.size();
  auto kept = distinct(std::move(all), set.documents);
  auto repeated = cut - kept.size();
  return {std::move(set), std::move(kept), repeated};
}

std::vector<std::size_t> corpus::search(std::string_view query, std::size_t most) const {
  std::vector<std::size_t> found;
  for (const auto& r : index_.rank(query, most)) found.push_back(r.index);
  return found;
}

}  // namespace assay::evaluation
