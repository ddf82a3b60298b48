#include "providers/transport/head_collector.hpp"

#include <algorithm>
#include <charconv>

namespace assay::transport {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

head_collector::state head_collector::line(std::string_view text) {
  bytes_ += text.size();
  if (bytes_ > max_bytes) return state::too_large;
  if (complete_) return state::collecting;  // a trailer
  if (text.starts_with("HTTP/")) {
    status_line(text);
    return state::collecting;
  }
  text = trimmed(text);
  if (text.empty()) {
    complete_ = status_ >= 200;
    return complete_ ? state::complete : state::collecting;
  }
  auto colon = text.find(':');
  if (colon != std::string_view::npos)
    headers_.emplace_back(trimmed(text.substr(0, colon)), trimmed(text.substr(colon + 1)));
  return state::collecting;
}

void head_collector::status_line(std::string_view text) {
  headers_.clear();
  status_ = 0;
  auto space = text.find(' ');
  if (space == std::string_view::npos) return;
  auto digits = trimmed(text.substr(space));
  std::from_chars(digits.data(), digits.data() + digits.size(), status_);
}

void head_collector::reset() {
  status_ = 0;
  bytes_ = 0;
  complete_ = false;
  headers_.clear();
}

std::string_view head_collector::value_of(std::string_view name) const {
  for (const auto& [key, value] : headers_)
    if (same_name(key, name)) return value;
  return {};
}

}  // namespace assay::transport
