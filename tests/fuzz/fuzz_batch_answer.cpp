#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "evaluation/batching.hpp"

/// Any text splits into as many parts as there were items, and the parts, answered once more the
/// way we ask for it, come back as they are. The first byte is the number of items.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  auto items = data[0] % 32u;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto parts = assay::evaluation::split(text, items);
  if (parts.size() != items) std::abort();
  auto again = nlohmann::json::array();
  for (std::size_t i = 0; i < items; ++i)
    if (parts[i]) again.push_back({{"id", i + 1}, {"answer", *parts[i]}});
  if (assay::evaluation::split(again.dump(), items) != parts) std::abort();
  return 0;
}
