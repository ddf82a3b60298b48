#include <algorithm>

#include "evaluation/data/row.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

constexpr std::size_t max_line_bytes = 16 * 1024 * 1024;

/// Name of a field that comes twice, or empty.
std::string_view duplicate_field(const row& r) {
  constexpr std::size_t few = 24;
  if (r.fields.size() <= few) {
    for (std::size_t i = 1; i < r.fields.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (r.fields[i].first == r.fields[j].first) return r.fields[i].first;
    return {};
  }
  std::vector<std::string_view> names;
  for (auto& field : r.fields) names.push_back(field.first);
  std::sort(names.begin(), names.end());
  auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ? std::string_view() : *twice;
}

/// Reads the members of an object; the cursor stands at `{`.
bool read_members(json_cursor& cursor, row& r) {
  cursor.take('{');
  if (cursor.take('}')) return true;
  do {
    auto& field = r.fields.emplace_back();
    auto& kind = r.kinds.emplace_back();
    if (!cursor.read_string(field.first)) return false;
    if (!cursor.take(':')) return false;
    if (cursor.peek() == '"') {
      kind = value_kind::string;
      if (!cursor.read_string(field.second)) return false;
      continue;
    }
    std::string_view raw;
    if (!cursor.read_value(kind, raw)) return false;
    field.second.assign(raw);
  } while (cursor.take(','));
  return cursor.take('}');
}

std::string fault_of(const json_cursor& cursor, std::size_t column) {
  std::string what = cursor.fault();
  if (what.empty()) what = "',', ':' or '}' was expected";
  return "not JSON: " + what + " at column " + std::to_string(column);
}

/// Reads one line of JSONL into a row; false if a problem was added.
bool read_line(std::string_view line, row& r, problem_list& problems) {
  if (line.size() > max_line_bytes)
    return problems.add(r.line, "the line is longer than 16 MiB"), false;
  if (auto bad = first_bad_utf8(line); bad != std::string_view::npos)
    return problems.add(r.line, "not UTF-8 at byte " + std::to_string(bad + 1),
                        "convert the file, e.g. with `iconv -t utf-8`"),
           false;
  json_cursor cursor(line);
  if (cursor.peek() != '{') {
    bool array = cursor.peek() == '[';
    problems.add(r.line, "expected a JSON object on every line",
                 array ? "if the file is one JSON array, set format = \"json\"" : "");
    return false;
  }
  if (!read_members(cursor, r) || !cursor.read_end())
    return problems.add(r.line, fault_of(cursor, cursor.position() + 1)), false;
  if (auto name = duplicate_field(r); !name.empty())
    return problems.add(r.line, "the row has the field '" + std::string(name) + "' twice"), false;
  return true;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// Counts lines on the way through a text.
struct line_counter {
  std::string_view text;
  std::size_t at = 0;
  std::size_t line = 1;
  std::size_t line_start = 0;

  void advance(std::size_t to) {
    for (; at < to; ++at)
      if (text[at] == '\n') {
        ++line;
        line_start = at + 1;
      }
  }
  std::size_t column() const { return at - line_start + 1; }
};

}  // namespace

void read_jsonl(std::string_view text, problem_list& problems, const row_sink& sink) {
  std::size_t fields = 8;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (is_blank(line)) continue;
    row r;
    r.line = number;
    r.fields.reserve(fields);
    r.kinds.reserve(fields);
    if (!read_line(line, r, problems)) continue;
    fields = r.fields.size();
    sink(std::move(r));
  }
}

void read_json_array(std::string_view text, problem_list& problems, const row_sink& sink) {
  line_counter place{text};
  if (auto bad = first_bad_utf8(text); bad != std::string_view::npos) {
    place.advance(bad);
    return problems.add(place.line, "not UTF-8 at column " + std::to_string(place.column()),
                        "convert the file, e.g. with `iconv -t utf-8`");
  }
  json_cursor cursor(text);
  auto syntax_problem = [&] {
    place.advance(cursor.position());
    problems.add(place.line, fault_of(cursor, place.column()));
  };
  if (!cursor.take('['))
    return problems.add(
        1, "expected a JSON array of objects",
        cursor.peek() == '{' ? "if every line is an object, set format = \"jsonl\"" : "");
  if (cursor.take(']')) {
    if (!cursor.read_end()) syntax_problem();
    return;
  }
  do {
    bool object = cursor.peek() == '{';
    place.advance(cursor.position());
    row r;
    r.line = place.line;
    if (!object) {
      value_kind kind;
      std::string_view raw;
      if (!cursor.read_value(kind, raw)) return syntax_problem();
      problems.add(r.line, "expected an object, found " + std::string(raw.substr(0, 20)));
      continue;
    }
    if (!read_members(cursor, r)) return syntax_problem();
    if (auto name = duplicate_field(r); !name.empty())
      problems.add(r.line, "the row has the field '" + std::string(name) + "' twice");
    else
      sink(std::move(r));
  } while (cursor.take(','));
  if (!cursor.take(']') || !cursor.read_end()) syntax_problem();
}

}  // namespace assay::evaluation
