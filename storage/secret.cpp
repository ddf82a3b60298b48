#include "storage/secret.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace assay::storage {

namespace {

/// 256 bits in hexadecimal digits.
expected<std::string> drawn() {
  std::array<unsigned char, 32> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return fail("", std::string("the system gives no random bytes: ") + std::strerror(errno));
  std::string hex;
  for (auto byte : bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

std::string read(connection& db, const std::string& name) {
  statement row(db, "SELECT value FROM secrets WHERE name = ?");
  return row.start(name).step() ? std::string(row.text(0)) : std::string{};
}

}  // namespace

expected<std::string> secret_row(connection& db, const std::string& name) {
  auto known = read(db, name);
  if (auto asked = db.result(); !asked) return tl::make_unexpected(asked.error());
  if (!known.empty()) return known;
  auto fresh = drawn();
  if (!fresh) return fresh;
  transaction change(db);
  statement(db, "INSERT INTO secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING")
      .run(name, *fresh);
  known = read(db, name);  // another process may have been quicker
  if (auto done = change.commit(); !done) return tl::make_unexpected(done.error());
  return known;
}

}  // namespace assay::storage
