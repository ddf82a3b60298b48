#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "providers/dialects/wire_reader.hpp"

namespace assay::dialects {

/// Reads the answer of an embeddings endpoint, in the words of OpenAI (`data[].embedding`, as
/// numbers or as base64) or of Gemini (`embeddings[].values`). The answer's text is
/// `embedding_text` of the vectors in the order of the texts: by their `index`, where they have
/// one. An answer with more or fewer vectors than texts, or with vectors of different lengths, is
/// an error.
class embedding_reader final : public wire_reader {
 public:
  embedding_reader(const dialect_rows& rows, rate_family rates, std::size_t texts);

 private:
  struct item {
    std::optional<std::int64_t> index;
    std::vector<float> vector;
  };

  void take(int id, const json_value&) override;
  void begin_document() override { items_.clear(); }
  void end_document(instant now) override;
  std::string_view missing_in_document() const override;
  void settle(bool whole) override;

  void take_number(const json_value&);
  void take_vector(const json_value&);
  /// What is wrong with the items; empty for nothing. They are in order then.
  std::string trouble();

  std::size_t texts_;
  std::vector<item> items_;
};

}  // namespace assay::dialects
