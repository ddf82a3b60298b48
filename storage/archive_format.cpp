#include "storage/archive_format.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "storage/migrations.hpp"
#include "storage/postgres_text.hpp"

namespace assay::storage {

namespace {

using nlohmann::ordered_json;

constexpr std::int64_t format_version = 1;
constexpr char not_ours[] = "name an archive that `assay db archive` has written";
constexpr char get_another[] = "take another copy of the file";

std::string as_utf8(std::string_view text) {
  auto escaped = escape_text(text);
  return escaped ? std::move(*escaped) : std::string(text);
}

std::string as_was(const std::string& text) {
  auto meant = unescape_text(text);
  if (meant) return std::move(*meant);
  return text;
}

std::string hex(std::uint64_t number) {
  char digits[17] = "0000000000000000";
  char some[17];
  auto end = std::to_chars(some, some + 16, number, 16).ptr;
  std::copy(some, end, digits + 16 - (end - some));
  return digits;
}

// -- values ---------------------------------------------------------------------------------------

ordered_json to_json(const std::monostate&) { return nullptr; }
ordered_json to_json(std::int64_t value) { return value; }
ordered_json to_json(std::string_view value) { return as_utf8(value); }
ordered_json to_json(const task_key& value) { return to_string(value); }
ordered_json to_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

bool read_integer(const ordered_json& from, column_value& into) {
  if (!from.is_number_integer()) return false;
  if (from.is_number_unsigned() && from.get<std::uint64_t>() >> 63 != 0) return false;
  into = from.get<std::int64_t>();
  return true;
}

bool read_real(const ordered_json& from, column_value& into) {
  using limits = std::numeric_limits<double>;
  if (from.is_number())
    into = from.get<double>();
  else if (from == "inf")
    into = limits::infinity();
  else if (from == "-inf")
    into = -limits::infinity();
  else if (from == "nan")
    into = limits::quiet_NaN();
  else
    return false;
  return true;
}

bool read_key(const ordered_json& from, column_value& into) {
  if (!from.is_string()) return false;
  const auto& text = from.get_ref<const std::string&>();
  auto key = parse_task_key(text);
  if (to_string(key) != text) return false;
  into = key;
  return true;
}

/// REQUIRES: room in `texts`, so that they stay where they are.
bool read_value(const ordered_json& from, column_type type, std::vector<std::string>& texts,
                column_value& into) {
  if (from.is_null()) return true;
  switch (type) {
    case column_type::integer:
      return read_integer(from, into);
    case column_type::real:
      return read_real(from, into);
    case column_type::key:
      return read_key(from, into);
    case column_type::text:
      if (!from.is_string()) return false;
      into = texts.emplace_back(as_was(from.get_ref<const std::string&>()));
      return true;
  }
  return false;
}

ordered_json parse(std::string_view line) {
  return ordered_json::parse(line.begin(), line.end(), nullptr, false);
}

// -- header ---------------------------------------------------------------------------------------

bool read_text(const ordered_json& from, const char* name, std::string& into) {
  auto at = from.find(name);
  if (at == from.end() || !at->is_string()) return false;
  into = as_was(at->get_ref<const std::string&>());
  return true;
}

bool read_number(const ordered_json& from, const char* name, std::int64_t& into) {
  auto at = from.find(name);
  column_value value;
  if (at == from.end() || !read_integer(*at, value)) return false;
  into = std::get<std::int64_t>(value);
  return true;
}

bool read_table(const ordered_json& from, const table_layout& table, content& into) {
  std::string name, digest;
  if (!from.is_object() || !read_text(from, "name", name) || name != table.name) return false;
  if (from.value("columns", ordered_json()) != table.columns) return false;
  if (!read_number(from, "rows", into.rows) || !read_text(from, "digest", digest)) return false;
  auto end = digest.data() + digest.size();
  return digest.size() == 16 && std::from_chars(digest.data(), end, into.digest, 16).ptr == end;
}

bool read_tables(const ordered_json& from, std::vector<content>& into) {
  const auto& tables = tables_of_a_ledger();
  auto list = from.find("tables");
  if (list == from.end() || !list->is_array() || list->size() != tables.size()) return false;
  into.resize(tables.size());
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (!read_table((*list)[i], tables[i], into[i])) return false;
  return true;
}

}  // namespace

std::string header_line(const archive_header& header) {
  const auto& tables = tables_of_a_ledger();
  auto list = ordered_json::array();
  for (std::size_t i = 0; i < tables.size(); ++i)
    list.push_back({{"name", tables[i].name},
                    {"columns", tables[i].columns},
                    {"rows", header.contents[i].rows},
                    {"digest", hex(header.contents[i].digest)}});
  return ordered_json{{"assay_archive", format_version},
                      {"schema", header.schema},
                      {"run", header.run},
                      {"experiment", as_utf8(header.experiment)},
                      {"fingerprint", as_utf8(header.fingerprint)},
                      {"tables", std::move(list)}}
             .dump() +
         "\n";
}

expected<archive_header> read_header(std::string_view line, const std::string& where) {
  auto json = parse(line);
  std::int64_t format = 0;
  archive_header header;
  if (!json.is_object() || !read_number(json, "assay_archive", format))
    return fail(where, "this is not the archive of a run", not_ours);
  if (!read_number(json, "schema", header.schema) || format > format_version ||
      header.schema > newest_schema)
    return fail(where, "this archive was written by a newer assay", "update assay");
  auto known_tables = read_tables(json, header.contents);
  if (header.schema < newest_schema && !known_tables)
    return fail(where,
                "this archive is of schema " + std::to_string(header.schema) +
                    ", this assay's is " + std::to_string(newest_schema),
                "restore it with the assay that wrote it, into a ledger that is then migrated: "
                "`assay db migrate`");
  if (!read_number(json, "run", header.run) || !read_text(json, "experiment", header.experiment) ||
      !read_text(json, "fingerprint", header.fingerprint) || !known_tables)
    return fail(where, "the header of the archive is damaged", get_another);
  return header;
}

// -- rows -----------------------------------------------------------------------------------------

void row_line(const table_layout& table, const table_row& row, std::string& out) {
  auto values = ordered_json::array();
  for (const auto& value : row)
    values.push_back(std::visit([](const auto& v) { return to_json(v); }, value));
  out += "{\"" + table.name + "\":" + values.dump() + "}\n";
}

expected<archived_row> read_row_line(std::string_view line, const std::string& where) {
  auto json = parse(line);
  if (!json.is_object() || json.size() != 1 || !json.front().is_array())
    return fail(where, "expected a row, {\"TABLE\":[...]}", get_another);
  const auto& tables = tables_of_a_ledger();
  archived_row row;
  while (row.table < tables.size() && tables[row.table].name != json.begin().key()) ++row.table;
  if (row.table == tables.size()) return fail(where, "a row of an unknown table", get_another);
  const auto& table = tables[row.table];
  const auto& values = json.front();
  if (values.size() != table.columns.size())
    return fail(where,
                "a row of `" + table.name + "` with " + std::to_string(values.size()) +
                    " values, expected " + std::to_string(table.columns.size()),
                get_another);
  row.texts.reserve(values.size());
  row.values.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!read_value(values[i], table.types[i], row.texts, row.values[i]))
      return fail(where, "`" + table.columns[i] + "` of `" + table.name + "` is of another type",
                  get_another);
  return row;
}

}  // namespace assay::storage
