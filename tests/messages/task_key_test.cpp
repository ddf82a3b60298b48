#include "messages/task_key.hpp"

#include <doctest/doctest.h>

#include "messages/error_class.hpp"
#include "messages/problem.hpp"

using namespace assay;

TEST_CASE("a key is the start of a SHA-256 over length-prefixed parts") {
  // SHA-256 of eight bytes 0x03 00.. and "abc", computed with sha256sum.
  CHECK(to_string(hash_parts({"abc"})) == "ce91dc5eec0139adf091900d225971d6");
}

TEST_CASE("parts do not run into each other") {
  CHECK(hash_parts({"ab", "c"}) != hash_parts({"a", "bc"}));
  CHECK(hash_parts({"a", ""}) != hash_parts({"a"}));
}

TEST_CASE("a key is read back from its 32 digits and from nothing else") {
  auto key = hash_parts({"x"});
  CHECK(parse_task_key(to_string(key)) == key);
  CHECK(parse_task_key("123").empty());
  CHECK(parse_task_key(std::string(32, 'g')).empty());
}

TEST_CASE("429 and exhausted quota never count as failures of the API") {
  CHECK_FALSE(is_api_failure(error_class::rate_limited));
  CHECK_FALSE(is_api_failure(error_class::ramp_limited));
  CHECK_FALSE(is_api_failure(error_class::quota_exhausted));
  CHECK(is_api_failure(error_class::overloaded));
}

TEST_CASE("what asking again cannot cure is not retried") {
  for (auto c : {error_class::auth, error_class::bad_request, error_class::context_too_long,
                 error_class::refusal, error_class::content_filtered, error_class::quota_exhausted})
    CHECK_FALSE(is_retryable(c));
  for (auto c : {error_class::timeout, error_class::transport, error_class::server_error,
                 error_class::overloaded, error_class::rate_limited})
    CHECK(is_retryable(c));
}

TEST_CASE("a problem is rendered as where, what and fix, leaving out what is empty") {
  CHECK(render({"a.toml:1:2", "no such key", "did you mean 'x'?"}) ==
        "a.toml:1:2: no such key (did you mean 'x'?)");
  CHECK(render({"", "no such key", ""}) == "no such key");
}

TEST_CASE("the nearest name is found, and nothing far away is suggested") {
  CHECK(nearest("max_paralel", {"max_parallel", "max_tokens"}) == "max_parallel");
  CHECK(nearest("zzz", {"max_parallel", "max_tokens"}) == "");
}
