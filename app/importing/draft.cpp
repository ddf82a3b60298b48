#include "app/importing/draft.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace assay::importing {

namespace {

using nlohmann::ordered_json;

/// `$` before `$` or `{` would be read as a variable of the environment.
std::string dollars_doubled(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    bool read = text[i] == '$' && i + 1 < text.size() && (text[i + 1] == '$' || text[i + 1] == '{');
    if (read) out += '$';
  }
  return out;
}

/// A text between quotes.
std::string quoted(const std::string& stated, bool keep_lines) {
  std::string out;
  auto text = dollars_doubled(stated);
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    char code[8];
    if (c == '\n' && keep_lines) {
      out += '\n';
    } else if (c == '"' || c == '\\') {
      out += std::string("\\") + text[i];
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7F) {
      std::snprintf(code, sizeof code, "\\u%04X", c);
      out += code;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return text;
}

bool bare(const std::string& key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '_' || c == '-');
  });
}

std::string key_text(const std::string& key) {
  return bare(key) ? key : "\"" + quoted(key, false) + "\"";
}

}  // namespace

std::string to_toml(const toml_table& t) {
  auto out = "\n[" + t.section + "." + key_text(t.name) + "]\n";
  for (auto& [key, value] : t.keys) out += key + " = " + value + "\n";
  return out;
}

std::string toml(const std::string& text) {
  bool lines = text.find('\n') != std::string::npos;
  bool control = std::any_of(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
  });
  if (!lines || control) return "\"" + quoted(text, false) + "\"";
  bool literal = text.find("'''") == std::string::npos && text.back() != '\'';
  if (literal) return "'''\n" + dollars_doubled(text) + "'''";
  return "\"\"\"\n" + quoted(text, true) + "\"\"\"";
}

std::string toml(const char* text) { return toml(std::string(text)); }

std::string toml(double value) {
  char digits[40];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return {digits, end};
}

std::string toml(const std::vector<std::string>& texts) { return toml(ordered_json(texts)); }

std::string toml(const ordered_json& value) {
  if (value.is_string()) return "\"" + quoted(value.get<std::string>(), false) + "\"";
  std::string out;
  if (value.is_array()) {
    for (auto& item : value) out += (out.empty() ? "" : ", ") + toml(item);
    return "[" + out + "]";
  }
  if (!value.is_object()) return value.dump();
  for (auto& [key, item] : value.items())
    if (!item.is_null()) out += (out.empty() ? " " : ", ") + key_text(key) + " = " + toml(item);
  return "{" + out + " }";
}

std::vector<std::string> draft::names(const std::string& section) const {
  auto others = included.find(section);
  auto all = others == included.end() ? std::vector<std::string>{} : others->second;
  for (auto& table : tables)
    if (table.section == section) all.push_back(table.name);
  return all;
}

void draft::not_understood(std::string where, std::string what, std::string fix) {
  notes.push_back({std::move(where), std::move(what), std::move(fix)});
}

void draft::settle_notes() {
  std::vector<problem> settled;
  std::vector<std::size_t> times;
  for (auto& note : notes) {
    auto same = std::find_if(settled.begin(), settled.end(), [&](const problem& other) {
      return other.what == note.what && other.fix == note.fix;
    });
    if (same == settled.end())
      settled.push_back(note), times.push_back(1);
    else
      ++times[static_cast<std::size_t>(same - settled.begin())];
  }
  for (std::size_t i = 0; i < settled.size(); ++i)
    if (times[i] > 1) settled[i].what += " (" + std::to_string(times[i]) + " times)";
  notes = std::move(settled);
}

std::string name_from(const std::string& text, const std::string& otherwise) {
  constexpr std::size_t longest = 60;
  std::string out;
  for (unsigned char c : text) {
    bool good = c >= 0x80 || std::isalnum(c) || c == '_' || c == '.' || c == '/' || c == ':';
    if (good)
      out += static_cast<char>(c);
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  if (out.size() > longest) {
    auto end = longest;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out.resize(end);
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? otherwise : out;
}

std::string distinct(const std::string& name, const std::vector<std::string>& taken) {
  auto made = name;
  for (int n = 2; std::find(taken.begin(), taken.end(), made) != taken.end(); ++n)
    made = name + "-" + std::to_string(n);
  return made;
}

std::string to_toml(const draft& d, const std::string& rows_path) {
  std::string out = "# From " + one_line(d.source) + " (" + d.tool + ") by `assay import`.\n";
  if (!d.notes.empty()) out += "#\n# Not understood:\n";
  for (auto& note : d.notes) out += "#   " + one_line(render(note)) + "\n";
  if (!d.include.empty()) out += "\ninclude = " + toml(d.include) + "\n";
  for (auto& table : d.tables) out += to_toml(table);
  out += to_toml(
      {"datasets",
       d.name,
       {{"path", toml(rows_path)},
        {"fields",
         toml(ordered_json{{"id", id_field}, {"input", input_field}, {"target", target_field}})}}});
  toml_table experiment{"experiments",
                        d.name,
                        {{"datasets", toml(d.name)},
                         {"models", toml(d.models)},
                         {"prompts", toml(d.prompts)},
                         {"judges", toml(d.judges)}}};
  experiment.keys.insert(experiment.keys.end(), d.options.begin(), d.options.end());
  return out + to_toml(experiment);
}

std::string to_jsonl(const draft& d) {
  std::string out;
  for (auto& row : d.rows)
    out += row.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  return out;
}

}  // namespace assay::importing
