#include "storage/table_row.hpp"

namespace assay::storage {

namespace {

column_value value_at(const statement& row, int column, column_type type) {
  if (row.is_null(column)) return {};
  switch (type) {
    case column_type::integer:
      return row.integer(column);
    case column_type::real:
      return row.real(column);
    case column_type::text:
      return row.text(column);
    case column_type::key:
      return row.key(column);
  }
  return {};
}

std::uint64_t mixed(std::uint64_t digest, std::string_view bytes) {
  for (unsigned char byte : bytes) digest = (digest ^ byte) * 1'099'511'628'211u;
  return (digest ^ bytes.size()) * 1'099'511'628'211u;
}

template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string_view bytes_of(const std::monostate&) { return "null"; }
std::string_view bytes_of(const std::string_view& text) { return text; }
std::string_view bytes_of(const task_key& key) {
  return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
}

}  // namespace

void read_row(const statement& row, const table_layout& table, table_row& into) {
  into.clear();
  for (std::size_t i = 0; i < table.types.size(); ++i)
    into.push_back(value_at(row, static_cast<int>(i), table.types[i]));
}

void bind_value(const column_value& value, column_type type, int index, prepared& into) {
  std::visit(
      [&](const auto& known) {
        if constexpr (std::is_same_v<std::decay_t<decltype(known)>, std::monostate>)
          into.bind_null(index, type);
        else
          into.bind(index, known);
      },
      value);
}

void bind_row(const table_row& row, const table_layout& table, prepared& into) {
  for (std::size_t i = 0; i < row.size(); ++i)
    bind_value(row[i], table.types[i], static_cast<int>(i) + 1, into);
}

void content::add(const table_row& row) {
  std::uint64_t sum = 14'695'981'039'346'656'037u;
  for (const auto& value : row)
    sum = std::visit([&](const auto& v) { return mixed(sum, bytes_of(v)); }, value);
  digest += sum;
  ++rows;
}

}  // namespace assay::storage
