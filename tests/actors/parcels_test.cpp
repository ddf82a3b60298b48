#include "actors/parcels.hpp"

#include <doctest/doctest.h>

using namespace assay;
using namespace assay::actors;

namespace {

node_result result(std::uint64_t ticket, std::size_t bytes) {
  node_result r;
  r.ticket = ticket;
  r.result.reply.text.assign(bytes, 'x');
  return r;
}

/// The tickets of each message.
std::vector<std::vector<std::uint64_t>> sent(std::vector<node_result> batch,
                                             std::size_t max_message) {
  std::vector<std::vector<std::uint64_t>> messages;
  send_in_parcels(std::move(batch), max_message, [&](const std::vector<node_result>& some) {
    CHECK((some.size() == 1 || wire_size(some) <= max_message));
    auto& tickets = messages.emplace_back();
    for (const auto& r : some) tickets.push_back(r.ticket);
  });
  return messages;
}

}  // namespace

TEST_CASE("a batch goes in as few messages of bounded size as keep its order") {
  CHECK(sent({}, 1 << 20).empty());
  CHECK(sent({result(1, 10), result(2, 10)}, 16 << 20).size() == 1);
  auto cut = sent({result(1, 500'000), result(2, 500'000), result(3, 100'000), result(4, 990'000)},
                  16 << 20);
  CHECK(cut == std::vector<std::vector<std::uint64_t>>{{1, 2}, {3}, {4}});
}

TEST_CASE("a value that is larger than a batch may be goes alone") {
  auto cut = sent({result(1, 10), result(2, 3'000'000), result(3, 10)}, 16 << 20);
  CHECK(cut == std::vector<std::vector<std::uint64_t>>{{1}, {2}, {3}});
}

TEST_CASE("where messages must be small, batches are smaller still") {
  CHECK(sent({result(1, 600'000), result(2, 400'000)}, 1 << 20).size() == 1);
  CHECK(sent({result(1, 600'000), result(2, 445'000)}, 1 << 20).size() == 2);
}
