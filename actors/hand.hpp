#pragma once

#include <optional>
#include <vector>

#include "evaluation/procedure.hpp"
#include "messages/protocols.hpp"

namespace assay::actors {

/// A procedure on its way to its next calls: what it is told, and what it then wants.
struct procedure_move {
  task_key parent;
  evaluation::procedure_ptr doing;
  std::optional<evaluation::call_result> result;  ///< none: it begins
  std::vector<evaluation::wanted_call> wanted;

  void make() { wanted = result ? doing->take(*result) : doing->begin(); }
};

struct hand_config {
  conductor_actor conductor;
  std::uint32_t number = 0;  ///< among the conductor's hands
};

/// Moves procedures on that wait for tools, one at a time. Detached; linked to its conductor.
class hand_state {
 public:
  static inline const char* name = "hand";
  explicit hand_state(hand_actor::pointer self) : self_(self) {}
  void configure(hand_config config) { config_ = std::move(config); }
  hand_actor::behavior_type make_behavior();

 private:
  hand_actor::pointer self_;
  hand_config config_;
};

hand_actor::behavior_type hand(hand_actor::stateful_pointer<hand_state>, hand_config);

}  // namespace assay::actors
