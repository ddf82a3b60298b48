#pragma once

#include <string>
#include <vector>

#include "storage/connection.hpp"

namespace assay::storage {

/// A table of the newest schema, for what treats all of them alike.
struct table_layout {
  std::string name;
  std::vector<std::string> columns;
  std::vector<column_type> types;      ///< of the columns
  std::vector<std::string> refers_to;  ///< of the columns: the table whose id it holds, or empty
  std::vector<int> tells_apart;        ///< columns that know a row whatever its id; may be none
  std::string select;                  ///< all rows
  std::string insert;                  ///< a row, unless its primary key is there
  std::string find;                    ///< the id of the row with these `tells_apart`
  std::string largest;                 ///< the largest id

  bool has_id() const { return columns[0] == "id"; }
};

/// All tables with records, those first that others refer to. Who leads, and what only they know,
/// is no record.
const std::vector<table_layout>& tables_of_a_ledger();

}  // namespace assay::storage
