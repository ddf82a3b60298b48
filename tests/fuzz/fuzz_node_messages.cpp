#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "actors/sound_result.hpp"
#include "messages/node_protocols.hpp"
#include "messages/wire_size.hpp"

using namespace assay;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<char> written(const auto& value) {
  std::vector<char> bytes;
  caf::binary_serializer put(nullptr, bytes);
  auto copy = value;
  require(!put(copy));
  return bytes;
}

/// What a peer sends is read or refused; what was read can be passed on, by no more than we think
/// that it takes.
template <class T>
void read(const char* bytes, std::size_t size) {
  std::vector<T> all;
  caf::binary_deserializer get(nullptr, bytes, size);
  if (get(all)) return;
  auto out = written(all);
  std::vector<T> again;
  caf::binary_deserializer back(nullptr, out.data(), out.size());
  require(!back(again));
  require(written(again) == out);
  for (const auto& one : all) require(written(one).size() <= wire_size(one));
  if constexpr (requires(const T& x) { actors::unsound(x.result); })
    for (const auto& one : all) (void)actors::unsound(one.result);
  if constexpr (requires(const T& x) { actors::unsound(x.early); })
    for (const auto& one : all) (void)actors::unsound(one.early);
  if constexpr (requires(const T& x) { actors::unsound(x); })
    for (const auto& one : all) (void)actors::unsound(one);
}

}  // namespace

/// The first byte says which message of a node the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto* bytes = reinterpret_cast<const char*>(data) + 1;
  using reader = void (*)(const char*, std::size_t);
  constexpr reader readers[] = {read<node_terms>,    read<abilities>,        read<heartbeat>,
                                read<node_headers>,  read<node_result>,      read<late_result>,
                                read<judge_ability>, read<ended_examination>};
  readers[data[0] % std::size(readers)](bytes, size - 1);
  return 0;
}
