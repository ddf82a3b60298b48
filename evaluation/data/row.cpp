#include "evaluation/data/row.hpp"

namespace assay::evaluation {

namespace {
constexpr std::size_t shown_problems = 20;
constexpr std::size_t shown_fields = 12;
}  // namespace

void problem_list::add(std::size_t line, std::string what, std::string fix) {
  add(problem{file_ + ":" + std::to_string(line), std::move(what), std::move(fix)});
}

void problem_list::add_for_file(std::string what, std::string fix) {
  add(problem{file_, std::move(what), std::move(fix)});
}

void problem_list::add(problem p) {
  if (++count_ <= shown_problems) first_.push_back(std::move(p));
}

std::vector<problem> problem_list::take() {
  if (count_ > shown_problems)
    first_.push_back({file_, "and " + std::to_string(count_ - shown_problems) + " more", ""});
  return std::move(first_);
}

std::string list_fields(const row& r) {
  std::string names;
  for (std::size_t i = 0; i < r.fields.size() && i < shown_fields; ++i) {
    if (i > 0) names += ", ";
    names += r.fields[i].first.substr(0, 60);
  }
  if (r.fields.size() > shown_fields) names += " ...";
  return names.empty() ? "nothing" : names;
}

}  // namespace assay::evaluation
