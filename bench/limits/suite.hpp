#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bench/limits/suite_course.hpp"

namespace assay::bench {

/// One account of the suite of a report on parallel testing.
struct suite_account {
  std::string name;
  std::size_t models = 0;
  double serial_s = 0;
  double bound_s = 0;
  double ours_s = 0;
  std::size_t refused = 0;
};

/// 23 models, 100 tests each, 10 s a test: azure (1 model, 50 in parallel, 100 a second),
/// user_azure (7; 30; 50) and idealab (15; 5; a limit of 10 a second that all its models share).
struct suite {
  std::vector<suite_account> accounts;
  std::string driven_by;
  std::vector<suite_course> with_savings;  ///< each alone, then all together
  double serial_s() const;
  double one_at_a_time_s() const;  ///< the accounts side by side, each one test after the other
  double bound_s() const;
  double ours_s() const;
  double ratio() const { return ours_s() / bound_s(); }
  double five_connections() const;  ///< times as fast as serial, on the account with five
};

/// In virtual time.
suite measure_suite();

nlohmann::json to_json(const suite&);
void print(const suite&);

}  // namespace assay::bench
