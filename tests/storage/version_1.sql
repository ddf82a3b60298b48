-- A ledger as the first version wrote it: one run of two tasks, one of them answered and judged.
-- Written by hand and never changed; the migration test starts from it.
PRAGMA application_id = 1634956153;
PRAGMA user_version = 1;

CREATE TABLE runs (
  id INTEGER PRIMARY KEY, experiment TEXT NOT NULL, fingerprint TEXT NOT NULL, file TEXT NOT NULL,
  setup TEXT NOT NULL, state INTEGER NOT NULL, started_ns INTEGER NOT NULL,
  opened_ns INTEGER NOT NULL, ended_ns INTEGER NOT NULL, summary TEXT NOT NULL,
  UNIQUE (experiment, fingerprint)) STRICT;
CREATE TABLE cells (
  id INTEGER PRIMARY KEY, dataset TEXT NOT NULL, model TEXT NOT NULL, prompt TEXT NOT NULL,
  task_type TEXT NOT NULL, difficulty TEXT NOT NULL, mode TEXT NOT NULL,
  UNIQUE (dataset, model, prompt, task_type, difficulty, mode)) STRICT;
CREATE TABLE samples (
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, sample_id TEXT NOT NULL,
  task_type TEXT NOT NULL, difficulty TEXT NOT NULL, tags TEXT NOT NULL) STRICT;
CREATE TABLE sample_texts (
  sample INTEGER PRIMARY KEY REFERENCES samples (id), input TEXT NOT NULL, targets TEXT NOT NULL,
  choices TEXT NOT NULL, fields TEXT NOT NULL) STRICT;
CREATE TABLE conversations (
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, messages TEXT NOT NULL) STRICT;
CREATE TABLE parameters (
  id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, model TEXT NOT NULL, max_tokens INTEGER,
  temperature REAL, top_p REAL, seed INTEGER, stop TEXT NOT NULL, reasoning INTEGER,
  extra TEXT NOT NULL, stream INTEGER NOT NULL, providers TEXT NOT NULL) STRICT;
CREATE TABLE tasks (
  id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, epoch INTEGER NOT NULL,
  conversation INTEGER NOT NULL REFERENCES conversations (id),
  parameters INTEGER NOT NULL REFERENCES parameters (id), input_tokens INTEGER NOT NULL) STRICT;
CREATE TABLE run_tasks (
  run INTEGER NOT NULL REFERENCES runs (id), position INTEGER NOT NULL,
  task INTEGER NOT NULL REFERENCES tasks (id), cell INTEGER NOT NULL REFERENCES cells (id),
  sample INTEGER NOT NULL REFERENCES samples (id), PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE outcomes (
  task INTEGER PRIMARY KEY REFERENCES tasks (id), run INTEGER NOT NULL REFERENCES runs (id),
  status INTEGER NOT NULL, error_class INTEGER NOT NULL, error_code TEXT, error_type TEXT,
  error_message TEXT, retry_after_ms INTEGER, limited INTEGER, finish INTEGER NOT NULL,
  finish_reason TEXT, provider TEXT NOT NULL, model TEXT, response_id TEXT,
  system_fingerprint TEXT, service_tier TEXT, input_tokens INTEGER, cached_input_tokens INTEGER,
  cache_write_tokens INTEGER, output_tokens INTEGER, reasoning_tokens INTEGER, billed_usd REAL,
  cost_usd REAL, sent_ns INTEGER, done_ns INTEGER) STRICT;
CREATE TABLE answers (
  task INTEGER PRIMARY KEY REFERENCES tasks (id), text TEXT NOT NULL, reasoning TEXT NOT NULL,
  refusal TEXT NOT NULL) STRICT;
CREATE TABLE attempts (
  run INTEGER NOT NULL REFERENCES runs (id), task INTEGER NOT NULL REFERENCES tasks (id),
  began_ns INTEGER NOT NULL, number INTEGER NOT NULL, cell INTEGER NOT NULL REFERENCES cells (id),
  provider TEXT NOT NULL, http_status INTEGER NOT NULL, request_id TEXT,
  error_class INTEGER NOT NULL, error_code TEXT, error_type TEXT, error_message TEXT,
  retry_after_ms INTEGER, limited INTEGER, input_tokens INTEGER, cached_input_tokens INTEGER,
  cache_write_tokens INTEGER, output_tokens INTEGER, reasoning_tokens INTEGER, billed_usd REAL,
  cost_usd REAL, intended_ns INTEGER, admitted_ns INTEGER, sent_ns INTEGER,
  first_byte_ns INTEGER, first_event_ns INTEGER, first_reasoning_ns INTEGER,
  first_content_ns INTEGER, last_content_ns INTEGER, done_ns INTEGER,
  bytes_received INTEGER NOT NULL, content_events INTEGER NOT NULL,
  new_connection INTEGER NOT NULL, limits TEXT, PRIMARY KEY (run, task, began_ns, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE verdicts (
  task INTEGER NOT NULL REFERENCES tasks (id), judge TEXT NOT NULL, version TEXT NOT NULL,
  scored INTEGER NOT NULL, score REAL, extracted TEXT NOT NULL, explanation TEXT NOT NULL,
  PRIMARY KEY (task, judge)) STRICT, WITHOUT ROWID;

INSERT INTO runs VALUES
  (1, 'old experiment', 'f1', 'old.toml', '{}', 1, 1000000000, 1000000000, 2000000000, '{}');
INSERT INTO cells VALUES (1, 'sums', 'small', 'plain', '', '', 'direct_answer');
INSERT INTO samples VALUES (1, x'aa', 'six-seven', '', '', '["easy"]'), (2, x'bb', 'two', '', '', '[]');
INSERT INTO sample_texts VALUES
  (1, 'What is 6*7?', '["42"]', '[]', '{"source":"book"}'), (2, '1+1?', '["2"]', '[]', '{}');
INSERT INTO conversations VALUES
  (1, x'aa', '[{"role":"user","content":"What is 6*7?"}]'),
  (2, x'bb', '[{"role":"user","content":"1+1?"}]');
INSERT INTO parameters VALUES
  (1, x'cc', 'small-1', 64, 0.0, NULL, NULL, '[]', NULL, '', 1, '["left"]');
INSERT INTO tasks VALUES
  (1, x'000102030405060708090a0b0c0d0e0f', 1, 1, 1, 3),
  (2, x'100102030405060708090a0b0c0d0e0f', 1, 2, 1, 1);
INSERT INTO run_tasks VALUES (1, 0, 1, 1, 1), (1, 1, 2, 1, 2);
INSERT INTO outcomes VALUES
  (1, 1, 0, 0, NULL, NULL, NULL, NULL, NULL, 1, 'stop', 'left', 'small-1', 'chatcmpl-1', NULL,
   NULL, 12, NULL, NULL, 5, NULL, NULL, 0.001, 1500000000, 1750000000);
INSERT INTO answers VALUES (1, 'It is 42.', '', '');
INSERT INTO attempts VALUES
  (1, 1, 1400000000, 1, 1, 'left', 200, 'req-1', 0, NULL, NULL, NULL, NULL, NULL, 12, NULL, NULL, 5,
   NULL, NULL, 0.001, 1300000000, 1400000000, 1500000000, 1600000000, 1600000000, NULL,
   1610000000, 1740000000, 1750000000, 900, 5, 1,
   '[{"counts":"requests","limit":100,"remaining":99,"reset_ms":600}]');
INSERT INTO verdicts VALUES (1, 'exact', 'v1', 1, 1.0, '42', '');
