#include "config/load.hpp"

namespace assay::config {

namespace {

constexpr const char* starter_text =
    R"toml(# An experiment for assay.      check it: assay check FILE      run it: assay run FILE
# It works as it stands, against a simulated provider. All keys: docs/configuration.md

# ledger = "assay-results/ledger.db"   # all records; run again to do what is missing

# -- providers: where requests go ----------------------------------------------

[providers.demo]
base_url = "mock:demo"                 # the simulated provider at the end of this file

# A real one. The key stays out of this file: name the variable that holds it.
# [providers.openai]
# preset = "openai"                    # or anthropic, gemini, groq, together, openrouter, deepseek,
#                                      # dashscope, azure, vllm, llamacpp, ollama ...
# api_key_env = "OPENAI_API_KEY"
# max_parallel = 16
# rpm = 500                            # limits that are stated are never exceeded
# tpm = 200_000
# retry = { max_retries = 3, initial_backoff = "1s", max_backoff = "30s" }
# timeouts = { connect = "10s", first_byte = "60s", idle = "30s", total = "120s" }

# -- models --------------------------------------------------------------------

[models.small]
provider = "demo"
max_tokens = 256
temperature = 0
prices = { input = 0.10, output = 0.40 }   # US dollars per 1,000,000 tokens

# [models."gpt-4.1-mini"]              # a name with a dot needs quotes
# provider = "openai"
# extra = { service_tier = "flex" }    # anything else for the request

# -- datasets: a file, and which of its fields means what ----------------------

[datasets.questions]
path = "questions.jsonl"               # .jsonl, .json (an array) or .csv, relative to this file
fields = { id = "id", input = "question", target = "answer" }
# limit = 100
# shuffle_seed = 1

# -- prompts: `baseline`, `cot`, `optimal`, `multiple-choice` need no declaratio

[prompts.brief]
system = "Answer with the number alone."
user = "{{input}}"

# -- judges: `exact`, `numeric`, `gsm8k-flexible` ... need no declaration ------

[judges.close-enough]
type = "numeric"
relative_tolerance = 0.01

# -- experiments: every dataset x every model x every prompt -------------------

[experiments.first]
datasets = ["questions"]
models = ["small"]
prompts = ["brief", "cot"]
judges = ["gsm8k-flexible", "close-enough"]
# instances = 100                      # samples per cell instead of all
# epochs = 3                           # ask each question so often
# max_cost_usd = 1.00
# thresholds = { gsm8k-flexible = 0.8 }

# -- a provider without a network: knows the answers, and gives wrong ones on pu

[mocks.demo]
datasets = ["questions"]
models = { small = { accuracy = 0.8, first_token_ms = 50 } }
)toml";

constexpr const char* dataset_text =
    R"json({"id": "q1", "question": "A box holds 12 eggs. How many eggs are in 4 boxes?", "answer": "#### 48"}
{"id": "q2", "question": "Mia has 31 stickers and gives away 14. How many are left?", "answer": "#### 17"}
{"id": "q3", "question": "A train goes 80 km an hour. How many km does it go in 3 hours?", "answer": "#### 240"}
{"id": "q4", "question": "Five friends share 45 nuts equally. How many nuts does each get?", "answer": "#### 9"}
{"id": "q5", "question": "A shirt costs 40 dollars and is 25 percent off. What is its price in dollars?", "answer": "#### 30"}
{"id": "q6", "question": "Tom reads 15 pages a day. How many pages does he read in two weeks?", "answer": "#### 210"}
{"id": "q7", "question": "A tank of 500 litres loses 20 litres an hour. How many litres are left after 6 hours?", "answer": "#### 380"}
{"id": "q8", "question": "Three pens cost 6 dollars. What do ten pens cost in dollars?", "answer": "#### 20"}
)json";

}  // namespace

std::string starter() { return starter_text; }

std::string starter_dataset() { return dataset_text; }

}  // namespace assay::config
