#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "evaluation/extraction/documents.hpp"
#include "evaluation/extraction/passages.hpp"
#include "evaluation/text/bm25.hpp"
#include "messages/settings.hpp"

namespace assay::evaluation {

/// Documents cut into passages that can be searched by their words. Of passages that differ in
/// white space only the first is kept. Immutable, may be shared between threads.
class corpus {
 public:
  static corpus make(document_set, const extraction_settings&);

  const std::vector<document>& documents() const { return set_.documents; }
  const std::vector<problem>& left_out() const { return set_.left_out; }
  const std::vector<passage>& passages() const { return passages_; }
  std::size_t repeated() const { return repeated_; }  ///< passages that were left out as copies

  std::string_view text(std::size_t passage) const {
    return text_of(passages_[passage], set_.documents);
  }
  const std::string& document_name(std::size_t passage) const {
    return set_.documents[passages_[passage].document].name;
  }

  /// The passages that share a word with the query, best first.
  std::vector<std::size_t> search(std::string_view query, std::size_t most) const;

 private:
  corpus(document_set, std::vector<passage>, std::size_t repeated);

  document_set set_;
  std::vector<passage> passages_;
  std::size_t repeated_;
  bm25 index_;
};

}  // namespace assay::evaluation
