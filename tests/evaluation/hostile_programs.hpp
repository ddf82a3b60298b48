#pragma once

#include <string>
#include <vector>

namespace assay::tests {

/// A Python program that tries to break out, break something, or use up what is not its own. It
/// prints `ESCAPED` if it got what it wanted and should not.
struct hostile_program {
  std::string kind;
  std::string source;
};

/// What the programs are after.
struct hostile_targets {
  std::string file;    ///< of the host, must be neither read nor changed
  std::string folder;  ///< of the host, must not be written to
  int process = 0;     ///< ours
  int port = 0;        ///< where somebody listens on 127.0.0.1
};

/// At least `count` programs, the kinds in turn, each with a number of its own in it.
std::vector<hostile_program> hostile_programs(const hostile_targets&, std::size_t count);

/// One of each kind.
std::vector<hostile_program> hostile_kinds(const hostile_targets&);

}  // namespace assay::tests
