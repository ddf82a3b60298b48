#include "providers/dialects/thinking_blocks.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace assay::dialects {

thinking_blocks::piece& thinking_blocks::now() {
  if (pieces_.empty()) pieces_.emplace_back();
  return pieces_.back();
}

void thinking_blocks::number(std::int64_t index) {
  for (auto& p : pieces_) p.index = index;
}

void thinking_blocks::commit() {
  for (auto& p : pieces_) {
    if (p.opens) {
      blocks_.push_back(std::move(p));
      continue;
    }
    auto block = std::find_if(blocks_.rbegin(), blocks_.rend(),
                              [&](const piece& b) { return b.index == p.index; });
    if (block == blocks_.rend()) continue;
    block->text += p.text;
    block->signature += p.signature;
    block->hidden += p.hidden;
  }
  pieces_.clear();
}

std::string thinking_blocks::json() const {
  using nlohmann::ordered_json;
  auto out = ordered_json::array();
  for (const auto& block : blocks_) {
    if (block.type == "thinking")
      out.push_back(
          {{"type", block.type}, {"thinking", block.text}, {"signature", block.signature}});
    else if (block.type == "redacted_thinking")
      out.push_back({{"type", block.type}, {"data", block.hidden}});
  }
  return out.empty() ? std::string()
                     : out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace assay::dialects
