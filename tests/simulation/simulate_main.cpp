#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/simulation/world.hpp"

/// Explores faults: `assay-simulate [--from SEED] [--seeds N]`. Exits 1 at the first seed that
/// breaks a rule, after printing the rule and the command that repeats it.
int main(int argc, char** argv) {
  unsigned long long from = 1, seeds = 1'000;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--from") == 0) from = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--seeds") == 0) seeds = std::strtoull(argv[i + 1], nullptr, 10);
  }
  for (auto seed = from; seed < from + seeds; ++seed) {
    auto s = assay::tests::draw_scenario(seed);
    auto broken = assay::tests::violations(s, assay::tests::run_world(s));
    for (const auto& rule : broken) std::printf("seed %llu: %s\n", seed, rule.c_str());
    if (!broken.empty()) {
      std::printf("repeat with: assay-simulate --from %llu --seeds 1\n", seed);
      return 1;
    }
  }
  std::printf("%llu seeds from %llu: every rule held\n", seeds, from);
}
