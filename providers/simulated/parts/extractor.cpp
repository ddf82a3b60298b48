#include "providers/simulated/extraction_form.hpp"
#include "providers/simulated/parts.hpp"
#include "providers/simulated/wire_text.hpp"

namespace assay::simulated {

namespace {

using nlohmann::json;

/// What is wrong with an answer that is not right.
enum class flaw { left_out, wrong_type, no_source, count };

json item_of(int id, json answer) { return {{"id", id}, {"answer", std::move(answer)}}; }

/// Adds the answer to one field, with a flaw.
void add_flawed(json& list, const form_field& field, const found_value& found, flaw how) {
  json wrong = found.value.is_string() ? json(17) : json("about " + found.value.dump());
  switch (how) {
    case flaw::left_out:
      return;
    case flaw::wrong_type:
      return list.push_back(item_of(field.id, {{"value", wrong}, {"passage", found.passage}}));
    case flaw::no_source:
    case flaw::count:
      return list.push_back(item_of(field.id, {{"value", found.value}}));
  }
}

}  // namespace

said play_extractor(const cue& c) {
  const auto form = read_form(c.asked.prompt);
  if (form.fields.empty()) return play_answers(c);
  said words{.right = true};
  auto list = json::array();
  for (const auto& field : form.fields) {
    const auto found = look_up(form, field);
    const auto draw = hash_bytes(field.name, c.draw);
    if (found.value.is_null()) {
      list.push_back(item_of(field.id, {{"value", nullptr}}));
    } else if (c.chance.uniform(purpose::right_or_wrong, draw) < c.model.accuracy) {
      list.push_back(item_of(field.id, {{"value", found.value}, {"passage", found.passage}}));
    } else {
      words.right = false;
      const auto flaws = static_cast<std::uint64_t>(flaw::count);
      add_flawed(list, field, found, static_cast<flaw>(c.chance.bits(purpose::part, draw) % flaws));
    }
  }
  words.text = print(list);
  return words;
}

}  // namespace assay::simulated
