#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Frames as CAF 0.17.6 writes them, put together by hand from what was captured between two of
/// its actor systems.
namespace assay::tests {

inline std::string big_endian(std::uint64_t x, int bytes) {
  std::string result;
  for (int i = bytes - 1; i >= 0; --i) result += static_cast<char>(x >> (8 * i) & 0xff);
  return result;
}

/// The atom `default`, a process id, 20 bytes of a host id.
inline std::string node_id(std::uint32_t process) {
  return big_endian(0x00003e9aab9bac79, 8) + big_endian(process, 4) + std::string(20, 'H');
}

struct frame_fields {
  std::uint8_t operation = 2;
  std::string payload = {};
  std::uint8_t flags = 0;
  std::uint64_t data = 0x1000000000000000;
  std::uint64_t source = 0, destination = 0;
};

inline std::string header(const frame_fields& x, std::uint32_t length) {
  return std::string{static_cast<char>(x.operation), 0, 0, static_cast<char>(x.flags)} +
         big_endian(length, 4) + big_endian(x.data, 8) + big_endian(x.source, 8) +
         big_endian(x.destination, 8);
}

inline std::string frame(const frame_fields& x) {
  return header(x, static_cast<std::uint32_t>(x.payload.size())) + x.payload;
}

/// No stages, then the message: zero, its type list, its values.
inline std::string message(std::string_view types, std::string_view values = {}) {
  return std::string(3, '\0') + static_cast<char>(types.size()) + std::string(types) +
         std::string(values);
}

inline std::string server_handshake(const std::string& node, std::uint64_t actor) {
  return frame({.operation = 0,
                .payload = node + "\x01\x0fgeneric-caf-app" + big_endian(actor, 8) + "\x01\x2c" +
                           "caf::replies_to<@str,double>::with<void>abcd",
                .data = 3});
}

inline std::string client_handshake(const std::string& node, std::uint8_t flags = 0) {
  return frame({.operation = 1, .payload = node, .flags = flags, .data = 0});
}

inline std::string heartbeat() { return frame({.operation = 6, .data = 0}); }

inline std::string monitor(const std::string& from, const std::string& to, std::uint64_t actor) {
  return frame({.operation = 4, .payload = from + to, .data = 0, .destination = actor});
}

/// `runtime_error` with a text and a number.
inline std::string down(const std::string& from, const std::string& to, std::uint64_t actor,
                        std::string_view types = "@<>+@str") {
  return frame({.operation = 5,
                .payload = from + to + "\x1c" + big_endian(0xfe3ee39ab2, 8) + std::string(2, '\0') +
                           static_cast<char>(types.size()) + std::string(types) + "\x04oops",
                .data = 0,
                .source = actor});
}

}  // namespace assay::tests
