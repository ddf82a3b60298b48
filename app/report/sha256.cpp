#include "app/report/sha256.hpp"

#include <openssl/evp.h>

namespace assay::report {

struct sha256::state {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~state() { EVP_MD_CTX_free(context); }
};

sha256::sha256() : state_(std::make_unique<state>()) {
  EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr);
}

sha256::~sha256() = default;
sha256::sha256(sha256&&) noexcept = default;
sha256& sha256::operator=(sha256&&) noexcept = default;

void sha256::add(std::string_view text) {
  EVP_DigestUpdate(state_->context, text.data(), text.size());
}

std::string sha256::hex() {
  static constexpr char digits[] = "0123456789abcdef";
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, bytes, &size);
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 15];
  }
  return out;
}

std::string sha256_hex(std::string_view text) {
  sha256 hash;
  hash.add(text);
  return hash.hex();
}

}  // namespace assay::report
