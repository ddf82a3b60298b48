#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messages/batch.hpp"
#include "messages/known_limits.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"
#include "messages/task.hpp"
#include "messages/units.hpp"

namespace assay::storage {

using assay::batch_state;
using assay::provider_batch;
using run_id = std::int64_t;

/// How a run stands. Numbers are stored. Of a pruned run only what other runs rest on is left; no
/// query of a ledger shows it.
enum class run_state : std::uint8_t { running = 0, finished = 1, interrupted = 2, pruned = 3 };

std::string_view to_string(run_state);

struct run_info {
  run_id id = 0;
  std::string experiment;
  std::string fingerprint;  ///< of the plan; a second start of the same plan is the same run
  std::string file;         ///< the experiment file
  std::string setup_json;   ///< what was run: limits, prices, judges, thresholds; no secrets
  run_state state = run_state::running;
  std::int64_t started_unix_ns = 0;
  std::int64_t opened_unix_ns = 0;  ///< its last start
  std::int64_t ended_unix_ns = 0;
  std::string summary_json;  ///< written at the end; a cache for lists, never the source of figures
  std::int64_t tasks = 0;
  std::int64_t done = 0;    ///< outcomes other than error
  std::int64_t errors = 0;  ///< outcomes in error
};

/// A stored task together with what it came to, for reports and exports.
struct ledger_row {
  record what;
  std::vector<verdict> verdicts;
  bool has_outcome = false;
};

/// A slim row for scores: no texts.
struct score_row {
  task_key key;
  cell where;
  std::string sample_id;
  std::uint32_t epoch = 1;
  std::vector<std::string> tags;
  bool has_outcome = false;
  outcome_status status = outcome_status::answered;
  error_class error = error_class::none;
  finish why = finish::unknown;
  std::string provider;
  std::string node;  ///< that ran the last attempt; empty: the coordinator itself
  /// Equal texts have equal digests; absent for an empty text and in ledgers of an older assay.
  std::optional<std::int64_t> text_digest;
  usd cost;
  std::int64_t input_tokens = 0;   ///< of the last attempt, 0 if unknown
  std::int64_t output_tokens = 0;  ///< of the last attempt, 0 if unknown
  std::int64_t latency_ns = 0;     ///< sent -> done of the last attempt, 0 if `cached`
  bool cached = false;             ///< a copy that this run made of the answer to an equal request
  bool reused = false;             ///< another run brought the outcome
  bool coalesced = false;          ///< such a copy, and the same run brought the original
  /// judge -> verdict, only judges of the run.
  std::vector<std::pair<std::string, std::optional<double>>> scores;
};

/// One stored exchange without texts, for bounds, rates and waste.
struct attempt_row {
  task_key key;
  std::string provider;
  std::string model;
  std::string mode;    ///< of its cell; `judge`: a question to a judge
  std::string prompt;  ///< of its cell; the judge's name if it is a question to one
  std::uint32_t number = 1;
  error_class kind = error_class::none;
  int http_status = 0;
  std::int64_t admitted_unix_ns = 0;
  std::int64_t sent_unix_ns = 0;
  std::int64_t first_content_unix_ns = 0;
  std::int64_t done_unix_ns = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  usd cost;
  std::uint32_t items = 1;  ///< tasks that shared the exchange
  bool hedge = false;
  bool batched = false;  ///< a request of a provider's own batch
  std::string node;      ///< empty: the coordinator itself
  std::int64_t clock_error_ns = 0;
  std::string egress;  ///< the address that it left by; empty: the coordinator's
};

/// One exchange of earlier runs as forecasts see it.
struct past_exchange {
  std::string provider;
  std::string model;  ///< as declared
  error_class kind = error_class::none;
  double estimated_input_tokens = 0;
  double input_tokens = 0;     ///< 0 if unknown
  double output_tokens = 0;    ///< 0 if unknown
  double first_content_s = 0;  ///< after the request was sent; the whole answer's time if unknown
  double total_s = 0;          ///< sent -> done
};

/// A finished sample of earlier runs that took several calls.
struct past_sample {
  std::string dataset;
  std::string model;  ///< as declared
  std::string mode;
  int calls = 0;  ///< to that model
};

/// What one commit writes: all or nothing.
struct commit_batch {
  run_id run = 0;
  std::vector<record> records;
  std::vector<verdict> verdicts;
};

/// A held run: nobody else can write to it until this is destroyed. Freed by the kernel or the
/// server if the process dies.
class run_lock {
 public:
  virtual ~run_lock() = default;
};

/// A held account: no other process sends to it through this ledger. Freed like a run.
using account_lock = run_lock;

/// The right to be the one coordinator of a ledger. Terms count on: who comes later has the higher
/// one, and what obeys an earlier term (`record_store::obey`) can write no more.
class lease {
 public:
  virtual ~lease() = default;
  virtual std::int64_t term() const = 0;
  /// Says that we are still there; to be called several times within the patience of those who
  /// wait (`ledger::lead`). A problem: the lease is lost, or the server cannot be reached.
  virtual expected<void> renew() = 0;
  /// True if the last `renew` failed because the way to the server is cut: the lease may be ours
  /// yet.
  virtual bool unreachable() const { return false; }
};

/// A lease, or who has it.
struct lead_attempt {
  std::unique_ptr<storage::lease> lease;
  std::string led_by;  ///< if there is no lease
};

/// What a run found out about the limits of an account.
struct account_limits {
  std::string provider;
  std::string account;  ///< `catalog::account_identity`
  known_limits limits;
  std::int64_t saved_unix_ns = 0;
};

/// Where a recorder writes.
class record_store {
 public:
  virtual ~record_store() = default;

  /// Writes outcomes (with their attempts) and verdicts in one transaction. An outcome in error is
  /// replaced by a later one; an answer is never replaced. Verdicts replace older ones of the same
  /// task and judge. Writing the same batch again changes nothing: an attempt is known by its run,
  /// task, first moment and number. A task that was never put is added at the end of the run.
  virtual expected<void> commit(const commit_batch&, const time_anchor&) = 0;

  /// True if the last operation failed because the way to the store is cut: it may be tried again.
  virtual bool unreachable() const { return false; }

  /// From now on this object writes nothing once a coordinator with a later term has begun.
  virtual void obey(std::int64_t /*term*/) {}

  /// Notes a batch before it is handed over, and gives its id here. A later process thus knows that
  /// it may have arrived, and asks the provider before it sends anything again. Only a ledger keeps
  /// batches.
  virtual expected<std::int64_t> announce_batch(const provider_batch&) {
    return fail("ledger", "this store keeps no batches");
  }
  /// Moves a batch on; an empty `batch_id` keeps the one that is known.
  virtual expected<void> change_batch(std::int64_t /*id*/, batch_state,
                                      const std::string& /*batch_id*/, std::int64_t /*unix_ns*/) {
    return fail("ledger", "this store keeps no batches");
  }
};

/// The store of all records. One object has one connection and is used by one thread at a time;
/// open several for readers. All writes are transactions; `commit` is durable when it returns, also
/// against a loss of power. Texts may hold any bytes and come back unchanged. Visitors may call the
/// ledger again.
class ledger : public record_store {
 public:
  // -- runs ---------------------------------------------------------------------------------------

  /// The run of this experiment with this fingerprint, running again with the given file and setup;
  /// or a new one.
  virtual expected<run_info> open_run(const run_info& wanted) = 0;
  /// Fails with the other process's id if another process holds the run.
  virtual expected<std::unique_ptr<run_lock>> lock_run(run_id) = 0;
  virtual expected<void> end_run(run_id, run_state, std::int64_t unix_ns,
                                 const std::string& summary_json) = 0;
  /// All runs, newest first, with counts.
  virtual expected<std::vector<run_info>> runs() = 0;
  /// By id, by experiment name (its newest run), or "latest".
  virtual expected<run_info> find_run(const std::string& name) = 0;

  // -- tasks --------------------------------------------------------------------------------------

  /// Adds tasks to a run in plan order, each with its whole content; known ones are only linked.
  /// `make(i)` gives task `i` of `count`, called in order. No work is done if the run already
  /// holds `count` tasks.
  virtual expected<void> put_tasks(run_id, std::size_t count,
                                   const std::function<task(std::size_t)>& make) = 0;
  /// Positions (in plan order) of tasks without an outcome other than error, in any run.
  virtual expected<std::vector<std::size_t>> missing(run_id) = 0;
  /// The same for a plan that is not (yet) in the ledger: indices into `keys`.
  virtual expected<std::vector<std::size_t>> missing_of(const std::vector<task_key>& keys) = 0;

  // -- fewer calls --------------------------------------------------------------------------------

  /// Gives missing tasks of the run the answers to equal requests (the same conversation,
  /// parameters and epoch; the providers do not matter) that the ledger holds, and says how many
  /// got one. Refusals and filtered answers are copied too, errors never. Only answers of a
  /// provider that may serve the task, unless `across_accounts`; none older than `ttl` at
  /// `now_unix_ns`, by the time of the original; answers given in one call with others only if
  /// `also_combined`.
  virtual expected<std::size_t> take_cached(run_id, const cache_settings&, std::int64_t now_unix_ns,
                                            bool also_combined) = 0;

  /// Fails with the other process's id if another process holds the account. `identity` becomes
  /// part of a file's name (`catalog::account_identity`).
  virtual expected<std::unique_ptr<account_lock>> lock_account(const std::string& identity) = 0;
  /// Replaces what the run has found out about the provider's limits so far.
  virtual expected<void> save_limits(run_id, const account_limits&) = 0;
  /// What the run found out, by provider.
  virtual expected<std::vector<account_limits>> limits_of(run_id) = 0;
  /// The newest that any run found out about the account.
  virtual expected<std::optional<account_limits>> newest_limits(const std::string& account) = 0;

  /// Batches of the run that are neither collected nor lost, oldest first.
  virtual expected<std::vector<provider_batch>> open_batches(run_id) = 0;

  /// Makes this process the coordinator of the ledger, with a new term, unless another one is: its
  /// process lives and has renewed its lease within `patience`.
  virtual expected<lead_attempt> lead(milliseconds patience) = 0;

  /// A secret of this ledger for a purpose, the same for every process that ever asks; in no copy
  /// of the ledger.
  virtual expected<std::string> secret(const std::string& purpose) = 0;

  // -- records ------------------------------------------------------------------------------------

  /// Records of the run that lack a verdict of `judge` in the version that `version(sample)` gives
  /// (error outcomes are left out), passed to `visit` one by one.
  virtual expected<void> unjudged(run_id, const std::string& judge,
                                  const std::function<std::string(const sample&)>& version,
                                  const std::function<void(record)>& visit) = 0;

  // -- queries ------------------------------------------------------------------------------------

  virtual expected<void> score_rows(run_id, const std::vector<std::string>& judges,
                                    const std::function<void(score_row)>& visit) = 0;
  virtual expected<void> attempt_rows(run_id,
                                      const std::function<void(const attempt_row&)>& visit) = 0;
  /// The fields of each task's sample, in plan order; no other texts are read.
  virtual expected<void> sample_fields(
      run_id,
      const std::function<void(const task_key&,
                               const std::vector<std::pair<std::string, std::string>>&)>&) = 0;
  /// Whole rows in plan order (prompt, answer, attempts, verdicts). The attempts are those of the
  /// run that brought the outcome; the instants of a time line count from the Unix epoch.
  virtual expected<void> rows(run_id, const std::function<void(ledger_row)>& visit) = 0;
  /// Rows by sample id, or else by the start of the key (four digits at least).
  virtual expected<std::vector<ledger_row>> find_rows(run_id, const std::string& what) = 0;
  /// The tasks of the run that have steps but no outcome other than error.
  virtual expected<void> unanswered(run_id, const std::function<void(const task_key&)>& visit) = 0;
  /// The steps of a task (calls of an agent, questions to judges) in the order in which they were
  /// recorded, whole.
  virtual expected<void> steps_of(const task_key& parent,
                                  const std::function<void(ledger_row)>& visit) = 0;
  /// Names of judges with verdicts in the run, sorted.
  virtual expected<std::vector<std::string>> judges_of(run_id) = 0;
  /// The newest exchanges that were sent and ended, at most so many, newest run first. Exchanges
  /// that several tasks shared are left out: they are none of a single task.
  virtual expected<std::vector<past_exchange>> recent_exchanges(std::size_t most) = 0;
  /// The newest samples of several calls that were answered, at most so many, newest first. What
  /// judges asked does not count.
  virtual expected<std::vector<past_sample>> recent_samples(std::size_t most) = 0;
  /// The verdicts of one judge, in plan order.
  virtual expected<void> verdicts_of(run_id, const std::string& judge,
                                     const std::function<void(const verdict&)>& visit) = 0;
};

/// True if `where` is the address of a server (`postgresql://...`), not a path.
bool is_server(const std::string& where);

/// Opens the ledger at a path (SQLite) or an address (PostgreSQL), creating and migrating it as
/// needed. Every operation waits up to `busy_timeout` for another process that is writing.
expected<std::unique_ptr<ledger>> open_ledger(const std::string& where,
                                              milliseconds busy_timeout = milliseconds(10'000));

/// False if `where` is the path of no file: there is nothing to be read from it.
bool may_exist(const std::string& where);

/// False if `where` is a server that does not answer or refuses connections now.
bool answers(const std::string& where);

/// Opens the SQLite ledger at `path`, folders included. Problems: not a ledger, written by a newer
/// assay, folder or file not writable, damaged, disk full.
expected<std::unique_ptr<ledger>> open_sqlite(const std::string& path,
                                              milliseconds busy_timeout = milliseconds(10'000));

/// Opens the ledger in the database and schema that `url` names (docs/ledger.md). Problems: the
/// server does not answer or knows the role or the database not, a password in the address, not a
/// ledger, written by a newer assay.
expected<std::unique_ptr<ledger>> open_postgres(const std::string& url,
                                                milliseconds busy_timeout = milliseconds(10'000));

}  // namespace assay::storage
