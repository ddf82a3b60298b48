#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evaluation/text/bm25.hpp"
#include "messages/sample.hpp"

namespace assay::evaluation {

struct document {
  std::string title;
  std::string text;

  bool operator==(const document&) const = default;
};

/// The documents in a field of a sample: a JSON list of `{title, text}` or of texts, or one such
/// object; anything else is one document of plain text. Without a title a document is called
/// `document N`. Elements of the list that are neither are passed over.
std::vector<document> read_documents(std::string_view field);

/// Documents, cut into passages that BM25 ranks. Immutable.
class library {
 public:
  explicit library(std::vector<document>);
  library(const library&) = delete;
  library& operator=(const library&) = delete;

  struct passage {
    std::size_t document;  ///< index
    std::size_t offset;    ///< in the document's text, in bytes
    std::string_view text;
  };

  /// The passages that fit the query best, best first.
  std::vector<passage> search(std::string_view query, std::size_t most) const;

  const std::vector<document>& documents() const { return documents_; }

  /// By its title, else by its number, counted from 1.
  const document* find(std::string_view name) const;

 private:
  std::vector<document> documents_;
  std::vector<passage> passages_;
  bm25 index_;
};

/// What belongs to one sample while an agent works on it.
class workplace {
 public:
  /// `field` of the sample holds its documents; empty if there are none.
  workplace(const sample& item, std::string field) : item_(item), field_(std::move(field)) {}

  /// The sample's documents, read on first use.
  const library& documents();

 private:
  sample item_;
  std::string field_;
  std::optional<library> documents_;
};

}  // namespace assay::evaluation
