#pragma once

#include "providers/dialects/openai_quirks.hpp"
#include "providers/dialects/wire_reader.hpp"

namespace assay::dialects {

/// Reads chat completions, streamed or whole. Of several choices only the first is kept. Reasoning
/// is read from `reasoning_content` or `reasoning`,
/// whichever the server uses first: some send the same text in both.
class openai_reader final : public wire_reader {
 public:
  explicit openai_reader(const openai_quirks&);

 private:
  void take(int id, const json_value&) override;
  void begin_document() override;
  void end_document(instant now) override;
  void done_marker(instant now) override;
  std::string_view missing_in_document() const override;
  void settle(bool whole) override;
  error_class class_of_finish() const override;

  void take_choice(int id, const json_value&);
  void take_call(int id, const json_value&);
  void take_usage(int id, const json_value&);
  void take_reasoning(int id, const json_value&);

  const openai_quirks& quirks_;
  int reasoning_field_ = 0;  ///< the one that this server uses, once known
  int choices_ = 0;          ///< met in this document so far
  bool other_choice_ = false;
  bool finish_seen_ = false;
  bool bare_code_ = false;  ///< a `code` at the top level of this document
};

}  // namespace assay::dialects
