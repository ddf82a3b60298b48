#pragma once

#include "messages/protocols.hpp"
#include "messages/round.hpp"

/// The actors through which a coordinator and its nodes work together. Only `node_actor` and
/// `node_desk_actor` are spoken to from another machine.
namespace assay {
/// Local to a process.
using round_plan_ptr = std::shared_ptr<const round_plan>;
/// Local to a process.
using rounds_status_ptr = std::shared_ptr<const rounds_status>;
/// Local to a process.
using round_requests_ptr = std::shared_ptr<const std::vector<round_request>>;
}  // namespace assay

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(assay::round_plan_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(assay::rounds_status_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(assay::round_requests_ptr)

namespace assay {

/// A node, as its coordinator may speak to it.
using node_actor = typed_actor<
    /// Runs these exchanges at once.
    caf::result<void>(std::vector<node_call>),
    /// No longer wanted; the end is reported all the same.
    caf::result<void>(cancel_atom, std::uint64_t),
    /// These are the accounts; answered by the node's `abilities`.
    caf::result<void>(std::vector<account_offer>),
    /// What it has said of these calls is durable: it may forget them.
    caf::result<void>(commit_atom, std::vector<std::uint64_t>),
    /// Who was told of these calls is no more: their results come once more, as late ones; it says
    /// when it is ready again.
    caf::result<void>(return_atom, std::vector<std::uint64_t>), caf::result<void>(heartbeat_echo),
    /// Examinations of this judge will come; answered by the node's `judge_ability`.
    caf::result<void>(node_judge),
    /// None of this judge will come any more.
    caf::result<void>(leave_atom, std::uint64_t),
    /// Examines these, as many at the same time as it runs programs.
    caf::result<void>(std::vector<examination>),
    /// No longer wanted, even if begun or only if not; the end of each is reported all the same.
    caf::result<void>(cancel_atom, std::vector<std::uint64_t>, bool)>;

/// A coordinator's desk for one connection of a node: all that the node may speak to.
using node_desk_actor = typed_actor<
    /// The first message of a connection; who sends it is the node.
    caf::result<welcome>(node_terms), caf::result<void>(abilities), caf::result<void>(heartbeat),
    caf::result<void>(std::vector<node_headers>), caf::result<void>(std::vector<node_result>),
    /// Results that this connection was never asked for; answered when they are taken over.
    caf::result<void>(std::vector<late_result>), caf::result<void>(judge_ability),
    caf::result<void>(std::vector<ended_examination>)>;

/// A desk with all that its own process may say to it.
using desk_actor =
    typed_actor<caf::result<welcome>(node_terms), caf::result<void>(abilities),
                caf::result<void>(heartbeat), caf::result<void>(std::vector<node_headers>),
                caf::result<void>(std::vector<node_result>),
                caf::result<void>(std::vector<late_result>), caf::result<void>(judge_ability),
                caf::result<void>(std::vector<ended_examination>),
                /// From a place user, which gets the reports: it conforms to `place_actor`.
                caf::result<void>(std::string, std::vector<assignment>),
                caf::result<void>(cancel_atom, std::uint64_t),
                /// From the registry: this user of the account may use the node.
                caf::result<void>(join_atom, std::string, node_offer, place_user_actor),
                /// From the registry: this is the scheduler of the run, which must know of its
                /// calls that are under way.
                caf::result<void>(join_atom, std::int64_t, scheduler_actor),
                /// From a judge, which gets the reports: it conforms to `examining_place_actor`.
                caf::result<void>(std::vector<examination>),
                caf::result<void>(cancel_atom, std::vector<std::uint64_t>, bool),
                /// From the registry: this judge may use the node.
                caf::result<void>(join_atom, node_judge, judge_actor),
                /// The outcomes of these tasks are durable.
                caf::result<void>(commit_atom, std::vector<task_key>),
                /// The connection is over, for this reason.
                caf::result<void>(leave_atom, std::string),
                /// Calls off all that is under way.
                caf::result<void>(stop_atom),
                /// Its own timer.
                caf::result<void>(internal_atom)>;

/// All nodes, whatever run they work for.
using node_registry_actor = typed_actor<
    /// From a desk: may this node take part?
    caf::result<welcome>(node_terms, desk_actor),
    /// From a desk: what its node can do, and signs of its life.
    caf::result<void>(std::string, abilities), caf::result<void>(std::string, heartbeat),
    /// From a desk: nothing more goes to its node.
    caf::result<void>(drain_atom, std::string),
    /// From a desk: the node is gone; the flag tells a loss from a farewell. This is what it may
    /// still have under way.
    caf::result<void>(leave_atom, desk_actor, bool, std::vector<call_under_way>),
    caf::result<void>(std::vector<late_result>),
    /// From a desk: its node makes these exchanges for somebody who is no more.
    caf::result<void>(std::string, std::vector<call_under_way>),
    /// From a desk: so many results of its node were not believed.
    caf::result<void>(refuse_atom, std::string, std::uint64_t),
    /// This user of the account may use nodes that have all of these tags.
    caf::result<void>(join_atom, std::string, std::vector<std::string>, place_user_actor),
    /// From a judge that runs programs: it may use nodes that do.
    caf::result<void>(join_atom, node_judge, judge_actor),
    /// From a run: late results of its tasks go here.
    caf::result<void>(join_atom, std::int64_t, scheduler_actor),
    /// From `results`.
    caf::result<void>(record_batch),
    /// Calls off all that is under way.
    caf::result<void>(stop_atom), caf::result<std::vector<node_status>>(status_atom),
    /// Its own timer: whether every account has a node.
    caf::result<void>(internal_atom)>;

/// Asks one account the same from several places at the same moment, round after round.
using round_caller_actor = typed_actor<
    /// As a place user.
    caf::result<void>(std::vector<ended_exchange>), caf::result<void>(std::uint64_t, early_headers),
    caf::result<void>(join_atom, std::vector<std::string>),
    caf::result<void>(join_atom, node_offer, place_actor),
    caf::result<void>(leave_atom, std::string),
    /// From a worker of this process or its transport.
    caf::result<void>(std::uint64_t, exchange_result),
    /// Begins these rounds.
    caf::result<void>(round_plan_ptr),
    /// Begins no further round, for this reason; what is under way ends.
    caf::result<void>(drain_atom, std::string),
    /// Calls off what is under way.
    caf::result<void>(stop_atom), caf::result<rounds_status_ptr>(status_atom),
    /// Hands over the requests that have ended since it was last asked.
    caf::result<round_requests_ptr>(return_atom),
    /// Its own timer; the number tells a stale one.
    caf::result<void>(internal_atom, std::uint64_t)>;

/// The process of a node: runs exchanges for whatever coordinator it is connected to.
using workshop_actor = typed_actor<
    caf::result<void>(std::vector<node_call>), caf::result<void>(cancel_atom, std::uint64_t),
    caf::result<void>(std::vector<account_offer>),
    caf::result<void>(commit_atom, std::vector<std::uint64_t>),
    caf::result<void>(return_atom, std::vector<std::uint64_t>), caf::result<void>(heartbeat_echo),
    caf::result<void>(node_judge), caf::result<void>(leave_atom, std::uint64_t),
    caf::result<void>(std::vector<examination>),
    caf::result<void>(cancel_atom, std::vector<std::uint64_t>, bool),
    /// From its examiners: it conforms to `examined_actor`.
    caf::result<void>(std::uint64_t, verdict),
    /// From its workers and transport: it conforms to `caller_actor`.
    caf::result<void>(std::uint64_t, exchange_result),
    caf::result<void>(std::uint64_t, early_headers),
    /// A connection stands; answered by the coordinator's word on whether it may take part.
    caf::result<welcome>(join_atom, node_desk_actor),
    /// Takes no more calls.
    caf::result<void>(drain_atom), caf::result<workshop_status>(status_atom),
    /// Its own timers: what is waiting goes out; a sign of life.
    caf::result<void>(internal_atom, bool)>;

/// Keeps the late results of a node in a file, so that they outlive it.
using spooler_actor = typed_actor<caf::result<void>(std::vector<late_result>),
                                  /// The oldest so many have been taken.
                                  caf::result<void>(commit_atom, std::uint64_t),
                                  /// Writes what it was told before, and ends.
                                  caf::result<void>(stop_atom)>;

}  // namespace assay

CAF_BEGIN_TYPE_ID_BLOCK(assay_nodes, caf::id_block::assay_actors::end)
CAF_ADD_TYPE_ID(assay_nodes, (assay::node_actor))
CAF_ADD_TYPE_ID(assay_nodes, (assay::node_desk_actor))
CAF_ADD_TYPE_ID(assay_nodes, (assay::desk_actor))
CAF_ADD_TYPE_ID(assay_nodes, (assay::scheduler_actor))
CAF_END_TYPE_ID_BLOCK(assay_nodes)

namespace assay {

/// `register_messages`, and what nodes need.
void register_node_messages(caf::actor_system_config& config);

}  // namespace assay
