#pragma once

#include <vector>

#include "app/mock/server.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::app {

/// The simulated providers that run inside this process: one server for every `mock:NAME` that a
/// provider of the experiments, their judges or the extraction uses.
struct embedded_mocks {
  settings config;  ///< with their addresses in place of `mock:NAME`
  std::vector<mock_server> servers;
};

/// Starts them on free ports of 127.0.0.1.
checked<embedded_mocks> start_embedded_mocks(settings);

}  // namespace assay::app
