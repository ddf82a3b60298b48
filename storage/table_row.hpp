#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/tables.hpp"

namespace assay::storage {

/// What stands in a column; nothing for NULL.
using column_value = std::variant<std::monostate, std::int64_t, double, std::string_view, task_key>;

/// A row of a table, column by column. Texts belong to whoever made it.
using table_row = std::vector<column_value>;

/// The current row; texts are valid until the next `step`. `into` is overwritten.
void read_row(const statement&, const table_layout&, table_row& into);

/// REQUIRES: the value outlives the last `step`.
void bind_value(const column_value&, column_type, int index, prepared& into);

/// Binds the columns in their order. REQUIRES: the same.
void bind_row(const table_row&, const table_layout&, prepared& into);

/// What a table, or a part of it, holds, whatever the order of its rows.
struct content {
  std::int64_t rows = 0;
  std::uint64_t digest = 0;

  void add(const table_row&);
  bool operator==(const content&) const = default;
};

}  // namespace assay::storage
