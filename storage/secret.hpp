#pragma once

#include <string>

#include "storage/connection.hpp"

namespace assay::storage {

/// The secret of that name, drawn at random when it is first asked for.
expected<std::string> secret_row(connection&, const std::string& name);

}  // namespace assay::storage
