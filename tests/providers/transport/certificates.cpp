#include "tests/providers/transport/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

namespace assay::tests {

namespace {

void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* new_certificate(const std::string& name, EVP_PKEY* key) {
  static long serial = 1;
  auto* made = X509_new();
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made), 24 * 3600);
  X509_set_pubkey(made, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return made;
}

}  // namespace

test_authority::test_authority(const std::string& name)
    : key_(EVP_EC_gen("P-256")), certificate_(new_certificate(name, key_)) {
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  add_extension(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate_, certificate_, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(certificate_, key_, EVP_sha256());
  char path[] = "/tmp/assay_test_ca_XXXXXX";
  auto* out = fdopen(mkstemp(path), "w");
  PEM_write_X509(out, certificate_);
  fclose(out);
  file_ = path;
}

test_authority::~test_authority() {
  unlink(file_.c_str());
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> test_authority::server(
    const std::string& names) const {
  auto* key = EVP_EC_gen("P-256");
  auto* made = new_certificate("server", key);
  X509_set_issuer_name(made, X509_get_subject_name(certificate_));
  add_extension(made, certificate_, NID_subject_alt_name, names);
  X509_sign(made, key_, EVP_sha256());
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context(SSL_CTX_new(TLS_server_method()),
                                                             SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), made);
  SSL_CTX_use_PrivateKey(context.get(), key);
  X509_free(made);
  EVP_PKEY_free(key);
  return context;
}

}  // namespace assay::tests
