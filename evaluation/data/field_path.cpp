#include "evaluation/data/field_path.hpp"

#include <algorithm>
#include <charconv>

namespace assay::evaluation {

namespace {

struct raw_value {
  value_kind kind;
  std::string_view raw;
};

/// One step down: the member of an object or the element of an array.
std::optional<raw_value> step_into(std::string_view structure, const std::string& step) {
  std::optional<raw_value> found;
  if (structure.front() == '{') {
    each_member(structure, [&](std::string&& name, value_kind kind, std::string_view raw) {
      if (name == step) found = raw_value{kind, raw};
    });
    return found;
  }
  std::size_t wanted = 0, index = 0;
  auto end = step.data() + step.size();
  if (std::from_chars(step.data(), end, wanted).ptr != end) return std::nullopt;
  each_element(structure, [&](value_kind kind, std::string_view raw) {
    if (index++ == wanted) found = raw_value{kind, raw};
  });
  return found;
}

std::optional<std::size_t> index_of(const row& r, const std::string& name) {
  for (std::size_t i = 0; i < r.fields.size(); ++i)
    if (r.fields[i].first == name) return i;
  return std::nullopt;
}

}  // namespace

field_path::field_path(std::string path) : name_(std::move(path)) {
  if (name_.find('.') == std::string::npos) return;
  for (std::size_t start = 0; start <= name_.size();) {
    auto end = std::min(name_.find('.', start), name_.size());
    steps_.push_back(name_.substr(start, end - start));
    start = end + 1;
  }
}

std::optional<field_value> field_path::find(const row& r) const {
  if (auto i = index_of(r, name_)) return field_value{r.kinds[*i], r.fields[*i].second};
  if (steps_.empty()) return std::nullopt;
  auto i = index_of(r, steps_.front());
  if (!i || r.kinds[*i] != value_kind::structure) return std::nullopt;
  raw_value at{r.kinds[*i], r.fields[*i].second};
  for (std::size_t s = 1; s < steps_.size(); ++s) {
    if (at.kind != value_kind::structure) return std::nullopt;
    auto next = step_into(at.raw, steps_[s]);
    if (!next) return std::nullopt;
    at = *next;
  }
  return field_value{at.kind, text_of(at.kind, at.raw)};
}

}  // namespace assay::evaluation
