#include "remoting/certificates.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <ctime>

#include "remoting/certificate_files.hpp"

namespace assay::remoting {

namespace {

/// Clocks of machines differ: a certificate is valid from a little before it was made.
constexpr std::chrono::hours clock_tolerance{1};

expected<key_ptr> make_key() {
  ERR_clear_error();
  key_ptr key(EVP_EC_gen("P-256"));
  if (!key) return fail("", "no key could be made: " + openssl_reason("unknown reason"));
  return key;
}

/// A positive number of 159 random bits (RFC 5280, 4.1.2.2: at most 20 octets).
void set_random_serial(X509& certificate) {
  bignum_ptr number(BN_new());
  BN_rand(number.get(), 159, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate));
}

void set_common_name(X509_NAME* name, const std::string& text) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()), -1, 0);
}

bool add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

struct validity {
  certificate_time from, until;
};

/// A certificate without its extensions and its signature.
x509_ptr draft(const std::string& name, EVP_PKEY& key, validity valid) {
  x509_ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  set_random_serial(*certificate);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), valid.from.time_since_epoch().count());
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), valid.until.time_since_epoch().count());
  set_common_name(X509_get_subject_name(certificate.get()), name);
  X509_set_pubkey(certificate.get(), &key);
  return certificate;
}

expected<void> sign(X509& certificate, EVP_PKEY& by) {
  if (X509_sign(&certificate, &by, EVP_sha256()) == 0)
    return fail("", "the certificate could not be signed: " + openssl_reason("unknown reason"));
  return {};
}

bool describe_authority(X509& certificate) {
  return add_extension(certificate, certificate, NID_basic_constraints,
                       "critical,CA:TRUE,pathlen:0") &&
         add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
}

bool describe_member(X509& certificate, X509& issuer, const std::string& name) {
  return add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth") &&
         add_extension(certificate, issuer, NID_subject_alt_name, "DNS:" + name) &&
         add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
}

/// The key first: a certificate whose key is missing is worse than none.
expected<void> write_pair(const std::filesystem::path& certificate_file, X509& certificate,
                          const std::filesystem::path& key_file, EVP_PKEY& key) {
  if (std::filesystem::exists(certificate_file))
    return fail(certificate_file, "already exists", "move it away to make a new one");
  if (auto done = write_new_file(key_file, to_pem(key), readers::owner); !done) return done;
  return write_new_file(certificate_file, to_pem(certificate), readers::everybody);
}

std::string random_suffix() {
  unsigned char bytes[4];
  RAND_bytes(bytes, sizeof bytes);
  char text[9];
  std::snprintf(text, sizeof text, "%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2], bytes[3]);
  return text;
}

expected<void> check_days(std::chrono::days valid) {
  if (valid.count() < 1 || valid.count() > 36500)
    return fail("", "a certificate cannot be valid for " + std::to_string(valid.count()) + " days",
                "1 to 36500 days are possible");
  return {};
}

std::string date_of(certificate_time at) {
  auto seconds = static_cast<std::time_t>(at.time_since_epoch().count());
  std::tm broken_down{};
  ::gmtime_r(&seconds, &broken_down);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &broken_down);
  return text;
}

/// What OpenSSL finds when it follows the certificate up to the authority.
expected<void> check_chain(const credentials& files, X509& certificate, certificate_time now) {
  ERR_clear_error();
  store_ptr store(X509_STORE_new());
  if (X509_STORE_load_file(store.get(), files.authority.c_str()) != 1)
    return fail(files.authority, "holds no certificate: " + openssl_reason("unknown reason"));
  auto between = load_rest_of_chain(files.certificate);
  store_context_ptr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), &certificate, between.get());
  X509_STORE_CTX_set_time(context.get(), 0, now.time_since_epoch().count());
  bool good = X509_verify_cert(context.get()) == 1;
  int error = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (good) return {};
  auto facts = facts_of(certificate);
  if (error == X509_V_ERR_CERT_HAS_EXPIRED && facts.until < now)
    return fail(files.certificate, "has expired on " + date_of(facts.until),
                "issue a new one: assay certs issue DIR " + facts.name);
  if (error == X509_V_ERR_CERT_NOT_YET_VALID && facts.from > now)
    return fail(files.certificate, "is not valid before " + date_of(facts.from),
                "check the clock of this machine");
  return fail(files.certificate,
              std::string("is not of the authority ") + files.authority.string() + ": " +
                  X509_verify_cert_error_string(error),
              "the authority's ca.pem that issued it is expected");
}

}  // namespace

credentials credentials_in(const std::filesystem::path& folder, std::string_view name) {
  return {folder / "ca.pem", folder / (std::string(name) + ".pem"),
          folder / (std::string(name) + ".key")};
}

expected<certificate_facts> init_authority(const std::filesystem::path& folder,
                                           std::chrono::days valid, certificate_time now) {
  if (auto good = check_days(valid); !good) return tl::make_unexpected(good.error());
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(folder, "cannot be made: " + error.message());
  auto key = make_key();
  if (!key) return tl::make_unexpected(key.error());
  auto certificate =
      draft("assay CA " + random_suffix(), **key, {now - clock_tolerance, now + valid});
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  if (!describe_authority(*certificate))
    return fail("", "the certificate could not be made: " + openssl_reason("unknown reason"));
  if (auto done = sign(*certificate, **key); !done) return tl::make_unexpected(done.error());
  auto written = write_pair(folder / "ca.pem", *certificate, folder / "ca.key", **key);
  if (!written) return tl::make_unexpected(written.error());
  return facts_of(*certificate);
}

expected<certificate_facts> issue_certificate(const std::filesystem::path& folder,
                                              std::string_view name, std::chrono::days valid,
                                              certificate_time now) {
  if (auto good = check_days(valid); !good) return tl::make_unexpected(good.error());
  if (!is_member_name(name) || name == "ca")
    return fail(std::string(name), "is not a name for a certificate",
                "1 to 64 of a-z, 0-9, -, . and _ are expected, and not `ca`");
  auto authority = load_certificate(folder / "ca.pem");
  if (!authority) return tl::make_unexpected(authority.error());
  auto authority_key = load_key(folder / "ca.key");
  if (!authority_key) return tl::make_unexpected(authority_key.error());
  if (X509_check_private_key(authority->get(), authority_key->get()) != 1)
    return fail(folder / "ca.key", "does not belong to ca.pem",
                "bring the two that were made together");
  auto limits = facts_of(**authority);
  if (limits.until <= now)
    return fail(folder / "ca.pem", "has expired on " + date_of(limits.until),
                "make a new authority in another folder and issue all certificates again");
  auto key = make_key();
  if (!key) return tl::make_unexpected(key.error());
  auto certificate =
      draft(std::string(name), **key, {now - clock_tolerance, std::min(now + valid, limits.until)});
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(authority->get()));
  if (!describe_member(*certificate, **authority, std::string(name)))
    return fail("", "the certificate could not be made: " + openssl_reason("unknown reason"));
  if (auto done = sign(*certificate, **authority_key); !done)
    return tl::make_unexpected(done.error());
  auto files = credentials_in(folder, name);
  auto written = write_pair(files.certificate, *certificate, files.key, **key);
  if (!written) return tl::make_unexpected(written.error());
  return facts_of(*certificate);
}

expected<certificate_facts> read_certificate(const std::filesystem::path& file) {
  auto certificate = load_certificate(file);
  if (!certificate) return tl::make_unexpected(certificate.error());
  return facts_of(**certificate);
}

expected<certificate_facts> check_credentials(const credentials& files, certificate_time now) {
  auto certificate = load_certificate(files.certificate);
  if (!certificate) return tl::make_unexpected(certificate.error());
  auto authority = load_certificate(files.authority);
  if (!authority) return tl::make_unexpected(authority.error());
  auto key = load_key(files.key);
  if (!key) return tl::make_unexpected(key.error());
  if (X509_check_private_key(certificate->get(), key->get()) != 1) {
    ERR_clear_error();
    return fail(files.key, "does not belong to " + files.certificate.string(),
                "bring the two that were made together");
  }
  if (identity_of(**certificate).empty())
    return fail(files.certificate, "has no usable DNS name",
                "a subjectAltName is expected whose first DNS entry is the member's name");
  if (auto good = check_chain(files, **certificate, now); !good)
    return tl::make_unexpected(good.error());
  return facts_of(**certificate);
}

}  // namespace assay::remoting
