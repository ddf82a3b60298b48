#pragma once

#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <vector>

#include "messages/problem.hpp"

namespace assay::bench {

[[noreturn]] inline void give_up(const std::vector<problem>& problems) {
  for (const auto& p : problems) std::fprintf(stderr, "%s\n", render(p).c_str());
  std::exit(1);
}
[[noreturn]] inline void give_up(const problem& p) { give_up(std::vector{p}); }

/// The value; without one the program ends.
template <class T, class Problems>
T must(tl::expected<T, Problems> result) {
  if (!result) give_up(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace assay::bench
