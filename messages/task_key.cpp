#include "messages/task_key.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace assay {

namespace {

struct free_context {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};

/// Fetching an algorithm costs more than hashing a prompt, so each thread does it once.
class sha256 {
 public:
  sha256() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {}
  sha256(const sha256&) = delete;
  sha256& operator=(const sha256&) = delete;
  ~sha256() { EVP_MD_free(algorithm_); }

  void start() { EVP_DigestInit_ex2(context_.get(), algorithm_, nullptr); }
  void add(const void* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
  task_key finish() {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    task_key key;
    std::copy_n(digest.begin(), key.bytes.size(), key.bytes.begin());
    return key;
  }

 private:
  EVP_MD* algorithm_;
  std::unique_ptr<EVP_MD_CTX, free_context> context_;
};

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string to_string(const task_key& key) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * key.bytes.size());
  for (auto byte : key.bytes) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

task_key parse_task_key(std::string_view hex) {
  task_key key;
  if (hex.size() != 2 * key.bytes.size()) return {};
  for (std::size_t i = 0; i < key.bytes.size(); ++i) {
    auto high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return {};
    key.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return key;
}

task_key hash_parts(std::initializer_list<std::string_view> parts) {
  thread_local sha256 hash;
  hash.start();
  for (auto part : parts) {
    std::uint64_t size = part.size();
    hash.add(&size, sizeof size);
    hash.add(part.data(), part.size());
  }
  return hash.finish();
}

}  // namespace assay
