#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

/// Owners of OpenSSL's objects. Not for headers that others include.
namespace assay::remoting {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};

using bio_ptr = std::unique_ptr<BIO, freed_by<&BIO_free_all>>;
using bignum_ptr = std::unique_ptr<BIGNUM, freed_by<&BN_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<&EVP_PKEY_free>>;
using x509_ptr = std::unique_ptr<X509, freed_by<&X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<&X509_EXTENSION_free>>;
using names_ptr = std::unique_ptr<GENERAL_NAMES, freed_by<&GENERAL_NAMES_free>>;
using store_ptr = std::unique_ptr<X509_STORE, freed_by<&X509_STORE_free>>;
using store_context_ptr = std::unique_ptr<X509_STORE_CTX, freed_by<&X509_STORE_CTX_free>>;
using context_ptr = std::unique_ptr<SSL_CTX, freed_by<&SSL_CTX_free>>;
using ssl_ptr = std::unique_ptr<SSL, freed_by<&SSL_free>>;

struct frees_stack {
  void operator()(STACK_OF(X509) * x) const { sk_X509_pop_free(x, &X509_free); }
};
using x509_stack_ptr = std::unique_ptr<STACK_OF(X509), frees_stack>;

/// The reason of the oldest entry in this thread's error queue, which is emptied; `otherwise` if
/// there is none.
inline std::string openssl_reason(const char* otherwise) {
  auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : otherwise;
}

}  // namespace assay::remoting
