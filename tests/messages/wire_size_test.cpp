#include "messages/wire_size.hpp"

#include <doctest/doctest.h>

#include <caf/binary_serializer.hpp>

#include "messages/protocols.hpp"

using namespace assay;

namespace {

template <class T>
std::size_t serialized(T x) {
  std::vector<char> bytes;
  caf::binary_serializer put(nullptr, bytes);
  REQUIRE_FALSE(put(x));
  return bytes.size();
}

node_call some_call() {
  node_call c;
  c.provider = "openai";
  c.what.request.model = "m";
  c.what.request.messages = {{role::user, "hello"}, {role::tool, "42", {{"id", "f", "{}"}}}};
  c.what.request.tools = {{"f", "adds", "{}"}};
  c.what.request.temperature = 0.5;
  c.what.request.stop = {"a", "b"};
  return c;
}

late_result some_result() {
  late_result r;
  r.provider = "openai";
  r.result.reply.text = std::string(100'000, 'x');
  r.result.reply.calls = {{"id", "f", "{}"}};
  r.result.tried.limits = {{dimension::tokens, 100, 99.5, milliseconds{10}}, {}};
  r.result.tried.error.message = "message";
  r.result.tried.usage.input = 7;
  return r;
}

template <class T>
void bounds(const T& x) {
  CHECK(wire_size(x) >= serialized(x));
  CHECK(wire_size(x) <= serialized(x) + 300);
}

}  // namespace

TEST_CASE("the size of a value in a message is known without writing it, and not far off") {
  bounds(some_call());
  bounds(some_result());
  bounds(node_call{});
  bounds(late_result{});
  bounds(node_headers{1, {{{dimension::requests, 1, 2, {}}}, {}}});
}
