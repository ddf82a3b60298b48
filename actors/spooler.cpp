#include "actors/spooler.hpp"

#include <spdlog/spdlog.h>

namespace assay::actors {

void spooler_state::configure(std::shared_ptr<spool> into) {
  into_ = std::move(into);
  self_->set_exit_handler([this](const caf::exit_msg&) { self_->send(self_, stop_atom_v); });
}

spooler_actor::behavior_type spooler_state::make_behavior() {
  return {[this](const std::vector<late_result>& results) { note(into_->append(results)); },
          [this](commit_atom, std::uint64_t count) { note(into_->taken(count)); },
          [this](stop_atom) { self_->quit(); }};
}

/// A full disk is told once.
void spooler_state::note(const expected<void>& written) {
  if (!written && !failing_) spdlog::error("spool-failed {}", render(written.error()));
  failing_ = !written;
}

spooler_actor::behavior_type spooler(spooler_actor::stateful_pointer<spooler_state> self,
                                     std::shared_ptr<spool> into) {
  return begin_actor(self, std::move(into));
}

}  // namespace assay::actors
