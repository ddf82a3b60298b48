#pragma once

#include <cstdint>
#include <optional>

#include "providers/dialects/thinking_blocks.hpp"
#include "providers/dialects/wire_reader.hpp"

namespace assay::dialects {

/// Reads Anthropic Messages, streamed or whole. An answer is complete with `message_stop`. Counts
/// of output tokens before `message_delta` are provisional: an answer that broke off reports none.
class anthropic_reader final : public wire_reader {
 public:
  anthropic_reader();

 private:
  void take(int id, const json_value&) override;
  void begin_document() override;
  void end_document(instant now) override;
  std::string_view missing_in_document() const override;
  void settle(bool whole) override;

  void take_type(std::string_view type);
  void take_block(int id, const json_value&);

  thinking_blocks thinking_;
  std::optional<std::int64_t> fresh_input_;
  std::optional<std::int64_t> cache_read_;
  std::optional<std::int64_t> cache_write_;
  std::optional<std::int64_t> block_;  ///< of this event
  bool content_seen_ = false;
  bool last_event_ = false;
};

}  // namespace assay::dialects
