#include "remoting/certificates.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "tests/folder.hpp"

using namespace assay;
using namespace assay::remoting;
using assay::tests::folder;
using std::chrono::days;

namespace {

const certificate_time today{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

mode_t mode_of(const std::filesystem::path& file) {
  struct stat status;
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777;
}

/// An authority of ten days with one member of five.
struct small_authority {
  folder at;
  small_authority() {
    REQUIRE(init_authority(at.path, days{10}, today));
    REQUIRE(issue_certificate(at.path, "node-1", days{5}, today));
  }
  std::string wrong_with(const credentials& files, certificate_time now = today) const {
    auto good = check_credentials(files, now);
    return good ? "" : good.error().what;
  }
  credentials of(const std::string& name) const { return credentials_in(at.path, name); }
};

/// What the `openssl` program says of these arguments.
std::string openssl(const std::string& arguments) {
  folder out;
  auto file = (out.path / "out").string();
  int code = std::system(("openssl " + arguments + " >" + file + " 2>&1").c_str());
  return std::to_string(code) + "\n" + text_of(file);
}

}  // namespace

TEST_SUITE("certificates") {
  TEST_CASE("a member's certificate carries its name, is good for both ends, and fits its key") {
    small_authority x;
    auto facts = check_credentials(x.of("node-1"), today);
    REQUIRE(facts);
    CHECK(facts->name == "node-1");
    CHECK(facts->names == std::vector<std::string>{"node-1"});
    CHECK(!facts->authority);
    CHECK(facts->until == today + days{5});
    CHECK(facts->from <= today);
    CHECK(facts->issuer == read_certificate(x.at.path / "ca.pem")->name);
    CHECK(read_certificate(x.at.path / "ca.pem")->authority);
  }

  TEST_CASE("the openssl program agrees") {
    if (openssl("version").substr(0, 2) != "0\n") {
      MESSAGE("skipped: there is no openssl program");
      return;
    }
    small_authority x;
    auto file = (x.at.path / "node-1.pem").string();
    auto at = std::to_string(today.time_since_epoch().count());
    auto ca = (x.at.path / "ca.pem").string();
    for (std::string purpose : {"sslserver", "sslclient"})
      CHECK(openssl("verify -x509_strict -attime " + at + " -purpose " + purpose + " -CAfile " +
                    ca + " " + file)
                .find("OK") != std::string::npos);
    auto text = openssl("x509 -noout -text -in " + file);
    for (auto part :
         {"NIST CURVE: P-256", "ecdsa-with-SHA256", "DNS:node-1", "CA:FALSE",
          "TLS Web Server Authentication, TLS Web Client Authentication", "Digital Signature"})
      CHECK(text.find(part) != std::string::npos);
    CHECK(openssl("x509 -noout -text -in " + ca).find("CA:TRUE, pathlen:0") != std::string::npos);
  }

  TEST_CASE("keys are for their owner's eyes") {
    small_authority x;
    CHECK(mode_of(x.at.path / "ca.key") == 0600);
    CHECK(mode_of(x.at.path / "node-1.key") == 0600);
    ::chmod((x.at.path / "node-1.key").c_str(), 0644);
    CHECK(x.wrong_with(x.of("node-1")) ==
          "is a private key that every user of this machine can read");
  }

  TEST_CASE("serial numbers do not repeat") {
    small_authority x;
    REQUIRE(issue_certificate(x.at.path, "node-2", days{5}, today));
    auto serial = [&](const char* file) { return read_certificate(x.at.path / file)->serial; };
    CHECK(serial("node-1.pem") != serial("node-2.pem"));
    CHECK(serial("node-1.pem").size() >= 32);
  }

  TEST_CASE("nothing is overwritten") {
    small_authority x;
    auto before = text_of(x.at.path / "ca.key") + text_of(x.at.path / "node-1.key");
    auto again = init_authority(x.at.path, days{10}, today);
    REQUIRE(!again);
    CHECK(again.error().what == "already exists");
    CHECK(!issue_certificate(x.at.path, "node-1", days{5}, today));
    CHECK(before == text_of(x.at.path / "ca.key") + text_of(x.at.path / "node-1.key"));
  }

  TEST_CASE("a member does not outlive its authority") {
    small_authority x;
    auto facts = issue_certificate(x.at.path, "node-2", days{365}, today);
    REQUIRE(facts);
    CHECK(facts->until == today + days{10});
    auto late = issue_certificate(x.at.path, "node-3", days{5}, today + days{11});
    REQUIRE(!late);
    CHECK(late.error().what == "has expired on 2026-03-11 00:00 UTC");
  }

  TEST_CASE("names are plain, and days are sensible") {
    small_authority x;
    for (auto name : {"", "Node", "a b", "../x", "-a", "ca",
                      "n\xc3\xb6"
                      "de"})
      CHECK(!issue_certificate(x.at.path, name, days{5}, today));
    CHECK(!issue_certificate(x.at.path, std::string(65, 'a'), days{5}, today));
    CHECK(!issue_certificate(x.at.path, "node-2", days{0}, today));
    CHECK(issue_certificate(x.at.path, "gpu.rack-3_b", days{5}, today));
  }

  TEST_CASE("what a handshake would find out too late is said before") {
    small_authority x, other;
    CHECK(x.wrong_with(x.of("node-1")).empty());
    CHECK(x.wrong_with(x.of("node-1"), today + days{6}) == "has expired on 2026-03-06 00:00 UTC");
    CHECK(x.wrong_with(x.of("node-1"), today - days{1}) ==
          "is not valid before 2026-02-28 23:00 UTC");
    CHECK(x.wrong_with(x.of("node-2")).starts_with("cannot be read"));

    auto foreign_key = x.of("node-1");
    foreign_key.key = other.of("node-1").key;
    CHECK(x.wrong_with(foreign_key).starts_with("does not belong to"));

    auto foreign_authority = x.of("node-1");
    foreign_authority.authority = other.at.path / "ca.pem";
    CHECK(x.wrong_with(foreign_authority).starts_with("is not of the authority"));

    x.at.write("text.pem", "no certificate");
    auto no_certificate = x.of("node-1");
    no_certificate.certificate = x.at.path / "text.pem";
    CHECK(x.wrong_with(no_certificate).starts_with("holds no certificate"));
  }
}
