#include <iterator>

#include "read_answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto* bytes = reinterpret_cast<const char*>(data);
  assay::fuzz::read_answer("gemini", data[0], {bytes + 2, size - 2});
  return 0;
}
