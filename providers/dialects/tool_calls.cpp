#include "providers/dialects/tool_calls.hpp"

#include <algorithm>

#include "providers/dialects/header_fields.hpp"

namespace assay::dialects {

call_collector::piece& call_collector::begin(place is) {
  if (pieces_.size() == most) {
    too_many_ = true;
    pieces_.clear();
  }
  pieces_.push_back({.is = is});
  return pieces_.back();
}

void call_collector::number(std::int64_t index) {
  for (auto& p : pieces_)
    if (!p.index) p.index = index;
}

/// The call that a piece goes on with, or null. A piece with an id of its own at an index that is
/// taken begins another call: some servers number all calls 0.
call_collector::open_call* call_collector::find(const piece& p) {
  if (p.is == place::opens || calls_.empty()) return nullptr;
  const bool anonymous = p.part.id.empty();
  if (!p.index && anonymous)
    return p.is == place::continues || p.part.name.empty() ? &calls_.back() : nullptr;
  const auto same = [&](const open_call& c) {
    if (p.index && c.index != p.index) return false;
    return anonymous || c.call.id == p.part.id || (p.index && c.call.id.empty());
  };
  const auto found = std::find_if(calls_.rbegin(), calls_.rend(), same);
  return found == calls_.rend() ? nullptr : &*found;
}

bool call_collector::commit() {
  for (auto& p : pieces_) {
    if (!p.counts) continue;
    auto* to = find(p);
    if (!to) {
      if (p.is == place::continues) continue;
      if (calls_.size() == most) too_many_ = true;
      if (too_many_) break;
      calls_.push_back({p.index, {}});
      to = &calls_.back();
    }
    size_ += p.part.id.size() + p.part.name.size() + p.part.arguments.size();
    if (to->call.id.empty()) to->call.id = std::move(p.part.id);
    to->call.name += p.part.name;
    to->call.arguments += p.part.arguments;
  }
  pieces_.clear();
  return !too_many_;
}

bool call_collector::all_named() const {
  return std::none_of(calls_.begin(), calls_.end(),
                      [](const open_call& c) { return c.call.name.empty(); });
}

std::vector<tool_call> call_collector::take() {
  std::vector<tool_call> out;
  for (auto& c : calls_) {
    out.push_back(std::move(c.call));
    if (out.back().id.empty()) out.back().id = "call_" + std::to_string(out.size());
    if (trimmed(out.back().arguments).empty()) out.back().arguments = "{}";
  }
  calls_.clear();
  return out;
}

std::string compact_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!quoted && blank) continue;
    out += c;
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\' && i + 1 < json.size()) out += json[++i];
  }
  return out;
}

}  // namespace assay::dialects
