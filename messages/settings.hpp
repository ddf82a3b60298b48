#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/units.hpp"

/// What an experiment file declares, typed and validated. `config` fills these; nobody changes them
/// afterwards. Names in here refer to other entries by the name they were declared under.
namespace assay {

// -- providers ------------------------------------------------------------------------------------

struct timeouts {
  milliseconds connect{10'000};
  milliseconds first_byte{60'000};
  milliseconds idle{30'000};  ///< longest silence within an answer; comments count as life
  milliseconds total{120'000};
};

struct retry_policy {
  int max_retries = 3;  ///< after the first attempt; a 429 consumes none
  milliseconds initial_backoff{1'000};
  milliseconds max_backoff{30'000};
  double multiplier = 2;
  double jitter = 0.5;           ///< a wait is drawn from [1 - jitter, 1 + jitter] times itself
  double rate_limit_factor = 2;  ///< backoff is longer by this after a 429 without a hint
  milliseconds max_outage{3'600'000};  ///< an API that fails so long is waited for no more
  int max_rate_limit_waits = 100;      ///< then the task ends in error: retries are bounded
};

/// How the provider's limiter admits (formulas: docs/limits.md).
enum class limit_shape : std::uint8_t { bucket, fixed_window, sliding_log };

/// At most `amount` of `counts` in each `window`.
struct rate_limit {
  dimension counts = dimension::requests;
  double amount = 0;
  milliseconds window{60'000};
  double burst = 1;  ///< bucket only: how much may go at once
  limit_shape shape = limit_shape::bucket;
  std::string key;  ///< the setting it came from, e.g. `rpm`; names it in output
  /// Fixed window only: one begins so long after each whole multiple of `window` since the Unix
  /// epoch. Absent: nobody knows.
  std::optional<milliseconds> window_start{};
};

/// What a token limit is charged with when a request is admitted.
enum class reserve_policy : std::uint8_t { max_tokens, expected, none };

/// What the limits that an API states or enforces apply to.
enum class limit_scope : std::uint8_t {
  account,
  model,
  address,  ///< the egress address that a request leaves by
};

/// What an API lets each egress address do, whoever asks from there; on top of the account's.
struct address_limits {
  std::optional<int> max_parallel;
  std::vector<rate_limit> rates;

  bool any() const { return max_parallel || !rates.empty(); }
};

struct limit_settings {
  int max_parallel = 16;
  std::vector<rate_limit> rates;
  reserve_policy reserve = reserve_policy::max_tokens;
  std::optional<bool> refund;  ///< unused tokens come back; absent: unless the cap is reserved
  limit_scope scope = limit_scope::account;
  bool shrink_on_overload = true;  ///< a 503 lowers what is in flight at its model
  std::map<std::string, std::vector<rate_limit>> models;  ///< of single models, on top of `rates`
  address_limits each_address;

  /// Whether it matters where a request leaves from.
  bool by_address() const { return scope == limit_scope::address || each_address.any(); }
};

/// What may be spent; reserved before a request is sent, so that it is passed by nothing but what
/// the answers cost more than expected.
struct budget {
  std::optional<double> max_cost_usd;
  std::optional<std::int64_t> max_tokens_total;  ///< input and output together
  std::optional<milliseconds> deadline;          ///< from the start of the run

  bool operator==(const budget&) const = default;
};

/// Several small independent requests in one call (docs/fewer_calls.md). `max_items == 1`: off.
struct batching_settings {
  int max_items = 1;
  int max_calls = 1;           ///< combined calls in flight at the same time
  milliseconds spacing{2000};  ///< between the starts of two of them

  bool operator==(const batching_settings&) const = default;
};

/// How the tasks of an experiment reach their providers (docs/fewer_calls.md).
enum class delivery_mode : std::uint8_t {
  single,  ///< each by a call of its own, or several in one
  batch,   ///< through the provider's own batch endpoint: within a day, at a lower price
};

/// How an account's batch endpoint is used.
struct batch_settings {
  double price_factor = 0.5;          ///< of what single calls cost here
  milliseconds poll{10'000};          ///< first wait before asking how a batch stands; it grows
  milliseconds longest_poll{60'000};  ///< ... up to this
  int max_items = 20'000;             ///< requests in a batch; the endpoint's own limit holds too

  bool operator==(const batch_settings&) const = default;
};

/// When the answer to an equal request is taken instead of asking again.
struct cache_settings {
  bool on = true;
  std::optional<milliseconds> ttl;  ///< how old such an answer may be; any age if absent
  bool across_accounts = false;     ///< also answers that another provider gave

  bool operator==(const cache_settings&) const = default;
};

/// Where the key of a provider is found. Never the key itself.
struct credential_source {
  std::string env;   ///< name of an environment variable
  std::string file;  ///< path of a file that only its owner can read
};

struct provider_settings {
  std::string name;
  std::string dialect = "openai";
  std::string base_url;  ///< `mock:NAME` for an embedded simulated provider
  std::string api_version;
  credential_source credential;
  std::vector<std::pair<std::string, std::string>> headers;
  limit_settings limits;
  timeouts limits_of_time;
  retry_policy retry;
  budget spending;          ///< of this account, for each run
  double weight = 1;        ///< its part of work that several providers could take at the same time
  double price_factor = 1;  ///< of the models' prices here
  batch_settings batch;
  std::vector<std::string> node_tags;  ///< only nodes that have all of them call it
  std::string proxy;
  std::string ca_file;  ///< a PEM bundle instead of the system's
};

// -- models ---------------------------------------------------------------------------------------

/// USD per 1,000,000 tokens.
struct price_table {
  std::optional<double> input;
  std::optional<double> cached_input;
  std::optional<double> cache_write;
  std::optional<double> output;
};

/// Who gets a task that several providers could take.
enum class route_policy : std::uint8_t {
  any_room,       ///< whoever has room first
  cost_first,     ///< the cheapest that has room
  latency_first,  ///< the one that answers fastest
};

struct model_settings {
  std::string name;
  std::string model_name;  ///< on the wire; `name` if not set
  std::vector<std::string> providers;
  std::vector<std::string> fallback;  ///< providers asked only while none of `providers` can serve
  route_policy route = route_policy::any_room;
  std::optional<std::int32_t> max_tokens;
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<std::int64_t> seed;
  std::vector<std::string> stop;
  std::optional<bool> reasoning;
  bool stream = true;
  price_table prices;
  std::string extra_json;  ///< a JSON object, keys sorted; empty for none
};

// -- datasets and prompts -------------------------------------------------------------------------

enum class dataset_format : std::uint8_t { jsonl, json, csv };

/// Which field of a row means what: a field name, or a path `a.b.0`; `choices` may also list
/// several columns (`A, B, C`). Empty: a few usual names are tried (docs/prompts.md); without any,
/// `id` is the row's number.
struct field_mapping {
  std::string id;
  std::string input;
  std::string target;
  std::string choices;
  std::string task_type;
  std::string difficulty;
  std::vector<std::string> tags;
};

struct dataset_settings {
  std::string name;
  std::string path;
  std::string declared_at;  ///< `file:line:column` of the declaration, for messages
  dataset_format format = dataset_format::jsonl;
  field_mapping fields;
  /// Keep a row only if the field has one of the values.
  std::vector<std::pair<std::string, std::vector<std::string>>> filter;
  std::optional<std::size_t> limit;
  std::optional<std::uint64_t> shuffle_seed;
  std::string task_type;   ///< for rows that name none
  std::string difficulty;  ///< for rows that name none
};

struct few_shot_example {
  std::string user;
  std::string assistant;
};

/// A mustache template over the sample: `{{input}}`, `{{choices}}`, `{{fields.NAME}}` ... without
/// HTML escaping.
struct prompt_settings {
  std::string name;
  std::string declared_at;
  std::string library;  ///< a named template of the library that fills what is not set here
  std::optional<std::string> system;
  std::optional<std::string> user;
  std::vector<few_shot_example> few_shot;
};

// -- programs -------------------------------------------------------------------------------------

/// What a program written by a model may use while it runs (docs/programs.md).
struct sandbox_settings {
  int workers = 0;            ///< programs at the same time; 0: one per core
  milliseconds wall{10'000};  ///< from start to end
  milliseconds cpu{10'000};   ///< of one process, in whole seconds
  int memory_mb = 512;        ///< address space of one process
  int disk_mb = 32;           ///< of its work folder
  int output_kb = 256;        ///< standard output and error, each
  int open_files = 64;
  int processes = 16;   ///< and threads
  bool unsafe = false;  ///< without bubblewrap; only by `--unsafe-no-sandbox`

  bool operator==(const sandbox_settings&) const = default;
};

// -- tools and agents -----------------------------------------------------------------------------

/// A tool declared in the file: a command that gets the arguments as JSON on its standard input.
struct tool_settings {
  std::string name;
  std::string declared_at;
  std::string description;
  std::string parameters;            ///< JSON Schema of the arguments, an object, as text
  std::vector<std::string> command;  ///< program and arguments; runs in the sandbox
  milliseconds timeout{10'000};
};

/// How samples are put to a model that may use tools (docs/agents.md).
struct agent_settings {
  std::vector<std::string> tools;  ///< `calculator`, `python`, `files`, `search`, or declared ones
  int max_steps = 10;              ///< model calls of a sample
  std::optional<std::int64_t> max_tokens;  ///< of a sample, input and output of all its calls
  std::optional<double> max_cost_usd;      ///< of a sample
  milliseconds max_working_time{600'000};  ///< of calls and tools; waiting does not count
  std::string folder;                      ///< what the tool `files` may read
  std::string documents;                   ///< field of the sample that the tool `search` searches
};

/// How `assay extract` fills a template (docs/extraction.md).
struct extraction_settings {
  std::string model;
  std::string embedding_model;  ///< empty: passages are ranked by their words only
  int passage_chars = 1'200;
  int passage_overlap = 200;  ///< characters that neighbours share
  int passages_per_field = 3;
  int fields_per_call = 12;
  int asks = 2;  ///< of a field, the first included
};

// -- judges ---------------------------------------------------------------------------------------

/// One step on the way from the answer to what is compared, e.g. {type = "regex", pattern = "..."}.
struct filter_settings {
  std::string type;
  std::string pattern;
  std::string replacement;
  int select = 0;  ///< which match: 0 the first, -1 the last
};

/// One point of a list by which a model grades.
struct rubric_item {
  std::string text;
  double weight = 1;

  bool operator==(const rubric_item&) const = default;
};

/// How models grade (docs/model_judges.md).
struct grader_settings {
  std::vector<std::string> models;    ///< the panel
  std::optional<std::string> system;  ///< instead of the type's own
  std::optional<std::string> prompt;  ///< instead of the type's own
  bool partial_credit = false;
  std::vector<rubric_item> rubric;
  std::string vote = "majority";  ///< or `mean`
  std::string tie = "unscored";   ///< of a majority: or `first`, `lowest`, `highest`
  int asks = 3;                   ///< of each member, when a grade is empty or cannot be read
  std::string against;            ///< field of the sample that answers are held against

  bool operator==(const grader_settings&) const = default;
};

struct judge_settings {
  std::string name;
  std::string type;  ///< `exact`, `numeric` ... or a named judge such as `gsm8k-strict`
  std::string declared_at;
  std::vector<filter_settings> filters;
  std::string pattern;  ///< regex judge
  bool ignore_case = false;
  bool ignore_punctuation = false;
  bool ignore_numbers = false;
  std::vector<std::string> regexes_to_ignore;
  double tolerance = 0;           ///< absolute
  double relative_tolerance = 0;  ///< of the target
  std::vector<std::string> json_fields;
  std::string schema_file;
  int k = 1;                  ///< pass-at-k, program
  std::string compare;        ///< program: the judge type that reads what it prints; empty: numeric
  sandbox_settings programs;  ///< program, command: the file's `[sandbox]`
  grader_settings grader;     ///< judges that ask a model
  std::vector<std::string> command;  ///< command: program and arguments
};

// -- simulated providers --------------------------------------------------------------------------

/// A log-normal distribution by its median and 99th percentile; equal values mean a constant.
struct distribution {
  double median = 0;
  double p99 = 0;
};

struct mock_model {
  std::string name;
  double accuracy = 1;            ///< fraction of samples answered rightly
  bool programs = false;          ///< answers with Python programs
  bool resample = false;          ///< the same prompt, asked again, draws another answer
  std::string plays = "answers";  ///< what part it plays (docs/mock.md)
  distribution first_token_ms{50, 50};
  distribution output_tokens{20, 20};
  double tokens_per_second = 0;  ///< 0: the whole answer at once
};

/// Chances per attempt, each 0 ... 1.
struct mock_faults {
  double http_500 = 0;
  double http_429 = 0;
  double overloaded = 0;
  double close = 0;        ///< connection closed without a byte
  double hang = 0;         ///< connection kept open without a byte
  double cut = 0;          ///< stream cut in the middle
  double stall = 0;        ///< stream stops in the middle
  double error_event = 0;  ///< error event within a 200 stream
  double no_terminator = 0;
  double bad_json = 0;
};

/// How a simulated limiter departs from the plain shapes. Applies to all its rates.
struct limiter_habits {
  milliseconds slice{0};        ///< counts in fixed windows of this length instead; 0: does not
  milliseconds phase{0};        ///< of its window that had passed when the first request came
  bool rejected_count = false;  ///< a rejected request also uses up what is left
  double other_share = 0;       ///< part of each rate that another client of the account takes ...
  milliseconds other_cycle{120'000};  ///< ... in the second half of each such cycle
  milliseconds change_at{0};          ///< after the first request; 0: never
  double change_factor = 1;           ///< of amounts and bursts, from then on

  bool operator==(const limiter_habits&) const = default;
};

/// How a simulated provider treats batches.
struct mock_batch {
  milliseconds time{2'000};  ///< from the creation of a batch to its end
  double expired = 0;        ///< chance that a request of a batch expires unanswered
};

struct mock_settings {
  std::string name;
  std::uint64_t seed = 1;
  std::string
      api_key;  ///< the key clients must send; empty accepts any. A made-up one, not a secret
  std::vector<mock_model> models;
  std::vector<std::string> datasets;  ///< whose targets it knows
  limit_settings limits{.max_parallel = 0, .rates = {}};
  limiter_habits limiter;
  bool rate_headers = true;
  mock_faults faults;
  mock_batch batch;
};

// -- experiments ----------------------------------------------------------------------------------

/// When enough samples were asked: as soon as the interval of a judge's mean is narrow, which holds
/// at whatever moment one looks (docs/compare.md).
struct stop_rule {
  std::string judge;
  double half_width = 0.02;
  double confidence = 0.95;
  std::size_t min_samples = 100;
};

/// What is watched in the stream of results (docs/watching.md).
struct watch_settings {
  bool on = true;
  int window = 100;             ///< answers of a window
  double significance = 0.001;  ///< of a change against what came before
};

struct experiment_settings {
  std::string name;
  std::string declared_at;
  std::vector<std::string> datasets;
  std::vector<std::string> models;
  std::vector<std::string> prompts;
  std::vector<std::string> judges;
  std::string mode = "direct_answer";
  std::optional<std::size_t> instances;  ///< per cell; all samples if absent
  std::uint32_t epochs = 1;
  std::optional<int> concurrency;  ///< cap over all providers
  std::optional<std::size_t> max_tasks;
  budget spending;
  int priority = 0;    ///< of several runs on one account, a higher one goes first
  double weight = 1;   ///< share of an account among runs of the same priority
  double hedge = 0.0;  ///< part of the tasks that may be sent twice at the end of the run
  cache_settings cache;
  batching_settings batching;
  delivery_mode delivery = delivery_mode::single;
  std::map<std::string, double> thresholds;  ///< judge -> least mean score
  agent_settings agent;
  std::optional<stop_rule> stop_when;
  watch_settings watch;
  double judge_reserve = 0.2;  ///< part of each account that is for judges first
};

// -- nodes ----------------------------------------------------------------------------------------

/// Where nodes find the API keys of the accounts that they call.
enum class node_credentials : std::uint8_t {
  own,          ///< in their own environment and files
  coordinator,  ///< the coordinator sends its own along
};

/// How `assay serve` takes nodes in (docs/nodes.md).
struct node_settings {
  std::string listen;                ///< `HOST:PORT`
  std::string certificates;          ///< folder with `ca.pem`, `NAME.pem` and `NAME.key`
  std::vector<std::string> allowed;  ///< names of nodes; empty: all whose certificate is ours
  node_credentials credentials = node_credentials::own;
  milliseconds heartbeat{1'000};
  int missed_heartbeats = 3;  ///< then a node is lost
  int max_connections = 256;
  int max_message_mb = 16;        ///< in either direction
  milliseconds handshake{5'000};  ///< a peer that takes longer is dropped
  milliseconds bad_lag{100};      ///< a node whose clock or loop is worse is not measured with
};

/// A whole experiment file with everything it includes.
struct settings {
  std::string file;
  std::string ledger;      ///< path; empty: the default
  std::string report_dir;  ///< path; empty: the default
  std::vector<provider_settings> providers;
  std::vector<model_settings> models;
  std::vector<dataset_settings> datasets;
  std::vector<prompt_settings> prompts;
  std::vector<judge_settings> judges;
  sandbox_settings sandbox;
  std::vector<tool_settings> tools;
  extraction_settings extraction;
  node_settings nodes;
  std::vector<mock_settings> mocks;
  std::vector<experiment_settings> experiments;
};

/// The entry called `name`, or null.
template <class T>
const T* find_named(const std::vector<T>& entries, const std::string& name) {
  for (const auto& entry : entries)
    if (entry.name == name) return &entry;
  return nullptr;
}

}  // namespace assay
