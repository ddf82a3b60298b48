#pragma once

#include "storage/ledger.hpp"
#include "storage/postgres_connection.hpp"

namespace assay::storage {

/// See `ledger::lead`.
///
/// The lease is a lock of a session of its own, so that the server frees it when its holder dies.
/// A holder that is stopped keeps its session: hence it renews the lease, by the server's clock,
/// and whoever finds it stale ends that session and all others of its process, which free
/// the runs and accounts that it held. Whatever the old holder still sends is refused, as
/// each write checks the term under the write lock, and a new term begins under the same lock.
expected<lead_attempt> begin_to_lead(const postgres_address&, milliseconds busy_timeout,
                                     milliseconds patience);

}  // namespace assay::storage
