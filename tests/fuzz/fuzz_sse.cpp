#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "providers/dialects/sse.hpp"

namespace {

std::vector<std::string> events_of(std::string_view stream, std::size_t piece) {
  assay::dialects::sse_parser parser;
  std::vector<std::string> out;
  auto note = [&](const assay::dialects::sse_event& e) {
    out.push_back(std::string(e.name) + "|" + std::string(e.data));
  };
  while (!stream.empty()) {
    std::string bytes(stream.substr(0, piece));
    parser.feed(bytes, note);
    stream.remove_prefix(bytes.size());
  }
  parser.end(note);
  return out;
}

}  // namespace

/// Events must not depend on where the stream is cut. The first byte is the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (events_of(stream, data[0] + 1u) != events_of(stream, stream.size())) std::abort();
  return 0;
}
