#include "messages/node_protocols.hpp"
#include "messages/protocols.hpp"

// Out of the headers: what CAF needs per type (serialisers, comparisons, printers) takes the
// compiler seconds.
namespace assay {

void register_messages(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::assay>();
  config.add_message_types<caf::id_block::assay_actors>();
}

void register_node_messages(caf::actor_system_config& config) {
  register_messages(config);
  config.add_message_types<caf::id_block::assay_nodes>();
}

}  // namespace assay
