#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "messages/settings.hpp"

namespace assay::bench {

/// An account of the suite: what it lets in, and how many models it declares.
struct capacity {
  std::string name;
  std::size_t models = 0;
  int parallel = 0;
  double per_second = 0;

  limit_settings limits() const;
};

/// Ways to send fewer calls, or to send them where there is room, and what is assumed of them.
struct savings {
  std::string name;
  int items = 1;  ///< tests that share a call; all of one model
  /// Of the ten seconds of a test, so many pass while its answer is written; the answers in a
  /// shared call are written one after the other.
  double writing_s = 0;
  std::size_t repeated = 0;  ///< of the hundred tests of a model, which ask what another one asks
  bool anywhere = false;     ///< every account serves every model
};

/// What the suite came to.
struct suite_course {
  savings with;
  std::size_t tests = 0;
  double calls = 0;
  double bound_s = 0;  ///< of any client that sends these calls
  double makespan_s = 0;
  double refused = 0;
  bool finished = false;
};

inline constexpr double test_s = 10;
inline constexpr std::size_t tests_a_model = 100;

/// By the actors of a run, all accounts in one run, in virtual time.
suite_course play_suite(const std::vector<capacity>&, const savings&);

}  // namespace assay::bench
