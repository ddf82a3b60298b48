#include "providers/simulated/numbered_items.hpp"
#include "providers/simulated/parts.hpp"
#include "providers/simulated/programs.hpp"
#include "providers/simulated/wire_text.hpp"
#include "providers/simulated/wording.hpp"

namespace assay::simulated {

namespace {

said answer(const cue& c) {
  const bool right = c.chance.uniform(purpose::right_or_wrong, c.draw) < c.model.accuracy;
  const auto bits = c.chance.bits(purpose::wrong_answer, c.draw);
  if (c.about) {
    auto known = c.model.programs ? right_program(*c.about) : right_answer(*c.about);
    if (right && !known.empty()) return {.text = std::move(known), .right = true};
    return {.text =
                c.model.programs ? wrong_program(*c.about, bits) : wrong_answer(*c.about, bits)};
  }
  if (const auto sum = arithmetic(c.asked.prompt))
    return {.text = std::to_string(*sum + (right ? 0 : 1)), .right = right};
  return {.text = "echo: " + c.asked.prompt};
}

said answer_padded(const cue& c) {
  auto words = answer(c);
  words.text = padded(c, words.text);
  return words;
}

/// What would be asked if `item` were the whole last user message, without a cap.
call alone(const call& asked, std::string_view item) {
  call one;
  one.model = asked.model;
  one.prompt = item;
  one.conversation = hash_bytes(item, hash_bytes("user", asked.before));
  return one;
}

/// Each item gets the answer that it would get in a call of its own; right if all of them are.
said answer_all(const cue& c, const std::vector<std::string_view>& items) {
  said all{.right = true};
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto asked = alone(c.asked, items[i]);
    const draws chance(c.seed, c.model.name, asked.conversation);
    const auto one =
        answer_padded({asked, c.book.find(asked.prompt), c.model, chance, c.draw, c.book, c.seed});
    all.right = all.right && one.right;
    all.text += (i ? ", " : "[") + std::string("{\"id\": ") + std::to_string(i + 1) +
                ", \"answer\": " + quote(one.text) + "}";
  }
  all.text += "]";
  return all;
}

}  // namespace

said play_answers(const cue& c) {
  const auto items = numbered_items(c.asked.prompt);
  return items.empty() ? answer_padded(c) : answer_all(c, items);
}

}  // namespace assay::simulated
