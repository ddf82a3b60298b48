#include "config/sections.hpp"

namespace assay::config {

namespace {

options<extraction_draft> make_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<extraction_draft>(
        name, [at](auto& d) -> auto& { return d.value.*at; }, help, r);
  };
  using extraction = extraction_settings;
  return {
      value("model", &extraction::model, "who `assay extract` asks; the only model if not set"),
      value("embedding_model", &extraction::embedding_model,
            "whose vectors rank the passages beside their words; words alone if not set"),
      value("passage_chars", &extraction::passage_chars,
            "longest passage of a document that is shown at once", {.min = 200, .max = 100'000}),
      value("passage_overlap", &extraction::passage_overlap,
            "what neighbouring passages share at most; less than half a passage",
            {.min = 0, .max = 50'000}),
      value("passages_per_field", &extraction::passages_per_field,
            "how many of the best passages a call shows for each of its fields",
            {.min = 1, .max = 100}),
      value("fields_per_call", &extraction::fields_per_call, "most fields that share a call",
            {.min = 1, .max = 100}),
      value("asks", &extraction::asks, "how often a field is asked for, the first time included",
            {.min = 1, .max = 10}),
  };
}

}  // namespace

const options<extraction_draft>& extraction_options() {
  static const auto all = make_options();
  return all;
}

void complete(reading& in, extraction_draft& d) {
  if (2 * d.value.passage_overlap < d.value.passage_chars) return;
  auto key = find(*d.table, "passage_overlap") ? "passage_overlap" : "passage_chars";
  in.problems.add(find(*d.table, key)->value.at,
                  "passage_overlap: " + show(d.value.passage_overlap) +
                      " is not less than half of passage_chars = " + show(d.value.passage_chars),
                  "passages that share more repeat themselves");
}

}  // namespace assay::config
