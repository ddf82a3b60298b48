#pragma once

namespace assay::tests {

/// An experiment with all its tables; each value must arrive as it stands here.
inline constexpr const char* whole_experiment = R"toml(
ledger = "my.db"
report_dir = "out"

[providers.main]
dialect = "azure"
base_url = "https://x.openai.azure.com"
api_version = "2024-10-21"
api_key_env = "AZURE_KEY"
headers = { X-B = "2", X-A = "1" }
max_parallel = 8
node_tags = ["region=eu", "gpu"]
proxy = "http://proxy:3128"
ca_file = "ca.pem"
reserve = "expected"
timeouts = { connect = "1s", first_byte = "1.5s", idle = "500ms", total = 90 }

[providers.main.retry]
max_retries = 7
initial_backoff = 0.25
max_backoff = "1m"
multiplier = 3
jitter = 0.1
rate_limit_factor = 4
max_rate_limit_waits = 9

[models.m]
providers = ["main"]
model_name = "gpt-4o"
max_tokens = 100
temperature = 0.5
top_p = 0.9
seed = -3
stop = ["\n", "END"]
reasoning = true
stream = false
prices = { input = 1, cached_input = 0.5, cache_write = 1.25, output = 4 }
extra = { z = [1, 2.0, true], a = { c = "x\"y", b = -1.5 } }

[datasets.d]
path = "data/d.csv"
fields = { id = "n", input = "q", target = "a", choices = "c", task_type = "t", difficulty = "l", tags = ["x", "y"] }
filter = { level = [1, "2"], kind = "k", ok = true }
limit = 10
shuffle_seed = 4
task_type = "qa"
difficulty = "easy"

[prompts.p]
library = "cot"
system = "S"
user = "U {{input}}"
few_shot = [{ user = "u1", assistant = "a1" }, { user = "u2", assistant = "" }]

[judges.j]
type = "regex"
pattern = "(\\d+)"
filters = [{ type = "regex", pattern = "x", replacement = "y", select = -1 }, { type = "lower" }]
ignore_case = true
ignore_punctuation = true
ignore_numbers = true
regexes_to_ignore = [","]
tolerance = 0.5
relative_tolerance = 0.01
json_fields = ["a.b"]
schema_file = "s.json"
k = 2
compare = "exact"
command = ["python3", "./grade.py", "strict"]

[judges.g]
type = "rubric"
models = ["m"]
system = ""
prompt = "{{answer}} {{form}}"
partial_credit = true
rubric = ["short", { text = "polite", weight = 2 }]
vote = "majority"
tie = "lowest"
asks = 5
against = "other"

[sandbox]
workers = 3
wall = "2s"
cpu = "4s"
memory_mb = 100
disk_mb = 5
output_kb = 6
open_files = 20
processes = 8

[nodes]
listen = "0.0.0.0:7400"
certificates = "certs"
allowed = ["n1", "n2"]
credentials = "coordinator"
heartbeat = "200ms"
missed_heartbeats = 5
max_connections = 9
max_message_mb = 3
handshake = "1s"
bad_lag = "20ms"

[mocks.k]
seed = 9
api_key = "made-up"
datasets = "d"
rate_headers = false
max_parallel = 3
qps = 5
models.good = { accuracy = 0.9, first_token_ms = 40, output_tokens = { median = 10, p99 = 30 }, tokens_per_second = 100, plays = "judge", programs = true, resample = true }
models.bad = {}
faults = { http_500 = 0.01, http_429 = 0.02, overloaded = 0.03, close = 0.04, hang = 0.05, cut = 0.06, stall = 0.07, error_event = 0.08, no_terminator = 0.09, bad_json = 0.1 }
limiter = { slice = "1s", phase = "200ms", rejected_count = true, other_share = 0.4, other_cycle = 60, change_at = "90s", change_factor = 0.5 }

[experiments.e]
datasets = ["d"]
models = ["m"]
prompts = ["p"]
judges = ["j", "g"]
mode = "direct_answer"
instances = 5
epochs = 2
concurrency = 6
max_tasks = 7
max_cost_usd = 0.5
thresholds = { j = 0.75 }
stop_when = { judge = "g", half_width = 0.03, confidence = 0.9, min_samples = 40 }
)toml";

}  // namespace assay::tests
