#pragma once

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "messages/protocols.hpp"
#include "providers/simulated/playback.hpp"
#include "providers/simulated/service.hpp"

namespace assay::actors {

struct simulated_transport_config {
  /// Services by the host part of their URL: `http://NAME/...`. Shared, so that a test reads them.
  std::map<std::string, std::shared_ptr<simulated::service>> services;
  /// Told of every arrival, with the host; may be empty.
  std::function<void(const std::string&, const simulated::truth&)> log;
  /// How much longer an exchange takes that begins now at this host, from a draw in [0, 1); may be
  /// empty. REQUIRES: within the time-outs of the exchange, which it does not meet.
  std::function<duration(const std::string&, instant, double)> slower;
  double lost_reports = 0;  ///< part of the exchanges whose end is never told
  std::uint64_t seed = 1;   ///< of which these are
  std::string address;      ///< that the exchanges come from
};

/// Stands in for the HTTP engine in virtual time: each exchange is computed when it starts and
/// delivered when it ends. Cooperative.
class simulated_transport_state {
 public:
  static inline const char* name = "transport";
  explicit simulated_transport_state(transport_actor::pointer self) : self_(self) {}
  simulated_transport_state(const simulated_transport_state&) = delete;
  simulated_transport_state& operator=(const simulated_transport_state&) = delete;
  /// The connections close: the services see that their exchanges are over.
  ~simulated_transport_state();
  void configure(simulated_transport_config config) {
    config_ = std::move(config);
    random_.seed(config_.seed);
  }
  transport_actor::behavior_type make_behavior();

  void run(const exchange_ptr& call);
  void deliver(std::uint64_t id);
  void call_off(std::uint64_t ticket);
  void stop();

 private:
  double draw() { return std::uniform_real_distribution<>(0, 1)(random_); }
  void delay(const std::string& host, simulated::played&, instant now);

  struct pending {
    exchange_ptr call;
    exchange_result result;
    std::shared_ptr<simulated::service> slot_of;  ///< whose slot is freed at the end; may be null
  };
  transport_actor::pointer self_;
  simulated_transport_config config_;
  std::map<std::uint64_t, pending> under_way_;
  std::uint64_t next_ = 1;
  bool stopped_ = false;
  std::mt19937_64 random_;
};

transport_actor::behavior_type simulated_transport(
    transport_actor::stateful_pointer<simulated_transport_state>, simulated_transport_config);

}  // namespace assay::actors
