#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/mock/server.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::app {

/// Brings a simulated provider to life that knows these samples, and gives its address.
using start_mock = std::function<expected<std::string>(const mock_settings&, std::vector<sample>)>;

/// The settings with addresses in place of `mock:NAME`: each mock that a provider of the
/// experiments, their judges or the extraction uses is started once.
checked<settings> with_mocks(settings, const start_mock&);

/// The simulated providers that run inside this process, each a server.
struct embedded_mocks {
  settings config;  ///< with their addresses in place of `mock:NAME`
  std::vector<mock_server> servers;
};

/// Starts them on free ports of an address of this machine.
checked<embedded_mocks> start_embedded_mocks(settings, const std::string& address = "127.0.0.1");

}  // namespace assay::app
