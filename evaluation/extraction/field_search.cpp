#include "evaluation/extraction/field_search.hpp"

#include <algorithm>

namespace assay::evaluation {

namespace {

/// Further down a ranking says nothing.
constexpr std::size_t depth = 100;

}  // namespace

std::string query_of(const template_field& field) {
  auto query = field.name;
  std::replace_if(
      query.begin(), query.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
  if (!field.description.empty()) query += ". " + field.description;
  for (const auto& value : field.values) query += " " + value;
  return query;
}

field_search::field_search(const extraction_template& what, const corpus& from) : from_(from) {
  for (const auto& field : what.fields) rankings_.push_back({from.search(query_of(field), depth)});
}

void field_search::add_vectors(const std::vector<std::vector<float>>& queries,
                               const std::vector<std::vector<float>>& passages) {
  for (std::size_t i = 0; i < rankings_.size(); ++i)
    rankings_[i].push_back(nearest_vectors(queries[i], passages, depth));
}

std::vector<std::size_t> field_search::ranking(std::size_t field) const {
  std::vector<std::size_t> order;
  std::vector<bool> met(from_.passages().size());
  for (const auto& r : fuse(rankings_[field], from_.passages().size())) {
    order.push_back(r.index);
    met[r.index] = true;
  }
  for (std::size_t i = 0; i < met.size(); ++i)
    if (!met[i]) order.push_back(i);
  return order;
}

std::vector<std::size_t> field_search::passages_for(const std::vector<std::size_t>& fields,
                                                    std::size_t per_field) const {
  std::vector<std::vector<std::size_t>> best;
  for (auto field : fields) {
    best.emplace_back();
    for (const auto& r : fuse(rankings_[field], per_field)) best.back().push_back(r.index);
  }
  std::vector<std::size_t> shown;
  for (const auto& r : fuse(best, from_.passages().size())) shown.push_back(r.index);
  if (!shown.empty()) return shown;
  // Nothing speaks for any passage: the first ones are better than none.
  for (std::size_t i = 0; i < std::min(per_field, from_.passages().size()); ++i) shown.push_back(i);
  return shown;
}

}  // namespace assay::evaluation
