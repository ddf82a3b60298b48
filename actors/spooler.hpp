#pragma once

#include <memory>

#include "actors/spool.hpp"
#include "messages/node_protocols.hpp"

namespace assay::actors {

/// The only writer of a spool. Detached: a slow disk holds up nobody. Linked to its workshop, after
/// whose end it writes what it was told before; a failure costs what a loss of the node would.
class spooler_state {
 public:
  static inline const char* name = "spooler";
  explicit spooler_state(spooler_actor::pointer self) : self_(self) {}
  void configure(std::shared_ptr<spool> into);
  spooler_actor::behavior_type make_behavior();

 private:
  void note(const expected<void>& written);

  spooler_actor::pointer self_;
  std::shared_ptr<spool> into_;
  bool failing_ = false;
};

spooler_actor::behavior_type spooler(spooler_actor::stateful_pointer<spooler_state>,
                                     std::shared_ptr<spool>);

}  // namespace assay::actors
