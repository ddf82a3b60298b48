#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "evaluation/extraction/field_search.hpp"
#include "evaluation/extraction/question.hpp"

namespace assay::evaluation {

/// A template on its way to being filled: of each field its value and source, or what is known of
/// why there is none. A field is open until it has a value that is valid, no passage states it
/// (asked once; a required one as often as any), it was asked for `asks` times, or its call failed.
class form {
 public:
  /// REQUIRES: checks and corpus live as long.
  form(const std::vector<field_check>& checks, const corpus&, int asks);

  /// The fields that are to be asked for, in their order, with the reason of the last rejection.
  std::vector<asked_field> open() const;

  /// Takes what a call said of its fields.
  void take(const question&, const std::vector<field_answer>&);

  /// A call was declined: its fields count as asked.
  void decline(const question&, const std::string& reason);

  /// A call failed: its fields are closed. Those with a pattern are filled by it from the passages
  /// in the order of the search, and marked.
  void fail(const question&, const std::string& reason, const field_search&);

  bool empty() const;  ///< no field has a value

  /// `fields`, `missing` and `passages` (those that are sources) of the result.
  nlohmann::ordered_json to_json() const;

 private:
  enum class state : std::uint8_t { open, filled, missing };
  struct entry {
    state now = state::open;
    nlohmann::json value;
    std::size_t passage = 0;
    bool fallback = false;
    int asks = 0;
    std::string reason;
  };

  void reject(entry&, std::string reason);
  bool fall_back(std::size_t field, const field_search&);

  const std::vector<field_check>& checks_;
  const corpus& from_;
  int asks_;
  std::vector<entry> entries_;
};

}  // namespace assay::evaluation
