#pragma once

#include <memory>
#include <string>
#include <vector>

#include "messages/caf.hpp"
#include "messages/inspect_node.hpp"
#include "messages/status.hpp"
#include "messages/task.hpp"
#include "messages/work.hpp"

/// Every actor of assay and every message it takes. Start reading here; a walk through one sample
/// stands in docs/life_of_a_run.md.

namespace assay::transport {
struct exchange;
}

namespace assay::actors {
struct procedure_move;
struct examination_job;
}  // namespace assay::actors

namespace assay {
/// Local to a process: holds a reader and a callback.
using exchange_ptr = std::shared_ptr<transport::exchange>;
/// Local to a process: shared by all subscribers without a copy.
using record_batch = std::shared_ptr<const std::vector<record>>;
/// Local to a process: shared by all subscribers without a copy.
using verdict_batch = std::shared_ptr<const std::vector<verdict>>;
/// Local to a process: a procedure, what it is told, and what it then wants.
using procedure_move_ptr = std::shared_ptr<actors::procedure_move>;
/// Local to a process: an answer and the rule that is to score it.
using examination_job_ptr = std::shared_ptr<actors::examination_job>;
}  // namespace assay

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(assay::exchange_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(assay::record_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(assay::verdict_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(assay::work_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(assay::procedure_move_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(assay::examination_job_ptr)

CAF_BEGIN_TYPE_ID_BLOCK(assay, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(assay, (assay::task_key))
CAF_ADD_TYPE_ID(assay, (assay::usd))
CAF_ADD_TYPE_ID(assay, (assay::tool_call))
CAF_ADD_TYPE_ID(assay, (assay::tool_declaration))
CAF_ADD_TYPE_ID(assay, (assay::chat_message))
CAF_ADD_TYPE_ID(assay, (assay::chat_request))
CAF_ADD_TYPE_ID(assay, (assay::token_usage))
CAF_ADD_TYPE_ID(assay, (assay::answer))
CAF_ADD_TYPE_ID(assay, (assay::timeline))
CAF_ADD_TYPE_ID(assay, (assay::rate_header))
CAF_ADD_TYPE_ID(assay, (assay::api_error))
CAF_ADD_TYPE_ID(assay, (assay::origin))
CAF_ADD_TYPE_ID(assay, (assay::connection_time))
CAF_ADD_TYPE_ID(assay, (assay::attempt))
CAF_ADD_TYPE_ID(assay, (assay::exchange_result))
CAF_ADD_TYPE_ID(assay, (assay::sample))
CAF_ADD_TYPE_ID(assay, (assay::cell))
CAF_ADD_TYPE_ID(assay, (assay::task))
CAF_ADD_TYPE_ID(assay, (assay::outcome))
CAF_ADD_TYPE_ID(assay, (assay::record))
CAF_ADD_TYPE_ID(assay, (assay::verdict))
CAF_ADD_TYPE_ID(assay, (assay::provider_batch))
CAF_ADD_TYPE_ID(assay, (assay::assignment))
CAF_ADD_TYPE_ID(assay, (assay::early_headers))
CAF_ADD_TYPE_ID(assay, (assay::handed_task))
CAF_ADD_TYPE_ID(assay, (assay::task_class))
CAF_ADD_TYPE_ID(assay, (assay::follow_up))
CAF_ADD_TYPE_ID(assay, (assay::published))
CAF_ADD_TYPE_ID(assay, (assay::returned_task))
CAF_ADD_TYPE_ID(assay, (assay::provider_terms))
CAF_ADD_TYPE_ID(assay, (assay::closure))
CAF_ADD_TYPE_ID(assay, (assay::credit))
CAF_ADD_TYPE_ID(assay, (assay::committed_task))
CAF_ADD_TYPE_ID(assay, (assay::commit_note))
CAF_ADD_TYPE_ID(assay, (assay::provider_status))
CAF_ADD_TYPE_ID(assay, (assay::run_progress))
CAF_ADD_TYPE_ID(assay, (assay::provider_counts))
CAF_ADD_TYPE_ID(assay, (assay::progress_snapshot))
CAF_ADD_TYPE_ID(assay, (assay::node_terms))
CAF_ADD_TYPE_ID(assay, (assay::timeouts))
CAF_ADD_TYPE_ID(assay, (assay::credential_source))
CAF_ADD_TYPE_ID(assay, (assay::account_offer))
CAF_ADD_TYPE_ID(assay, (assay::welcome))
CAF_ADD_TYPE_ID(assay, (assay::call_under_way))
CAF_ADD_TYPE_ID(assay, (assay::abilities))
CAF_ADD_TYPE_ID(assay, (assay::heartbeat))
CAF_ADD_TYPE_ID(assay, (assay::heartbeat_echo))
CAF_ADD_TYPE_ID(assay, (assay::call_seal))
CAF_ADD_TYPE_ID(assay, (assay::node_call))
CAF_ADD_TYPE_ID(assay, (assay::node_result))
CAF_ADD_TYPE_ID(assay, (assay::node_headers))
CAF_ADD_TYPE_ID(assay, (assay::late_result))
CAF_ADD_TYPE_ID(assay, (assay::ended_exchange))
CAF_ADD_TYPE_ID(assay, (assay::node_judge))
CAF_ADD_TYPE_ID(assay, (assay::judge_ability))
CAF_ADD_TYPE_ID(assay, (assay::examination))
CAF_ADD_TYPE_ID(assay, (assay::ended_examination))
CAF_ADD_TYPE_ID(assay, (assay::node_offer))
CAF_ADD_TYPE_ID(assay, (assay::node_status))
CAF_ADD_TYPE_ID(assay, (assay::workshop_status))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::handed_task>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::returned_task>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::verdict>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::follow_up>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::task_key>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::assignment>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::account_offer>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::node_call>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::node_result>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::node_headers>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::late_result>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::call_under_way>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::ended_exchange>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::examination>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::ended_examination>))
CAF_ADD_TYPE_ID(assay, (std::vector<assay::node_status>))
CAF_ADD_TYPE_ID(assay, (std::vector<std::string>))
CAF_ADD_TYPE_ID(assay, (std::vector<std::uint64_t>))

CAF_ADD_ATOM(assay, assay, status_atom, "status")
CAF_ADD_ATOM(assay, assay, drain_atom, "drain")
CAF_ADD_ATOM(assay, assay, stop_atom, "stop")
CAF_ADD_ATOM(assay, assay, join_atom, "join")
CAF_ADD_ATOM(assay, assay, return_atom, "return")
CAF_ADD_ATOM(assay, assay, cancel_atom, "cancel")
CAF_ADD_ATOM(assay, assay, commit_atom, "commit")
CAF_ADD_ATOM(assay, assay, waive_atom, "waive")
CAF_ADD_ATOM(assay, assay, leave_atom, "leave")
CAF_ADD_ATOM(assay, assay, enough_atom, "enough")
CAF_ADD_ATOM(assay, assay, refuse_atom, "refuse")
CAF_ADD_ATOM(assay, assay, internal_atom, "internal")
CAF_END_TYPE_ID_BLOCK(assay)

namespace assay {

/// Takes over sockets: runs exchanges and calls back, one call per exchange, never one per token.
using transport_actor = typed_actor<
    /// Runs it; its `done` is called once.
    caf::result<void>(exchange_ptr),
    /// Ends the exchange that a provider runs under this permit; its `done` is called at once.
    caf::result<void>(cancel_atom, std::uint64_t),
    /// Cancels all that is under way and takes nothing more.
    caf::result<void>(stop_atom),
    /// Its own timer (virtual time): this exchange is over.
    caf::result<void>(internal_atom, std::uint64_t)>;

/// Who is told what exchanges come to. Providers and workshops conform to it.
using caller_actor = typed_actor<caf::result<void>(std::uint64_t, exchange_result),
                                 /// The answer has begun, its rate-limit headers are here.
                                 caf::result<void>(std::uint64_t, early_headers)>;

/// A place where exchanges of several accounts can run: a node, as its coordinator sees it. It
/// reports to whoever sends the assignments.
using place_actor = typed_actor<
    /// Runs them for this provider.
    caf::result<void>(std::string, std::vector<assignment>),
    /// The exchange under this permit is no longer wanted; its end is reported all the same.
    caf::result<void>(cancel_atom, std::uint64_t)>;

/// Who has exchanges made at places: is told which there are, and what became of them. Providers
/// and round callers conform to it.
using place_user_actor = typed_actor<
    /// From a place: what these exchanges came to.
    caf::result<void>(std::vector<ended_exchange>),
    /// The answer has begun, its rate-limit headers are here.
    caf::result<void>(std::uint64_t, early_headers),
    /// These nodes can call its account, and each of them is about to join.
    caf::result<void>(join_atom, std::vector<std::string>),
    /// From now on it may use that node; replaces what was said before.
    caf::result<void>(join_atom, node_offer, place_actor),
    /// Nothing more goes to that node.
    caf::result<void>(leave_atom, std::string)>;

/// One exchange in progress. Never sleeps on a limit, never retries by itself.
using worker_actor = typed_actor<
    /// Sends the request; exactly one report to the provider follows.
    caf::result<void>(assignment)>;

/// Who stands for one account at an API towards scheduler, recorder and monitor: a provider, or a
/// batch desk, which hands its tasks to the account's batch endpoint.
using account_actor = typed_actor<
    /// From the scheduler: work that was asked for by a credit.
    caf::result<void>(std::vector<handed_task>),
    /// From a worker or its transport: what the exchange under this permit came to.
    caf::result<void>(std::uint64_t, exchange_result),
    /// From the transport: the answer has begun, its rate-limit headers are here.
    caf::result<void>(std::uint64_t, early_headers),
    /// From the recorder: so many of its records are durable.
    caf::result<void>(commit_atom, std::uint32_t),
    /// Takes no more work; what is in flight ends and is recorded, the rest is left over.
    caf::result<void>(drain_atom), caf::result<provider_status>(status_atom),
    /// Its own timer; the number tells a stale one.
    caf::result<void>(internal_atom, std::uint64_t)>;

/// One account at an API: owns its limits, its retries and its workers, here and at nodes. It
/// conforms to `account_actor` and `place_user_actor`.
using provider_actor = typed_actor<
    caf::result<void>(std::vector<handed_task>), caf::result<void>(std::uint64_t, exchange_result),
    caf::result<void>(std::uint64_t, early_headers), caf::result<void>(commit_atom, std::uint32_t),
    caf::result<void>(drain_atom), caf::result<provider_status>(status_atom),
    caf::result<void>(internal_atom, std::uint64_t),
    /// From a node: what these exchanges came to.
    caf::result<void>(std::vector<ended_exchange>),
    /// These nodes can call its account, and each of them is about to join: one of them may hold
    /// calls of before, so nothing goes anywhere until all have.
    caf::result<void>(join_atom, std::vector<std::string>),
    /// From now on it may use that node; replaces what was said before.
    caf::result<void>(join_atom, node_offer, place_actor),
    /// Nothing more goes to that node.
    caf::result<void>(leave_atom, std::string)>;

/// Takes tasks that it has asked for. Providers and conductors conform to it.
using taker_actor = typed_actor<caf::result<void>(std::vector<handed_task>),
                                /// Asks for nothing more.
                                caf::result<void>(drain_atom)>;

/// Who asked for follow-ups is told of those that will not be made, since the run has ended.
using asker_actor = typed_actor<caf::result<void>(return_atom, std::vector<task_key>)>;

/// Pending tasks and the state of a run. Pull-based: it never pushes work that nobody asked for.
using scheduler_actor = typed_actor<
    /// A provider takes part.
    caf::result<void>(join_atom, provider_terms, taker_actor),
    /// The missing tasks of a run.
    caf::result<void>(work_ptr),
    /// Model calls that follow from tasks of a run; their outcomes reach the asker as records.
    caf::result<void>(std::vector<follow_up>, asker_actor),
    /// So many verdicts of a run will not be given.
    caf::result<void>(waive_atom, std::int64_t, std::uint64_t),
    /// From the stopper: no more samples of this model are wanted in this run.
    caf::result<void>(enough_atom, std::int64_t, std::string),
    /// A provider asks for work; answered by tasks, now or when there are some.
    caf::result<void>(credit),
    /// A provider hands tasks back; they go to another one, if there is one.
    caf::result<void>(return_atom, std::string, std::vector<returned_task>),
    /// A provider takes no tasks of a model, or takes them again.
    caf::result<void>(closure),
    /// From the recorder, after each commit: only now are these tasks done.
    caf::result<void>(commit_note),
    /// Exchanges of an earlier time that are under way at this node: their tasks wait for the end.
    caf::result<void>(std::string, std::vector<call_under_way>),
    /// Exchanges of an earlier time that have come to their end at a node: whoever gets their tasks
    /// next need not send them.
    caf::result<void>(std::vector<late_result>),
    /// The node is gone: nobody waits for what was under way there.
    caf::result<void>(leave_atom, std::string),
    /// Hands out nothing more, for this reason; what is in hand ends.
    caf::result<void>(drain_atom, std::string), caf::result<run_progress>(status_atom),
    /// Its own timer: a deadline of this run, or something that it waited for is over.
    caf::result<void>(internal_atom, std::int64_t)>;

/// Takes committed records. Judges, the monitor and detectors conform to it.
using subscriber_actor = typed_actor<caf::result<void>(record_batch)>;

/// Takes committed verdicts, by rules and by models, each after the record that it is about.
using verdict_subscriber_actor = typed_actor<caf::result<void>(verdict_batch)>;

/// Publishes what is committed, in the order of the commits, to its subscribers and to nobody else.
using results_actor = typed_actor<
    /// From the recorder.
    caf::result<void>(record_batch), caf::result<void>(verdict_batch),
    /// From now on this one gets every batch of that kind.
    caf::result<void>(join_atom, published, subscriber_actor),
    caf::result<void>(join_atom, verdict_subscriber_actor)>;

/// The store's only writer. Acknowledges after the commit.
using recorder_actor = typed_actor<
    /// From a provider: a task has come to its outcome. The provider is told when it is durable.
    caf::result<void>(record),
    /// From a judge.
    caf::result<void>(std::vector<verdict>),
    /// From a batch desk: the batch stands so. Answered with its id in the ledger once this is
    /// durable, after every record that was sent before.
    caf::result<std::int64_t>(provider_batch),
    /// Commits what is waiting; its own tick.
    caf::result<void>(internal_atom)>;

/// Drives procedures: samples or verdicts that take several model calls.
using conductor_actor = typed_actor<
    /// From the scheduler: samples.
    caf::result<void>(std::vector<handed_task>), caf::result<void>(drain_atom),
    /// Committed records: answers to be judged, and steps. It begins with the first batch, which
    /// the supervisor sends: the answers that are owed a verdict.
    caf::result<void>(record_batch),
    /// From the scheduler: these follow-ups will not be made.
    caf::result<void>(return_atom, std::vector<task_key>),
    /// From the recorder: so many of its records are durable.
    caf::result<void>(commit_atom, std::uint32_t),
    /// From a hand: it is free again, and its procedure has moved on.
    caf::result<void>(std::uint32_t, procedure_move_ptr)>;

/// Moves one procedure at a time on, on a thread of its own that may block.
using hand_actor = typed_actor<caf::result<void>(procedure_move_ptr)>;

/// Gives one verdict at a time, on a thread of its own that may block.
using examiner_actor = typed_actor<
    /// Scores it; whoever asks is told, under this number.
    caf::result<void>(std::uint64_t, examination_job_ptr)>;

/// Who has examiners. Judges and workshops conform to it.
using examined_actor = typed_actor<
    /// From an examiner: it is free again, and this is the verdict.
    caf::result<void>(std::uint64_t, verdict)>;

/// A place where programs of several judges can run: a node, as its coordinator sees it. It reports
/// to the judge that sends them.
using examining_place_actor = typed_actor<
    /// Examines these.
    caf::result<void>(std::vector<examination>),
    /// No longer wanted, even if begun or only if not; the end of each is reported all the same.
    caf::result<void>(cancel_atom, std::vector<std::uint64_t>, bool)>;

/// One rubric over the stream of results.
using judge_actor = typed_actor<
    /// Scores the answers of the batch.
    caf::result<void>(record_batch),
    /// From an examiner of its own: it is free again, and this is the verdict.
    caf::result<void>(std::uint64_t, verdict),
    /// From the place of that name: what became of these examinations.
    caf::result<void>(std::string, std::vector<ended_examination>),
    /// From now on it may use that node; replaces what was said before.
    caf::result<void>(join_atom, node_offer, examining_place_actor),
    /// Nothing more goes to that node.
    caf::result<void>(leave_atom, std::string),
    /// Its own timer.
    caf::result<void>(internal_atom)>;

/// Says when a model has answered enough samples: as soon as the interval of a judge's mean is
/// narrow.
using stopper_actor = typed_actor<
    /// Committed records of samples, and then the verdicts on them.
    caf::result<void>(record_batch), caf::result<void>(verdict_batch),
    /// From a conductor: its judge gives no verdict on this task.
    caf::result<void>(waive_atom, task_key)>;

/// Counters and progress; read by displays, never on the data path.
using monitor_actor =
    typed_actor<caf::result<void>(record_batch), caf::result<progress_snapshot>(status_atom),
                /// Its own tick: asks the others how they are.
                caf::result<void>(internal_atom)>;

/// The tree of the above for one run: starts, drains, restarts, stops it.
using supervisor_actor = typed_actor<
    /// Where the run stands.
    caf::result<progress_snapshot>(status_atom),
    /// Ends the run gently, for this reason.
    caf::result<void>(drain_atom, std::string),
    /// Ends the run at once: exchanges are cancelled; what has an outcome is recorded.
    caf::result<void>(stop_atom)>;

}  // namespace assay

CAF_BEGIN_TYPE_ID_BLOCK(assay_actors, caf::id_block::assay::end)
CAF_ADD_TYPE_ID(assay_actors, (assay::account_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::provider_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::taker_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::asker_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::subscriber_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::verdict_subscriber_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::judge_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::caller_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::place_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::place_user_actor))
CAF_ADD_TYPE_ID(assay_actors, (assay::examining_place_actor))
CAF_END_TYPE_ID_BLOCK(assay_actors)

namespace assay {

/// Makes every message type of assay known to CAF. REQUIRES: called before the actor system starts.
void register_messages(caf::actor_system_config& config);

}  // namespace assay
