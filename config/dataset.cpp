#include "config/sections.hpp"

namespace assay::config {

namespace {

using draft_type = dataset_draft;

struct ending {
  std::string_view text;
  dataset_format format;
};

constexpr ending endings[] = {{".jsonl", dataset_format::jsonl},
                              {".ndjson", dataset_format::jsonl},
                              {".json", dataset_format::json},
                              {".csv", dataset_format::csv}};

/// A value of a filter as the text it is compared as.
std::optional<std::string> filter_value(const node& n) {
  if (n.kind == node_kind::text) return n.text;
  if (n.kind == node_kind::integer) return show(n.integer);
  if (n.kind == node_kind::real) return show(n.real);
  if (n.kind == node_kind::boolean) return show(n.boolean);
  return std::nullopt;
}

void read_filter(reading& in, const node& n, draft_type& d) {
  if (n.kind != node_kind::table) return mismatch(in, n, "filter", "a table { FIELD = value }");
  for (const auto& e : n.entries) {
    auto key = dotted("filter", e.key);
    std::vector<std::string> values;
    const auto& list = e.value;
    const auto* first = list.kind == node_kind::list ? list.items.data() : &list;
    auto count = list.kind == node_kind::list ? list.items.size() : 1;
    if (count == 0) mismatch(in, list, key, "at least one value");
    for (const auto* item = first; item != first + count; ++item) {
      if (auto value = filter_value(*item)) {
        values.push_back(std::move(*value));
      } else {
        mismatch(in, *item, key, "a text, a number, true or false, or a list of them");
      }
    }
    d.value.filter.emplace_back(e.key, std::move(values));
  }
}

options<draft_type> mapping_options() {
  auto name = [](const char* key, auto at, const char* help) {
    return field<draft_type>(key, [at](auto& d) -> auto& { return d.value.fields.*at; }, help,
                             {.may_be_empty = true});
  };
  using fields = field_mapping;
  return {name("id", &fields::id, "identity of the row; its number if not set"),
          name("input", &fields::input, "the question"),
          name("target", &fields::target, "the right answer, or a list of them"),
          name("choices", &fields::choices, "the options of a multiple-choice question"),
          name("task_type", &fields::task_type, "kind of task"),
          name("difficulty", &fields::difficulty, "difficulty"),
          name("tags", &fields::tags, "fields by which scores are broken down")};
}

options<draft_type> make_options() {
  auto value = [](const char* name, auto at, const char* help, rule r = {}) {
    return field<draft_type>(
        name, [at](auto& d) -> auto& { return d.value.*at; }, help, r);
  };
  using dataset = dataset_settings;
  return {
      required(value("path", &dataset::path, "the file")),
      field<draft_type>(
          "format", [](auto& d) -> auto& { return d.format; },
          "guessed from .jsonl, .ndjson, .json or .csv if not set"),
      group<draft_type>("fields",
                        "which field of a row means what: a name or a path `a.b.0`; the usual "
                        "names are tried if not set",
                        mapping_options()),
      special<draft_type>("filter", "a table of values or lists of values",
                          "keep only the rows whose field has (one of) the value(s)", read_filter),
      value("limit", &dataset::limit, "use at most so many rows", {.min = 1}),
      value("shuffle_seed", &dataset::shuffle_seed, "shuffle the rows with this seed", {.min = 0}),
      value("task_type", &dataset::task_type, "for rows that name none"),
      value("difficulty", &dataset::difficulty, "for rows that name none"),
  };
}

/// The format that is stated, or that the file's ending tells.
void settle_format(reading& in, draft_type& d) {
  if (d.format) {
    d.value.format = *d.format;
    return;
  }
  const auto* path = find(*d.table, "path");
  if (find(*d.table, "format") || !path || path->value.kind != node_kind::text) return;
  for (const auto& known : endings) {
    if (!d.value.path.ends_with(known.text)) continue;
    d.value.format = known.format;
    return;
  }
  in.problems.add(path->value.at,
                  "path: the format of " + describe(path->value) + " cannot be told by its ending",
                  "add format = \"jsonl\", \"json\" or \"csv\"; compressed files are not read");
}

}  // namespace

const options<dataset_draft>& dataset_options() {
  static const auto all = make_options();
  return all;
}

void complete(reading& in, dataset_draft& d) {
  settle_format(in, d);
  d.value.path = resolve_path(d.value.path, in.problems.path(d.at.file), in.env);
  d.value.declared_at = in.problems.where(d.at);
}

}  // namespace assay::config
