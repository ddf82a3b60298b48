#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "remoting/basp_frames.hpp"
#include "tests/remoting/basp_bytes.hpp"

namespace {

using namespace assay;
using remoting::basp_filter;
using remoting::basp_side;

const std::string ours = tests::node_id(1), theirs = tests::node_id(2);

struct passage {
  std::string out;
  std::string refusal;
};

/// What of the stream passes a filter that has seen both handshakes, cut into pieces of that size.
passage pass(basp_side side, std::string_view stream, std::size_t piece) {
  remoting::basp_rules rules{.own_node = ours, .messages = {"@<>+@str", "@<>+@atom+joined"}};
  rules.max_payload = 4096;
  rules.max_senders = 3;
  basp_filter filter(side, std::move(rules));
  passage result;
  std::string own;
  bool coordinates = side == basp_side::coordinator;
  auto hello = coordinates ? tests::server_handshake(ours, 6) : tests::client_handshake(ours);
  if (!filter.to_peer(hello, own)) std::abort();
  while (!stream.empty()) {
    auto good = filter.from_peer(stream.substr(0, piece), result.out);
    if (!good) {
      result.refusal = good.error().what;
      break;
    }
    stream.remove_prefix(std::min(piece, stream.size()));
  }
  return result;
}

std::uint64_t number(std::string_view bytes) {
  std::uint64_t x = 0;
  for (unsigned char byte : bytes) x = x << 8 | byte;
  return x;
}

/// CAF must see only frames that were judged: read once more, by a reader of another make.
void check_what_passed(std::string_view bytes) {
  while (bytes.size() >= 32) {
    auto length = number(bytes.substr(4, 4));
    if (length > 4096 || (bytes[3] & 1) != 0 || bytes[0] == 3) std::abort();
    if (bytes.size() < 32 + length) return;
    auto payload = bytes.substr(32, length);
    if (bytes[0] == 2 && payload.find(std::string_view("\0\0\0\x08@<>+@str", 12)) != 0 &&
        payload.find(std::string_view("\0\0\0\x10@<>+@atom+joined", 20)) != 0 &&
        payload.find(std::string_view("\0\0\0\x0a@<>+@error", 14)) != 0)
      std::abort();
    bytes.remove_prefix(32 + length);
  }
}

}  // namespace

/// What passes must not depend on where the stream is cut, and must be what the rules allow. The
/// first byte is the size of the pieces, and which side reads.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto side = data[0] & 1 ? basp_side::node : basp_side::coordinator;
  auto whole = pass(side, stream, stream.size());
  auto pieces = pass(side, stream, data[0] / 2u + 1u);
  if (whole.refusal != pieces.refusal || whole.out != pieces.out) std::abort();
  check_what_passed(whole.out);
  // The other direction, of which CAF is the author, must at least not break.
  basp_filter filter(side, {.own_node = ours});
  std::string out;
  (void)filter.to_peer(stream, out);
  return 0;
}
