#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "providers/dialects/wire_reader.hpp"

namespace assay::dialects {

/// Reads generateContent answers: a stream of whole response objects, one object, or an array of
/// them. Complete when a candidate names its finishReason and the bytes end. A prompt that was
/// blocked is `content_filtered`. The id of a tool call is `call_N`, or `call_N.SIGNATURE` where
/// the API wants a signature back with it (gemini_call_id.hpp).
class gemini_reader final : public wire_reader {
 public:
  gemini_reader();

 private:
  void take(int id, const json_value&) override;
  void begin_document() override;
  bool ends_with_the_bytes() const override;
  std::string_view missing_in_document() const override;
  void settle(bool whole) override;

  void take_candidate(int id, const json_value&);
  void take_part(int id, const json_value&);
  void take_usage(int id, const json_value&);

  std::optional<std::int64_t> prompt_;
  std::optional<std::int64_t> tool_prompt_;
  std::optional<std::int64_t> candidates_tokens_;
  std::optional<std::int64_t> thoughts_;
  bool blocked_ = false;
  bool any_candidate_ = false;
  int candidates_ = 0;  ///< met in this response so far
  bool other_candidate_ = false;
  bool thought_part_ = false;
  std::size_t part_begins_ = 0;  ///< where the text of this part stands in the answer
  bool call_part_ = false;
  std::string signature_;  ///< of this part
};

}  // namespace assay::dialects
