#include "actors/call_sealer.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace assay::actors {

namespace {

constexpr std::string_view purpose = "assay call 1";

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot compute an HMAC-SHA256");
}

/// Each part with its length before it, so that no two calls look alike.
void add(EVP_MAC_CTX* mac, std::string_view part) {
  std::uint64_t size = part.size();
  require(EVP_MAC_update(mac, reinterpret_cast<const unsigned char*>(&size), sizeof size) == 1);
  require(EVP_MAC_update(mac, reinterpret_cast<const unsigned char*>(part.data()), part.size()) ==
          1);
}

template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

void call_sealer::freed::operator()(evp_mac_ctx_st* mac) const { EVP_MAC_CTX_free(mac); }

call_sealer::call_sealer(const std::string& secret) {
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  keyed_.reset(EVP_MAC_CTX_new(hmac));
  EVP_MAC_free(hmac);
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, sizeof digest - 1),
      OSSL_PARAM_construct_end()};
  require(keyed_ &&
          EVP_MAC_init(keyed_.get(), reinterpret_cast<const unsigned char*>(secret.data()),
                       secret.size(), parameters) == 1);
}

call_seal call_sealer::seal(const sealed_call& call) const {
  std::unique_ptr<EVP_MAC_CTX, freed> mac(EVP_MAC_CTX_dup(keyed_.get()));
  require(mac != nullptr);
  add(mac.get(), purpose);
  add(mac.get(), bytes_of(call.run));
  add(mac.get(), bytes_of(call.key.bytes));
  add(mac.get(), call.provider);
  add(mac.get(), call.node);
  unsigned char whole[EVP_MAX_MD_SIZE];
  std::size_t size = 0;
  require(EVP_MAC_final(mac.get(), whole, &size, sizeof whole) == 1);
  call_seal seal;
  std::copy_n(whole, seal.bytes.size(), seal.bytes.begin());
  return seal;
}

bool call_sealer::is_right(const call_seal& shown, const sealed_call& call) const {
  auto right = seal(call);
  return CRYPTO_memcmp(shown.bytes.data(), right.bytes.data(), right.bytes.size()) == 0;
}

}  // namespace assay::actors
