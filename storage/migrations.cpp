#include <iterator>

#include "storage/migrations.hpp"

namespace assay::storage {

namespace {

/// Version 1. Slim tables stand beside text tables (samples/sample_texts, outcomes/answers), so
/// that scores and "what is missing" never read the texts. Ids grow in plan order, so that
/// neighbours in a plan are neighbours in the file; the random keys are in one index only.
/// Enumerations are the numbers of messages/*.hpp; moments are nanoseconds since the Unix epoch;
/// NULL is "unknown" or "did not happen". `tags`, `targets`, ... are JSON (storage/json_text.hpp).
constexpr char tables[] = R"sql(
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  experiment TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  file TEXT NOT NULL,
  setup TEXT NOT NULL,
  state INTEGER NOT NULL,
  started_ns INTEGER NOT NULL,
  opened_ns INTEGER NOT NULL,
  ended_ns INTEGER NOT NULL,
  summary TEXT NOT NULL,
  UNIQUE (experiment, fingerprint)
) STRICT;

CREATE TABLE cells (
  id INTEGER PRIMARY KEY,
  dataset TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt TEXT NOT NULL,
  task_type TEXT NOT NULL,
  difficulty TEXT NOT NULL,
  mode TEXT NOT NULL,
  UNIQUE (dataset, model, prompt, task_type, difficulty, mode)
) STRICT;

CREATE TABLE samples (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  sample_id TEXT NOT NULL,
  task_type TEXT NOT NULL,
  difficulty TEXT NOT NULL,
  tags TEXT NOT NULL
) STRICT;

CREATE TABLE sample_texts (
  sample INTEGER PRIMARY KEY REFERENCES samples (id),
  input TEXT NOT NULL,
  targets TEXT NOT NULL,
  choices TEXT NOT NULL,
  fields TEXT NOT NULL
) STRICT;

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  messages TEXT NOT NULL
) STRICT;

CREATE TABLE parameters (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  model TEXT NOT NULL,
  max_tokens INTEGER,
  temperature REAL,
  top_p REAL,
  seed INTEGER,
  stop TEXT NOT NULL,
  reasoning INTEGER,
  extra TEXT NOT NULL,
  stream INTEGER NOT NULL,
  providers TEXT NOT NULL
) STRICT;

CREATE TABLE tasks (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  epoch INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  parameters INTEGER NOT NULL REFERENCES parameters (id),
  input_tokens INTEGER NOT NULL
) STRICT;

CREATE TABLE run_tasks (
  run INTEGER NOT NULL REFERENCES runs (id),
  position INTEGER NOT NULL,
  task INTEGER NOT NULL REFERENCES tasks (id),
  cell INTEGER NOT NULL REFERENCES cells (id),
  sample INTEGER NOT NULL REFERENCES samples (id),
  PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcomes (
  task INTEGER PRIMARY KEY REFERENCES tasks (id),
  run INTEGER NOT NULL REFERENCES runs (id),
  status INTEGER NOT NULL,
  error_class INTEGER NOT NULL,
  error_code TEXT,
  error_type TEXT,
  error_message TEXT,
  retry_after_ms INTEGER,
  limited INTEGER,
  finish INTEGER NOT NULL,
  finish_reason TEXT,
  provider TEXT NOT NULL,
  model TEXT,
  response_id TEXT,
  system_fingerprint TEXT,
  service_tier TEXT,
  input_tokens INTEGER,
  cached_input_tokens INTEGER,
  cache_write_tokens INTEGER,
  output_tokens INTEGER,
  reasoning_tokens INTEGER,
  billed_usd REAL,
  cost_usd REAL,
  sent_ns INTEGER,
  done_ns INTEGER
) STRICT;

CREATE TABLE answers (
  task INTEGER PRIMARY KEY REFERENCES tasks (id),
  text TEXT NOT NULL,
  reasoning TEXT NOT NULL,
  refusal TEXT NOT NULL
) STRICT;

CREATE TABLE attempts (
  run INTEGER NOT NULL REFERENCES runs (id),
  task INTEGER NOT NULL REFERENCES tasks (id),
  began_ns INTEGER NOT NULL,
  number INTEGER NOT NULL,
  cell INTEGER NOT NULL REFERENCES cells (id),
  provider TEXT NOT NULL,
  http_status INTEGER NOT NULL,
  request_id TEXT,
  error_class INTEGER NOT NULL,
  error_code TEXT,
  error_type TEXT,
  error_message TEXT,
  retry_after_ms INTEGER,
  limited INTEGER,
  input_tokens INTEGER,
  cached_input_tokens INTEGER,
  cache_write_tokens INTEGER,
  output_tokens INTEGER,
  reasoning_tokens INTEGER,
  billed_usd REAL,
  cost_usd REAL,
  intended_ns INTEGER,
  admitted_ns INTEGER,
  sent_ns INTEGER,
  first_byte_ns INTEGER,
  first_event_ns INTEGER,
  first_reasoning_ns INTEGER,
  first_content_ns INTEGER,
  last_content_ns INTEGER,
  done_ns INTEGER,
  bytes_received INTEGER NOT NULL,
  content_events INTEGER NOT NULL,
  new_connection INTEGER NOT NULL,
  limits TEXT,
  PRIMARY KEY (run, task, began_ns, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE verdicts (
  task INTEGER NOT NULL REFERENCES tasks (id),
  judge TEXT NOT NULL,
  version TEXT NOT NULL,
  scored INTEGER NOT NULL,
  score REAL,
  extracted TEXT NOT NULL,
  explanation TEXT NOT NULL,
  PRIMARY KEY (task, judge)
) STRICT, WITHOUT ROWID;
)sql";

/// Version 2: views with names and units for people who ask in SQL (docs/ledger.md).
constexpr char views[] = R"sql(
CREATE VIEW error_classes (id, name) AS VALUES
  (0, 'none'), (1, 'rate_limited'), (2, 'ramp_limited'), (3, 'quota_exhausted'),
  (4, 'overloaded'), (5, 'server_error'), (6, 'transport'), (7, 'timeout'), (8, 'auth'),
  (9, 'bad_request'), (10, 'context_too_long'), (11, 'content_filtered'), (12, 'refusal'),
  (13, 'cancelled');

CREATE VIEW results AS
SELECT r.run, r.position, lower(hex(t.key)) AS key, t.epoch, c.dataset, c.model, c.prompt,
  c.task_type, c.difficulty, c.mode, s.sample_id, s.tags,
  CASE o.status WHEN 0 THEN 'answered' WHEN 1 THEN 'refused' WHEN 2 THEN 'filtered'
    WHEN 3 THEN 'error' ELSE 'missing' END AS status,
  e.name AS error_class, o.error_message, o.provider, o.finish_reason, o.input_tokens,
  o.output_tokens, o.reasoning_tokens, o.cost_usd, (o.done_ns - o.sent_ns) / 1e6 AS latency_ms,
  a.text AS answer, t.id AS task
FROM run_tasks r
JOIN tasks t ON t.id = r.task
JOIN cells c ON c.id = r.cell
JOIN samples s ON s.id = r.sample
LEFT JOIN outcomes o ON o.task = r.task
LEFT JOIN answers a ON a.task = r.task
LEFT JOIN error_classes e ON e.id = o.error_class;

CREATE VIEW scores AS
SELECT r.run, r.position, c.dataset, c.model, c.prompt, c.task_type, c.difficulty, c.mode,
  t.epoch, s.sample_id, s.tags, v.judge, CASE WHEN v.scored = 1 THEN v.score END AS score, v.extracted,
  v.explanation, v.task
FROM run_tasks r
JOIN verdicts v ON v.task = r.task
JOIN tasks t ON t.id = r.task
JOIN cells c ON c.id = r.cell
JOIN samples s ON s.id = r.sample;

CREATE VIEW exchanges AS
SELECT a.run, a.task, a.number, a.provider, c.model, c.dataset, a.http_status, a.request_id,
  e.name AS error_class, a.error_message, a.input_tokens, a.output_tokens, a.cost_usd,
  datetime(a.sent_ns / 1000000000, 'unixepoch') AS sent_utc,
  (a.admitted_ns - a.intended_ns) / 1e6 AS waited_ms,
  (a.first_content_ns - a.sent_ns) / 1e6 AS first_content_ms,
  (a.done_ns - a.sent_ns) / 1e6 AS latency_ms, a.new_connection
FROM attempts a
JOIN cells c ON c.id = a.cell
LEFT JOIN error_classes e ON e.id = a.error_class;
)sql";

/// Version 3: exchanges that several tasks share, copied answers, accounts, and the batches that
/// were handed to a provider. A copy points to the original, never to another copy.
constexpr char fewer_calls[] = R"sql(
ALTER TABLE attempts ADD COLUMN items INTEGER NOT NULL DEFAULT 1;
ALTER TABLE attempts ADD COLUMN hedge INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outcomes ADD COLUMN items INTEGER NOT NULL DEFAULT 1;
ALTER TABLE outcomes ADD COLUMN cached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outcomes ADD COLUMN copied_from INTEGER REFERENCES tasks (id);

CREATE INDEX tasks_by_request ON tasks (conversation, epoch, parameters);

CREATE TABLE accounts (
  identity TEXT PRIMARY KEY,
  limiter TEXT NOT NULL,
  saved_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE provider_batches (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id),
  provider TEXT NOT NULL,
  batch_id TEXT NOT NULL,
  state INTEGER NOT NULL,
  announced_ns INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL,
  tasks TEXT NOT NULL
) STRICT;

CREATE INDEX provider_batches_by_run ON provider_batches (run);

DROP VIEW results;
CREATE VIEW results AS
SELECT r.run, r.position, lower(hex(t.key)) AS key, t.epoch, c.dataset, c.model, c.prompt,
  c.task_type, c.difficulty, c.mode, s.sample_id, s.tags,
  CASE o.status WHEN 0 THEN 'answered' WHEN 1 THEN 'refused' WHEN 2 THEN 'filtered'
    WHEN 3 THEN 'error' ELSE 'missing' END AS status,
  e.name AS error_class, o.error_message, o.provider, o.finish_reason, o.input_tokens,
  o.output_tokens, o.reasoning_tokens, o.cost_usd, (o.done_ns - o.sent_ns) / 1e6 AS latency_ms,
  a.text AS answer, t.id AS task, o.run AS answered_in, o.cached, o.copied_from
FROM run_tasks r
JOIN tasks t ON t.id = r.task
JOIN cells c ON c.id = r.cell
JOIN samples s ON s.id = r.sample
LEFT JOIN outcomes o ON o.task = r.task
LEFT JOIN answers a ON a.task = r.task
LEFT JOIN error_classes e ON e.id = o.error_class;

DROP VIEW exchanges;
CREATE VIEW exchanges AS
SELECT a.run, a.task, a.number, a.provider, c.model, c.dataset, a.http_status, a.request_id,
  e.name AS error_class, a.error_message, a.input_tokens, a.output_tokens, a.cost_usd,
  datetime(a.sent_ns / 1000000000, 'unixepoch') AS sent_utc,
  (a.admitted_ns - a.intended_ns) / 1e6 AS waited_ms,
  (a.first_content_ns - a.sent_ns) / 1e6 AS first_content_ms,
  (a.done_ns - a.sent_ns) / 1e6 AS latency_ms, a.new_connection, a.items, a.hedge
FROM attempts a
JOIN cells c ON c.id = a.cell
LEFT JOIN error_classes e ON e.id = a.error_class;
)sql";

/// Version 4: the limits that a run found out, of which the newest of an account serve the next
/// run. Nothing was ever written to `accounts`.
constexpr char known_limits_of_runs[] = R"sql(
DROP TABLE accounts;

CREATE TABLE known_limits (
  run INTEGER NOT NULL REFERENCES runs (id),
  provider TEXT NOT NULL,
  account TEXT NOT NULL,
  limits TEXT NOT NULL,
  saved_ns INTEGER NOT NULL,
  PRIMARY KEY (run, provider)
) STRICT, WITHOUT ROWID;

CREATE INDEX known_limits_by_account ON known_limits (account, saved_ns);
)sql";

/// Version 5: requests that went through a provider's own batch endpoint.
constexpr char own_batches[] = R"sql(
ALTER TABLE attempts ADD COLUMN batched INTEGER NOT NULL DEFAULT 0;

DROP VIEW exchanges;
CREATE VIEW exchanges AS
SELECT a.run, a.task, a.number, a.provider, c.model, c.dataset, a.http_status, a.request_id,
  e.name AS error_class, a.error_message, a.input_tokens, a.output_tokens, a.cost_usd,
  datetime(a.sent_ns / 1000000000, 'unixepoch') AS sent_utc,
  (a.admitted_ns - a.intended_ns) / 1e6 AS waited_ms,
  (a.first_content_ns - a.sent_ns) / 1e6 AS first_content_ms,
  (a.done_ns - a.sent_ns) / 1e6 AS latency_ms, a.new_connection, a.items, a.hedge, a.batched
FROM attempts a
JOIN cells c ON c.id = a.cell
LEFT JOIN error_classes e ON e.id = a.error_class;
)sql";

/// Version 6: calls of an agent and of judges, tools, and what an answer wants of them. A step is a
/// task that serves another one; it is in no run's plan.
constexpr char steps_of_tasks[] = R"sql(
ALTER TABLE parameters ADD COLUMN tools TEXT NOT NULL DEFAULT '[]';
ALTER TABLE parameters ADD COLUMN endpoint INTEGER NOT NULL DEFAULT 0;
ALTER TABLE answers ADD COLUMN calls TEXT NOT NULL DEFAULT '[]';

CREATE TABLE steps (
  parent INTEGER NOT NULL REFERENCES tasks (id),
  task INTEGER NOT NULL UNIQUE REFERENCES tasks (id),
  cell INTEGER NOT NULL REFERENCES cells (id),
  sample INTEGER NOT NULL REFERENCES samples (id),
  PRIMARY KEY (parent, task)
) STRICT, WITHOUT ROWID;
)sql";

/// Version 7: the node that ran an exchange, and what tells equal answers apart from others.
constexpr char origins[] = R"sql(
ALTER TABLE attempts ADD COLUMN node TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN clock_offset_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN clock_error_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outcomes ADD COLUMN node TEXT NOT NULL DEFAULT '';
ALTER TABLE outcomes ADD COLUMN text_digest INTEGER;

DROP VIEW error_classes;
CREATE VIEW error_classes (id, name) AS VALUES
  (0, 'none'), (1, 'rate_limited'), (2, 'ramp_limited'), (3, 'quota_exhausted'),
  (4, 'overloaded'), (5, 'server_error'), (6, 'transport'), (7, 'timeout'), (8, 'auth'),
  (9, 'bad_request'), (10, 'context_too_long'), (11, 'content_filtered'), (12, 'refusal'),
  (13, 'cancelled'), (14, 'node_lost');

DROP VIEW exchanges;
CREATE VIEW exchanges AS
SELECT a.run, a.task, a.number, a.provider, c.model, c.dataset, a.http_status, a.request_id,
  e.name AS error_class, a.error_message, a.input_tokens, a.output_tokens, a.cost_usd,
  datetime(a.sent_ns / 1000000000, 'unixepoch') AS sent_utc,
  (a.admitted_ns - a.intended_ns) / 1e6 AS waited_ms,
  (a.first_content_ns - a.sent_ns) / 1e6 AS first_content_ms,
  (a.done_ns - a.sent_ns) / 1e6 AS latency_ms, a.new_connection, a.items, a.hedge, a.batched,
  a.node, a.clock_error_ns / 1e6 AS clock_error_ms
FROM attempts a
JOIN cells c ON c.id = a.cell
LEFT JOIN error_classes e ON e.id = a.error_class;
)sql";

/// Version 8: what a provider wants back with the results of tools.
constexpr char thinking_of_answers[] = R"sql(
ALTER TABLE answers ADD COLUMN thinking TEXT NOT NULL DEFAULT '';
)sql";

/// Version 9: who coordinates, in which term (`ledger::lead`).
constexpr char leases[] = R"sql(
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  term INTEGER NOT NULL,
  holder TEXT NOT NULL,
  renewed_ns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

/// Version 10: what only coordinators of this ledger know (`ledger::secret`).
constexpr char secrets_of_coordinators[] = R"sql(
CREATE TABLE secrets (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

/// Version 11: the address by which an exchange left, where that is not the coordinator's.
constexpr char egress_addresses[] = R"sql(
ALTER TABLE attempts ADD COLUMN egress TEXT NOT NULL DEFAULT '';
)sql";

/// Migration i leads from version i to version i + 1. Only ever appended to.
constexpr const char* migrations[] = {tables,          views,
                                      fewer_calls,     known_limits_of_runs,
                                      own_batches,     steps_of_tasks,
                                      origins,         thinking_of_answers,
                                      leases,          secrets_of_coordinators,
                                      egress_addresses};

}  // namespace

const std::int64_t newest_schema = std::size(migrations);

const char* migration_from(std::int64_t version) { return migrations[version]; }

}  // namespace assay::storage
