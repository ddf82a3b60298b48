#include "providers/catalog/credentials.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <type_traits>

namespace assay::catalog {
namespace {

/// A file in a folder of its own, gone at the end of the test.
class key_file {
 public:
  explicit key_file(const std::string& content, unsigned mode = 0600) {
    char name[] = "/tmp/assay_key_XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ + "/key";
    std::ofstream(path_, std::ios::binary) << content;
    ::chmod(path_.c_str(), mode);
  }
  key_file(const key_file&) = delete;
  key_file& operator=(const key_file&) = delete;
  ~key_file() { std::filesystem::remove_all(folder_); }
  const std::string& path() const { return path_; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::string path_;
};

expected<secret> from_file(const std::string& path) {
  return resolve({.env = {}, .file = path}, "p");
}

expected<secret> from_variable(const char* value) {
  ::setenv("ASSAY_TEST_KEY", value, 1);
  return resolve({.env = "ASSAY_TEST_KEY", .file = {}}, "p");
}

TEST_CASE("a key is taken from the environment") {
  auto key = from_variable("k-123");
  REQUIRE(key);
  CHECK(key->reveal() == "k-123");
}

TEST_CASE("a provider that names no source has no key") {
  auto key = resolve({}, "local");
  REQUIRE(key);
  CHECK(key->empty());
}

TEST_CASE("a missing variable is named together with the provider") {
  ::unsetenv("ASSAY_TEST_KEY");
  auto key = resolve({.env = "ASSAY_TEST_KEY", .file = {}}, "main");
  REQUIRE_FALSE(key);
  CHECK(key.error() == problem{"providers.main", "environment variable ASSAY_TEST_KEY is not set",
                               "export ASSAY_TEST_KEY=..."});
}

TEST_CASE("an empty variable is no key") {
  auto key = from_variable("");
  REQUIRE_FALSE(key);
  CHECK(key.error().what == "environment variable ASSAY_TEST_KEY is empty");
}

TEST_CASE("line ends after the key are cut off") {
  CHECK(from_variable("k-1\n")->reveal() == "k-1");
  CHECK(from_file(key_file("k-2\r\n").path())->reveal() == "k-2");
}

TEST_CASE("white space and foreign characters within a key are refused without showing it") {
  for (const char* value :
       {"sk-top secret", " sk-topsecret", "sk-top\nsecret", "sk-top\tsecret", "sk-topsecret ",
        "sk-tops\xC3\xA9"
        "cret",
        "sk-top\x01secret"}) {
    CAPTURE(value);
    auto key = from_variable(value);
    REQUIRE_FALSE(key);
    CHECK(render(key.error()).find("top") == std::string::npos);
    CHECK(key.error().what.find("no key has") != std::string::npos);
  }
}

TEST_CASE("a key file that others can read or change is refused with the remedy") {
  for (unsigned mode : {0640u, 0604u, 0620u, 0602u, 0610u, 0601u}) {
    CAPTURE(mode);
    key_file file("k-1", mode);
    auto key = from_file(file.path());
    REQUIRE_FALSE(key);
    CHECK(key.error().what == "key file " + file.path() + " can be read or changed by others");
    CHECK(key.error().fix == "chmod 600 " + file.path());
  }
}

TEST_CASE("a key file may be read-only") {
  key_file file("k-1", 0400);
  CHECK(from_file(file.path())->reveal() == "k-1");
}

TEST_CASE("a key file that is missing, empty, a folder or far too large is a problem") {
  key_file file("");
  CHECK(from_file(file.path()).error().what == "key file " + file.path() + " is empty");
  CHECK(from_file(file.folder()).error().what ==
        "key file " + file.folder() + " is not a regular file");
  CHECK(from_file(file.path() + "x").error().what ==
        "cannot read key file " + file.path() + "x: No such file or directory");
  key_file huge(std::string(20'000, 'k'));
  CHECK(from_file(huge.path()).error().what.find("too large for a key") != std::string::npos);
}

TEST_CASE("a pipe in place of a key file does not block") {
  key_file file("");
  auto pipe = file.folder() + "/pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(from_file(pipe).error().what == "key file " + pipe + " is not a regular file");
}

TEST_CASE("a key file of another user is refused") {
  key_file file("k-1");
  if (::chown(file.path().c_str(), ::geteuid() + 1, static_cast<gid_t>(-1)) != 0) {
    MESSAGE("skipped: only root can give files away");
    return;
  }
  CHECK(from_file(file.path()).error().what ==
        "key file " + file.path() + " belongs to another user");
}

TEST_CASE("scrubbing replaces every occurrence of the secret and nothing else") {
  CHECK(scrub("bad key sk-1, again: sk-1", "sk-1") == "bad key [key], again: [key]");
  CHECK(scrub("sk-1", "sk-1") == "[key]");
  CHECK(scrub("sk-1sk-1", "sk-1") == "[key][key]");
  CHECK(scrub("nothing here", "sk-1") == "nothing here");
  CHECK(scrub("nothing here", "") == "nothing here");
  CHECK(scrub("", "sk-1").empty());
}

template <class T>
concept comparable = requires(T a, T b) {
  a == b;
};

TEST_CASE("a secret can be neither compared nor printed by accident") {
  CHECK_FALSE(comparable<secret>);
  CHECK_FALSE(std::is_convertible_v<secret, std::string>);
}

}  // namespace
}  // namespace assay::catalog

TEST_CASE("an account is known by its address and by where its key is found, not by its name") {
  assay::provider_settings p;
  p.name = "left";
  p.base_url = "https://api.example.com/v1";
  p.credential.env = "LEFT_KEY";
  auto identity = assay::catalog::account_identity(p);
  CHECK(identity.size() == 32);
  CHECK(identity.find_first_not_of("0123456789abcdef") == std::string::npos);
  p.name = "right";
  p.limits.max_parallel = 3;
  CHECK(assay::catalog::account_identity(p) == identity);
  p.credential.env = "RIGHT_KEY";
  CHECK(assay::catalog::account_identity(p) != identity);
  p.credential = {"", "LEFT_KEY"};
  CHECK(assay::catalog::account_identity(p) != identity);
  p.credential = {"LEFT_KEY", ""};
  p.base_url = "https://api.example.org/v1";
  CHECK(assay::catalog::account_identity(p) != identity);
}
