#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/modelled_transport.hpp"
#include "messages/settings.hpp"
#include "storage/ledger.hpp"

/// Forecast of a run: the actors of `assay run` in virtual time, against models of the providers.
namespace assay::planning {

/// Where the figures of a model at a provider come from.
enum class source : std::uint8_t { history, mock, assumed };

std::string_view to_string(source);

/// Figures for a model that nobody has measured yet.
struct assumptions {
  distribution first_token_ms{600, 3'000};
  distribution output_tokens{200, 800};
  double tokens_per_second = 60;
};

/// How long exchanges with one model at one provider take and how many tokens they bring.
///
/// From history, an exchange is drawn from those seen (first token, output and total together, so
/// that they keep their relation), after the seen ones have been drawn anew for each seed: few
/// observations make forecasts of different seeds differ more. Otherwise from log-normal
/// distributions. The draw depends on the seed and the content of the call, so that changed
/// settings are compared on equal answers; failures are drawn for each exchange.
class service_model {
 public:
  /// REQUIRES: at least one of them brought an answer.
  static service_model from_history(std::vector<storage::past_exchange>, std::uint64_t seed);
  static service_model from_mock(const mock_model&, const mock_faults&, const timeouts&);
  static service_model assumed(const assumptions&);

  /// How the n-th exchange of the run goes: a failure, or the answer.
  actors::modelled_answer draw(const actors::modelled_call&, std::uint64_t seed,
                               std::uint64_t exchange) const;
  /// How the call goes if nothing fails.
  actors::modelled_answer answer(const actors::modelled_call&, std::uint64_t seed) const;

 private:
  actors::modelled_answer of_one(const actors::modelled_call&, std::uint64_t seed) const;
  actors::modelled_answer of_items(const actors::modelled_call&, std::uint64_t seed) const;
  actors::modelled_answer observed(const actors::modelled_call&, std::uint64_t bits) const;
  actors::modelled_answer composed(const actors::modelled_call&, std::uint64_t seed) const;

  /// One way to fail; strikes where a chance in [0, 1) lies below `up_to` and not below those
  /// before.
  struct failure {
    double up_to = 0;
    error_class kind = error_class::none;
    duration after{};
  };

  void add_failure(double chance, error_class, duration after);

  std::vector<storage::past_exchange> seen_;
  double input_factor_ = 1;  ///< tokens charged per token estimated
  assumptions shape_;
  std::vector<failure> failures_;
};

}  // namespace assay::planning
