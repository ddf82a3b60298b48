#include <cstdint>
#include <string>

#include "config/extraction_template.hpp"

// Templates of any content: whatever is read has fields with distinct names, or at least one
// problem, each with a place.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  std::string text(reinterpret_cast<const char*>(data), size);
  auto no_variables = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  auto result = config::parse_template(text, "fuzz/t.toml", no_variables);
  if (!result) {
    if (result.error().empty()) __builtin_trap();
    for (const auto& problem : result.error()) {
      if (!problem.where.starts_with("fuzz/t.toml:") || problem.what.empty()) __builtin_trap();
      if (render(problem).find('\n') != std::string::npos) __builtin_trap();
    }
    return 0;
  }
  if (result->fields.empty()) __builtin_trap();
  for (const auto& field : result->fields) {
    auto same = [&](const template_field& other) { return other.name == field.name; };
    if (std::count_if(result->fields.begin(), result->fields.end(), same) != 1) __builtin_trap();
    if ((field.type == field_type::choice) != !field.values.empty()) __builtin_trap();
  }
  return 0;
}
