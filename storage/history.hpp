#pragma once

#include "storage/connection.hpp"
#include "storage/ledger.hpp"

namespace assay::storage {

/// See `ledger::recent_exchanges`.
expected<std::vector<past_exchange>> newest_exchanges(connection&, std::size_t most);

/// See `ledger::recent_samples`.
expected<std::vector<past_sample>> newest_samples(connection&, std::size_t most);

}  // namespace assay::storage
