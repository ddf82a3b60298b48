#pragma once

#include <memory>

#include "storage/postgres_connection.hpp"

namespace assay::storage {

std::unique_ptr<prepared> make_postgres_statement(postgres_connection&, const char* sql, use);

}  // namespace assay::storage
