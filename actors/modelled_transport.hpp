#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "messages/protocols.hpp"
#include "providers/dialects/dialect.hpp"
#include "providers/simulated/admission.hpp"

namespace assay::actors {

/// A model call reduced to what its length and its cost depend on.
struct modelled_call {
  std::string_view provider;
  std::string_view model;
  std::int64_t input_tokens = 0;
  std::optional<std::int32_t> max_tokens;
  std::uint64_t content = 0;  ///< hash of the messages: equal requests are equal calls
  /// Contents of the tasks that share the call, in order; empty if it is of one task.
  std::vector<std::uint64_t> items;
};

/// What it comes to.
struct modelled_answer {
  duration first_content{};
  duration total{};
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  error_class kind = error_class::none;
};

/// The text of a message in a forecast, which stands for a real one of `bytes` bytes.
std::string modelled_text(std::int64_t input_tokens, std::uint64_t content, std::size_t bytes = 0);

/// A wire format of figures only, for requests whose messages are `modelled_text`s; the last one
/// may be numbered items that are (a combined call, whose other text counts a token for four
/// bytes). Its requests can be sent by a `modelled_transport` and by nothing else; its `reader` is
/// null.
const dialects::dialect& modelled_dialect();

struct modelled_transport_config {
  /// How the n-th exchange of the whole run goes if it is let in; n tells a second try from the
  /// first.
  std::function<modelled_answer(const modelled_call&, std::uint64_t n)> draw;
  /// The limits that the API itself keeps, by provider; who is not named keeps none.
  std::map<std::string, limit_settings, std::less<>> servers;
};

/// Stands in for the HTTP engine in a forecast: exchanges are figures, nothing is written or
/// parsed. Cooperative.
class modelled_transport_state {
 public:
  static inline const char* name = "transport";
  explicit modelled_transport_state(transport_actor::pointer self) : self_(self) {}
  void configure(modelled_transport_config config);
  transport_actor::behavior_type make_behavior();

  void run(const exchange_ptr& call);
  void deliver(std::uint64_t id);
  void call_off(std::uint64_t ticket);
  void stop();

 private:
  struct server {
    limit_settings limits;
    simulated::admission admission;
  };
  struct pending {
    exchange_ptr call;
    exchange_result result;
    server* slot_of = nullptr;  ///< whose slot is freed at the end
  };

  server* server_of(std::string_view provider);
  static std::optional<simulated::rejection> ask(server&, const modelled_call&,
                                                 const modelled_answer&, instant now);

  void release_and_cancel(pending&);
  std::uint64_t copies_of(const transport::exchange&) const;

  transport_actor::pointer self_;
  modelled_transport_config config_;
  std::map<std::string, server, std::less<>> servers_;
  std::unordered_map<std::uint64_t, pending> under_way_;
  std::uint64_t next_ = 1;
  bool stopped_ = false;
};

transport_actor::behavior_type modelled_transport(
    transport_actor::stateful_pointer<modelled_transport_state>, modelled_transport_config);

}  // namespace assay::actors
