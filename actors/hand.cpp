#include "actors/hand.hpp"

namespace assay::actors {

hand_actor::behavior_type hand_state::make_behavior() {
  return {[this](const procedure_move_ptr& move) {
    move->make();
    self_->send(config_.conductor, config_.number, move);
  }};
}

hand_actor::behavior_type hand(hand_actor::stateful_pointer<hand_state> self, hand_config config) {
  return begin_actor(self, std::move(config));
}

}  // namespace assay::actors
