#include "config/sections.hpp"

namespace assay::config {

template <>
struct names_of<node_credentials> {
  static constexpr std::string_view values[] = {"own", "coordinator"};
};

namespace {

options<node_settings> make_options() {
  auto value = [](const char* name, auto at, const char* help, rule r) {
    return field<node_settings>(
        name, [at](auto& s) -> auto& { return s.*at; }, help, r);
  };
  using nodes = node_settings;
  return {
      value("listen", &nodes::listen, "where `assay serve` takes nodes in, `HOST:PORT`", {}),
      value("certificates", &nodes::certificates,
            "folder with `ca.pem`, `coordinator.pem` and `coordinator.key` (`assay certs`)", {}),
      value("allowed", &nodes::allowed,
            "names of nodes that may join; if not set, every node with a certificate", {}),
      value("credentials", &nodes::credentials,
            "who has the API keys: each node its own, or the coordinator, which sends them along",
            {}),
      value("heartbeat", &nodes::heartbeat, "time between two signs of life of a node",
            {.min = 50, .max = 60'000}),
      value("missed_heartbeats", &nodes::missed_heartbeats, "a node that misses so many is lost",
            {.min = 2, .max = 100}),
      value("max_connections", &nodes::max_connections, "nodes at the same time",
            {.min = 1, .max = 10'000}),
      value("max_message_mb", &nodes::max_message_mb, "largest message of a node",
            {.min = 1, .max = 1'024}),
      value("handshake", &nodes::handshake,
            "a peer that takes longer to prove who it is, is dropped", {.min = 100, .max = 60'000}),
      value(
          "bad_lag", &nodes::bad_lag,
          "what a node does is not timed while its clock is known worse, or its timers come later",
          {.min = 1, .max = 60'000}),
  };
}

}  // namespace

const options<node_settings>& node_options() {
  static const auto all = make_options();
  return all;
}

}  // namespace assay::config
