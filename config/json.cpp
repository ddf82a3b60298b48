#include "config/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace assay::config {

namespace {

std::string escaped(const std::string& text) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string real(double value) {
  char digits[32];
  std::string out(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  bool whole = out.find_first_of(".e") == std::string::npos;
  return whole ? out + ".0" : out;
}

std::string object(report& problems, const node& n) {
  std::vector<const entry*> sorted;
  for (const auto& e : n.entries) sorted.push_back(&e);
  std::sort(sorted.begin(), sorted.end(),
            [](const entry* a, const entry* b) { return a->key < b->key; });
  std::string out = "{";
  for (const auto* e : sorted) {
    if (out.size() > 1) out += ',';
    out += escaped(e->key) + ':' + to_json(problems, e->value);
  }
  return out + '}';
}

std::string array(report& problems, const node& n) {
  std::string out = "[";
  for (const auto& item : n.items) {
    if (out.size() > 1) out += ',';
    out += to_json(problems, item);
  }
  return out + ']';
}

}  // namespace

std::string to_json(report& problems, const node& n) {
  switch (n.kind) {
    case node_kind::text:
      return escaped(n.text);
    case node_kind::integer:
      return std::to_string(n.integer);
    case node_kind::real:
      if (std::isfinite(n.real)) return real(n.real);
      break;
    case node_kind::boolean:
      return n.boolean ? "true" : "false";
    case node_kind::list:
      return array(problems, n);
    case node_kind::table:
      return object(problems, n);
    case node_kind::date:
      break;
    case node_kind::broken:
      return "null";
  }
  problems.add(n.at, "found " + describe(n) + ", which JSON cannot hold", "write it as a text");
  return "null";
}

}  // namespace assay::config
