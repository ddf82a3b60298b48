#include <cstdint>
#include <string>

#include "config/files.hpp"

// Experiment files of any content, without an environment and without a disk: whatever is read must
// end in settings or in at least one problem, each with a place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  std::string text(reinterpret_cast<const char*>(data), size);
  auto no_variables = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  auto no_files = [](const std::string&) -> expected<std::string> { return fail({}, "no file"); };
  auto result = config::parse(text, "fuzz/e.toml", no_variables, no_files);
  if (result) return 0;
  if (result.error().empty()) __builtin_trap();
  for (const auto& problem : result.error()) {
    if (!problem.where.starts_with("fuzz/e.toml:") || problem.what.empty()) __builtin_trap();
    if (render(problem).find('\n') != std::string::npos) __builtin_trap();
  }
  return 0;
}
