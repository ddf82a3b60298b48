#include "app/demo/questions.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "analysis/random_stream.hpp"

namespace assay::demo {

namespace {

using nlohmann::ordered_json;

constexpr std::array<std::string_view, 8> people{"Ada",  "Ben",  "Chloe", "Dev",
                                                 "Elif", "Femi", "Greta", "Hugo"};
constexpr std::array<std::string_view, 8> goods{"apples",  "books",  "candles", "marbles",
                                                "pencils", "plates", "stamps",  "tickets"};
constexpr std::array<std::string_view, 8> colours{"amber", "blue", "green",  "grey",
                                                  "pink",  "red",  "violet", "white"};
constexpr std::array<std::string_view, 8> containers{"basket", "bowl", "chest", "drawer",
                                                     "jar",    "sack", "tray",  "vase"};

class dice {
 public:
  explicit dice(std::uint64_t seed) : bits_(seed) {}

  int between(int low, int high) {
    return low + static_cast<int>(bits_() % static_cast<std::uint64_t>(high - low + 1));
  }
  template <class List>
  std::string_view one_of(const List& list) {
    return list[bits_() % list.size()];
  }
  template <class List>
  List shuffled(List list) {
    for (auto i = list.size() - 1; i > 0; --i) std::swap(list[i], list[bits_() % (i + 1)]);
    return list;
  }

 private:
  analysis::random_stream bits_;
};

/// Rows that `make` gives, numbered; what has been asked already is drawn again.
template <class Make>
std::string dataset(std::string_view name, std::size_t rows, std::uint64_t seed, const Make& make) {
  dice d(seed);
  std::string lines;
  std::set<std::string> asked;
  while (asked.size() < rows) {
    ordered_json row = make(d);
    if (!asked.insert(row["question"]).second) continue;
    ordered_json numbered{{"id", fmt::format("{}-{}", name, asked.size())}};
    numbered.update(row);
    lines += numbered.dump() + "\n";
  }
  return lines;
}

ordered_json buys_and_gives(dice& d) {
  const auto who = d.one_of(people), what = d.one_of(goods);
  const int boxes = d.between(2, 12), each = d.between(3, 25), given = d.between(1, boxes * each);
  return {{"question", fmt::format("{} buys {} boxes of {} with {} in each, and gives {} of them "
                                   "away. How many {} are left?",
                                   who, boxes, what, each, given, what)},
          {"answer", fmt::format("{} * {} - {} = {}\n#### {}", boxes, each, given,
                                 boxes * each - given, boxes * each - given)},
          {"difficulty", "medium"}};
}

ordered_json together(dice& d) {
  const auto names = d.shuffled(people);
  const auto what = d.one_of(goods);
  const int a = d.between(5, 99), b = d.between(5, 99), c = d.between(5, 99);
  return {{"question", fmt::format("{} has {} {}, {} has {} and {} has {}. How many {} do they "
                                   "have together?",
                                   names[0], a, what, names[1], b, names[2], c, what)},
          {"answer", fmt::format("{} + {} + {} = {}\n#### {}", a, b, c, a + b + c, a + b + c)},
          {"difficulty", "easy"}};
}

}  // namespace

std::string arithmetic(std::size_t rows, std::uint64_t seed) {
  return dataset("arithmetic", rows, seed,
                 [](dice& d) { return d.between(0, 1) ? buys_and_gives(d) : together(d); });
}

std::string comparisons(std::size_t rows, std::uint64_t seed) {
  return dataset("comparison", rows, seed, [](dice& d) -> ordered_json {
    const auto held = d.shuffled(containers);
    const auto what = d.one_of(goods);
    std::set<int> counts;
    while (counts.size() < 4) counts.insert(d.between(3, 199));
    const auto n = d.shuffled(std::vector<int>(counts.begin(), counts.end()));
    const bool most = d.between(0, 1) == 1;
    const auto at =
        (most ? std::max_element(n.begin(), n.end()) : std::min_element(n.begin(), n.end())) -
        n.begin();
    return {{"question", fmt::format("A {} holds {} {}, a {} {}, a {} {} and a {} {}. Which holds "
                                     "the {}?",
                                     held[0], n[0], what, held[1], n[1], held[2], n[2], held[3],
                                     n[3], most ? "most" : "fewest")},
            {"choices", {held[0], held[1], held[2], held[3]}},
            {"answer", std::string(1, static_cast<char>('A' + at))}};
  });
}

std::string places(std::size_t rows, std::uint64_t seed) {
  return dataset("place", rows, seed, [](dice& d) -> ordered_json {
    const auto colour = d.shuffled(colours);
    const auto where = d.shuffled(containers);
    const int wanted = d.between(0, 2);
    return {{"question",
             fmt::format("{} puts the {} key into the {}, the {} key into the {} and the {} key "
                         "into the {}. Where is the {} key?",
                         d.one_of(people), colour[0], where[0], colour[1], where[1], colour[2],
                         where[2], colour[static_cast<std::size_t>(wanted)])},
            {"answer", where[static_cast<std::size_t>(wanted)]}};
  });
}

std::string sums(std::size_t rows, std::uint64_t seed) {
  return dataset("sum", rows, seed, [](dice& d) -> ordered_json {
    const int pieces = d.between(12, 98), price = d.between(11, 89), delivery = d.between(5, 60);
    auto calculate = [](std::string expression) {
      return ordered_json{{"name", "calculator"}, {"arguments", {{"expression", expression}}}};
    };
    return {{"question", fmt::format("What do {} {} at {} crowns each cost with a delivery of {} "
                                     "crowns?",
                                     pieces, d.one_of(goods), price, delivery)},
            {"answer", std::to_string(pieces * price + delivery)},
            {"script",
             {calculate(fmt::format("{} * {}", pieces, price)),
              calculate(fmt::format("{{{{1}}}} + {}", delivery)), "#### {{2}}"}}};
  });
}

}  // namespace assay::demo
