#pragma once

#include <memory>
#include <string>

struct evp_pkey_st;
struct ssl_ctx_st;
struct x509_st;

namespace assay::tests {

/// A certificate authority made for one test; nothing of it is kept.
class test_authority {
 public:
  explicit test_authority(const std::string& name);
  ~test_authority();

  /// The authority's certificate as a PEM file, removed at the end of the test.
  const std::string& file() const { return file_; }

  /// A server's TLS context with a certificate for `names`, e.g. `IP:127.0.0.1`.
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> server(const std::string& names) const;

 private:
  evp_pkey_st* key_;
  x509_st* certificate_;
  std::string file_;
};

}  // namespace assay::tests
