#include "storage/postgres_text.hpp"

#include <cstdint>
#include <cstring>

namespace assay::storage {

// -- SQL ------------------------------------------------------------------------------------------

namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
    text.replace(at, from.size(), to);
}

/// Puts `prefix` and a number in the place of each `?`; gives how many there are.
int number_parameters(std::string& sql, std::string_view prefix) {
  int count = 0;
  for (std::size_t at = 0; (at = sql.find('?', at)) != sql.npos;)
    sql.replace(at, 1, std::string(prefix) + std::to_string(++count));
  return count;
}

std::string list(int count, std::string_view prefix) {
  std::string text;
  for (int i = 1; i <= count; ++i)
    text += (i == 1 ? "" : ", ") + std::string(prefix) + std::to_string(i);
  return text;
}

std::string insert_many(std::string sql) {
  number_parameters(sql, "$");
  auto first = sql.find("VALUES (");
  sql.replace(first, std::strlen("VALUES ("), "SELECT * FROM unnest(");
  return sql;
}

std::string select_many(std::string sql) {
  auto count = number_parameters(sql, "q.p");
  return "SELECT q.n, x.* FROM unnest(" + list(count, "$") + ") WITH ORDINALITY AS q (" +
         list(count, "p") + ", n) JOIN LATERAL (" + sql + ") x ON true";
}

}  // namespace

std::string to_postgres(std::string_view sql, use how) {
  std::string text(sql);
  replace_all(text, "CROSS JOIN", "JOIN");
  if (how == use::many) {
    if (text.starts_with("INSERT")) return insert_many(std::move(text));
    if (text.starts_with("SELECT")) return select_many(std::move(text));
    replace_all(text, "= ?", "= ANY (?)");
  }
  number_parameters(text, "$");
  return text;
}

std::string to_postgres_schema(std::string_view sql) {
  std::string text(sql);
  for (std::size_t at = 0; (at = text.find(" REFERENCES ", at)) != text.npos;)
    text.erase(at, text.find(')', at) + 1 - at);
  // Other views may depend on one, so it is not dropped: new ones only have more columns.
  for (std::size_t at = 0; (at = text.find("DROP VIEW ", at)) != text.npos;)
    text.erase(at, text.find(';', at) + 1 - at);
  constexpr std::pair<std::string_view, std::string_view> words[] = {
      {") STRICT, WITHOUT ROWID", ")"},
      {") STRICT", ")"},
      {" INTEGER", " BIGINT"},
      {" REAL", " DOUBLE PRECISION"},
      {" BLOB", " BYTEA"},
      {" TEXT", " TEXT COLLATE \"C\""},
      {"CREATE VIEW", "CREATE OR REPLACE VIEW"},
  };
  for (auto [from, to] : words) replace_all(text, from, to);
  return text;
}

// -- texts ----------------------------------------------------------------------------------------

namespace {

constexpr std::string_view first_escape = "\xf4\x8f";  // of U+10FE00 ... U+10FEFF

bool is_escape(std::string_view text, std::size_t at) {
  return text.size() - at >= 4 && text.substr(at, 2) == first_escape &&
         (static_cast<unsigned char>(text[at + 2]) & 0xfc) == 0xb8;
}

/// The length of the UTF-8 character at `at` that can be stored as it is; 0 if there is none.
std::size_t character(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  auto first = byte(0);
  if (first < 0x80) return first != 0;
  std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() - at < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  bool surrogate = first == 0xed && byte(1) > 0x9f;
  bool too_large = first == 0xf4 && byte(1) > 0x8f;
  return overlong || surrogate || too_large || is_escape(text, at) ? 0 : length;
}

/// The end of the part from `at` on that is plain text without NUL.
std::size_t plain_end(std::string_view text, std::size_t at) {
  while (at + 8 <= text.size()) {
    std::uint64_t eight;
    std::memcpy(&eight, text.data() + at, 8);
    auto zero = (eight - 0x0101010101010101u) & ~eight;
    if ((eight | zero) & 0x8080808080808080u) break;
    at += 8;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at] - 1) < 0x7f) ++at;
  return at;
}

/// The end of what can be stored as it is.
std::size_t storable_end(std::string_view text) {
  for (std::size_t at = 0;;) {
    at = plain_end(text, at);
    if (at == text.size()) return at;
    auto length = character(text, at);
    if (length == 0) return at;
    at += length;
  }
}

}  // namespace

std::optional<std::string> escape_text(std::string_view text) {
  auto at = storable_end(text);
  if (at == text.size()) return std::nullopt;
  std::string out(text.substr(0, at));
  while (at < text.size()) {
    if (auto length = character(text, at)) {
      out += text.substr(at, length);
      at += length;
      continue;
    }
    auto byte = static_cast<unsigned char>(text[at++]);
    out += first_escape;
    out += static_cast<char>(0xb8 | byte >> 6);
    out += static_cast<char>(0x80 | (byte & 0x3f));
  }
  return out;
}

std::optional<std::string> unescape_text(std::string_view text) {
  auto next = [&](std::size_t from) {
    do from = text.find(first_escape, from);
    while (from != text.npos && !is_escape(text, from) && ++from);
    return from;
  };
  auto escape = next(0);
  if (escape == text.npos) return std::nullopt;
  std::string out;
  std::size_t at = 0;
  for (; escape != text.npos; escape = next(at)) {
    out += text.substr(at, escape - at);
    out += static_cast<char>((text[escape + 2] & 3) << 6 | (text[escape + 3] & 0x3f));
    at = escape + 4;
  }
  return out += text.substr(at);
}

}  // namespace assay::storage
