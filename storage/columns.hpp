#pragma once

#include <cstdint>
#include <string>

#include "messages/task.hpp"
#include "storage/connection.hpp"

namespace assay::storage {

/// Fails the connection if a stored row cannot be what this program wrote; `part` names what of it.
inline void require_sound(connection& db, bool sound, const char* part) {
  if (!sound)
    db.fail_with({db.name(), std::string("a stored row is damaged: ") + part,
                  "restore a copy of the ledger"});
}

/// The enumerator with the stored number, which is at most that of `last`.
template <class Enum>
Enum stored_enum(connection& db, std::int64_t number, Enum last, const char* part) {
  bool sound = number >= 0 && number <= static_cast<std::int64_t>(last);
  require_sound(db, sound, part);
  return sound ? static_cast<Enum>(number) : last;
}

inline error_class stored_error_class(connection& db, std::int64_t number) {
  return stored_enum(db, number, error_class::node_lost, "error class");
}

inline outcome_status stored_status(connection& db, std::int64_t number) {
  return stored_enum(db, number, outcome_status::error, "status");
}

}  // namespace assay::storage
