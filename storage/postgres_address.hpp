#pragma once

#include <string>

#include "messages/problem.hpp"

namespace assay::storage {

/// The address of a ledger on a server, fit to be shown.
struct postgres_address {
  std::string url;
  std::string shown;  ///< server, database and schema, for messages
};

/// Checks the form of an address. A password in it is refused: an address stands in files, process
/// lists and reports.
expected<postgres_address> read_address(const std::string& url);

}  // namespace assay::storage
