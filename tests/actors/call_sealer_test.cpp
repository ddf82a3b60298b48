#include "actors/call_sealer.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace assay::actors;

namespace {

sealed_call some_call() { return {3, hash_parts({"task"}), "openai", "n1"}; }

}  // namespace

TEST_CASE("a seal holds for the very call that it was made for, under the same secret") {
  auto seal = call_sealer("secret").seal(some_call());
  CHECK(call_sealer("secret").is_right(seal, some_call()));
  CHECK_FALSE(call_sealer("another").is_right(seal, some_call()));
}

TEST_CASE("a seal does not hold for another run, task, account or node") {
  call_sealer sealer("secret");
  auto seal = sealer.seal(some_call());
  for (auto spoil :
       {+[](sealed_call& c) { c.run = 4; },
        +[](sealed_call& c) { c.key = hash_parts({"another"}); },
        +[](sealed_call& c) { c.provider = "openain"; }, +[](sealed_call& c) { c.node = "n2"; },
        +[](sealed_call& c) { c.provider = "openain", c.node = "1"; }}) {
    auto other = some_call();
    spoil(other);
    CHECK_FALSE(sealer.is_right(seal, other));
  }
  CHECK_FALSE(sealer.is_right({}, some_call()));
}

TEST_CASE("a seal is half of an HMAC-SHA256 over the parts, each after its length") {
  // python3: hmac.new(b"secret", b"".join(struct.pack("<Q", len(p)) + p for p in
  //   (b"assay call 1", struct.pack("<q", 3), bytes.fromhex(key), b"openai", b"n1")), "sha256")
  call_sealer sealer("secret");
  task_key key;
  key.bytes.fill(0x11);
  std::string hex;
  for (auto byte : sealer.seal({3, key, "openai", "n1"}).bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    hex += digits;
  }
  CHECK(hex == "33bb1ebae9f63026308be3ef929b614e");
}
