#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "messages/wire_size.hpp"

namespace assay::actors {

/// What a message takes besides the values in it.
constexpr std::size_t frame_bytes = 4'096;

/// What several values in one message between a coordinator and a node may take: on a slow line
/// signs of life come through between two of them.
inline std::size_t parcel_bytes(std::size_t max_message) {
  return std::min(std::size_t{1} << 20, max_message - frame_bytes);
}

/// Bytes of the largest message between a coordinator and a node.
inline std::uint32_t max_message(const node_settings& rules) {
  return static_cast<std::uint32_t>(rules.max_message_mb) << 20;
}

/// What to say of a request or an answer that no message can hold.
std::string too_large(const char* what, std::size_t bytes, std::size_t most);

/// Passes a batch on in messages of at most so many bytes, and one that is larger alone.
template <class T, class Send>
void send_in_parcels(std::vector<T> batch, std::size_t max_message, Send send) {
  const auto most = parcel_bytes(max_message);
  std::vector<T> parcel;
  std::size_t bytes = 0;
  for (auto& x : batch) {
    auto size = wire_size(x);
    if (!parcel.empty() && bytes + size > most) {
      send(std::exchange(parcel, {}));
      bytes = 0;
    }
    bytes += size;
    parcel.push_back(std::move(x));
  }
  if (!parcel.empty()) send(std::move(parcel));
}

}  // namespace assay::actors
