#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::evaluation {

class hash_text;

/// What a judge type is called and which options it has. All types stand in one table, those that
/// score by a rule and those that ask models.
struct judge_type {
  std::string_view name;
  unsigned takes;
  unsigned needs;
};

/// The type of these settings. Problems: there is none (the nearest is named), an option that the
/// type does not have, one that it needs, a number out of its range.
expected<const judge_type*> checked_type(const judge_settings&);

/// Where a judge was declared, for messages.
std::string place_of(const judge_settings&);

/// Filters as part of a judge's version.
void add_filters(hash_text&, const std::vector<filter_settings>&);

}  // namespace assay::evaluation
