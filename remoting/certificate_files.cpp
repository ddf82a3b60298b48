#include "remoting/certificate_files.hpp"

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "remoting/descriptor.hpp"

namespace assay::remoting {

namespace {

certificate_time time_of(const ASN1_TIME* at) {
  std::tm broken_down{};
  ASN1_TIME_to_tm(at, &broken_down);
  return certificate_time{std::chrono::seconds{::timegm(&broken_down)}};
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string common_name(const X509_NAME* of) {
  int at = X509_NAME_get_index_by_NID(of, NID_commonName, -1);
  if (at < 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(of, at)));
}

std::vector<std::string> dns_names(X509& certificate) {
  std::vector<std::string> result;
  names_ptr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) result.push_back(text_of(name->d.dNSName));
  }
  return result;
}

std::string serial_of(X509& certificate) {
  bignum_ptr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
  char* hex = BN_bn2hex(number.get());
  std::string result = hex ? hex : "";
  OPENSSL_free(hex);
  return result;
}

std::string contents(BIO& memory) {
  char* data = nullptr;
  auto size = BIO_get_mem_data(&memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

expected<bio_ptr> open_for_reading(const std::filesystem::path& file, const char* fix) {
  ERR_clear_error();
  bio_ptr in(BIO_new_file(file.c_str(), "r"));
  if (!in) {
    std::string why = std::strerror(errno);
    ERR_clear_error();
    return fail(file, "cannot be read: " + why, fix);
  }
  return in;
}

}  // namespace

expected<void> write_new_file(const std::filesystem::path& file, std::string_view text,
                              readers may_read) {
  mode_t mode = may_read == readers::owner ? 0600 : 0644;
  descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!out && errno == EEXIST)
    return fail(file, "already exists", "move it away to make a new one");
  if (!out) return fail(file, std::string("cannot be written: ") + std::strerror(errno));
  auto written = ::write(out.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) || ::fsync(out.get()) != 0)
    return fail(file, std::string("cannot be written: ") + std::strerror(errno));
  return {};
}

expected<x509_ptr> load_certificate(const std::filesystem::path& file) {
  auto in = open_for_reading(file, "`assay certs init` and `assay certs issue` make certificates");
  if (!in) return tl::make_unexpected(in.error());
  x509_ptr certificate(PEM_read_bio_X509(in->get(), nullptr, nullptr, nullptr));
  if (!certificate)
    return fail(file, "holds no certificate: " + openssl_reason("unknown reason"),
                "a PEM file is expected that begins with BEGIN CERTIFICATE");
  return certificate;
}

x509_stack_ptr load_rest_of_chain(const std::filesystem::path& file) {
  x509_stack_ptr rest(sk_X509_new_null());
  bio_ptr in(BIO_new_file(file.c_str(), "r"));
  x509_ptr first(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
  while (first) {
    auto* next = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr);
    if (!next) break;
    sk_X509_push(rest.get(), next);
  }
  ERR_clear_error();
  return rest;
}

expected<key_ptr> load_key(const std::filesystem::path& file) {
  auto in = open_for_reading(file, "the key lies beside the certificate, as NAME.key");
  if (!in) return tl::make_unexpected(in.error());
  struct stat status;
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
    return fail(file, "is a private key that every user of this machine can read",
                "chmod 600 " + file.string());
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  key_ptr key(PEM_read_bio_PrivateKey(in->get(), nullptr, no_passphrase, nullptr));
  if (!key)
    return fail(file, "holds no usable private key: " + openssl_reason("unknown reason"),
                "a PEM file without a passphrase is expected");
  return key;
}

std::string to_pem(X509& certificate) {
  bio_ptr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), &certificate);
  return contents(*out);
}

std::string to_pem(EVP_PKEY& key) {
  bio_ptr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(out.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
  return contents(*out);
}

certificate_facts facts_of(X509& certificate) {
  certificate_facts facts;
  facts.authority = X509_check_ca(&certificate) > 0;
  facts.name =
      facts.authority ? common_name(X509_get_subject_name(&certificate)) : identity_of(certificate);
  facts.names = dns_names(certificate);
  facts.issuer = common_name(X509_get_issuer_name(&certificate));
  facts.serial = serial_of(certificate);
  facts.from = time_of(X509_get0_notBefore(&certificate));
  facts.until = time_of(X509_get0_notAfter(&certificate));
  return facts;
}

std::string identity_of(X509& certificate) {
  auto names = dns_names(certificate);
  if (names.empty()) return {};
  auto& name = names.front();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return is_member_name(name) ? name : std::string{};
}

bool is_member_name(std::string_view name) {
  auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 64 && plain(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return plain(c) || c == '-' || c == '.' || c == '_'; });
}

}  // namespace assay::remoting
