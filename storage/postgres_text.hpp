#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/connection.hpp"

/// What PostgreSQL wants said differently.
namespace assay::storage {

/// The SQL of a statement: `$1` for `?`, and for `use::many` arrays for single values, so that all
/// sets of parameters are one command. A SELECT then gives the number of the set, from 1, in an
/// additional first column.
std::string to_postgres(std::string_view sql, use);

/// The SQL of a migration. References between tables are left out, as SQLite does not check them
/// either.
std::string to_postgres_schema(std::string_view sql);

/// PostgreSQL holds neither NUL nor what is no UTF-8. Each such byte is stored as the private
/// character U+10FE00 + byte, and those characters are stored byte by byte in the same way, so
/// that every text comes back as it was. Nothing if the text can be stored as it is.
std::optional<std::string> escape_text(std::string_view);
/// Nothing if the text holds no such character.
std::optional<std::string> unescape_text(std::string_view);

}  // namespace assay::storage
