#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::app {

/// What of a file is to be run, from the command line.
struct selection {
  std::vector<std::string> only;     ///< `NAME` of an experiment, or `model=NAME`, `dataset=NAME`,
                                     ///< `prompt=NAME`, `provider=NAME`
  std::optional<std::size_t> limit;  ///< samples per dataset, after filter and shuffle
  std::optional<std::size_t> max_tasks;
};

/// Narrows the settings to the selection. Problems: a name that is not declared (with the nearest),
/// a selection that leaves nothing.
expected<settings> select(settings, const selection&);

template <class T>
std::vector<std::string> names_of(const std::vector<T>& entries) {
  std::vector<std::string> all;
  for (const auto& e : entries) all.push_back(e.name);
  return all;
}

/// A problem of this option, with the nearest name, unless the name is known.
expected<void> must_exist(const std::string& option, const std::vector<std::string>& known,
                          const std::string& name);

}  // namespace assay::app
