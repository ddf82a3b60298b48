#include "bench/limits/real_time.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "app/run/prepare.hpp"
#include "app/run/session.hpp"
#include "bench/limits/bound.hpp"
#include "bench/limits/course.hpp"
#include "bench/limits/mock_process.hpp"
#include "bench/must.hpp"
#include "config/load.hpp"

namespace assay::bench {

namespace {

constexpr double may_be_worse = 0.01;

/// One row: the hidden limiter and what the client is told.
struct trial {
  scenario hidden;
  knowledge told;
  std::string name;      ///< of the mock; empty: the server outside
  std::string base_url;  ///< known once the server runs
};

rate_limit per_second(double amount, limit_shape shape, double burst) {
  return {dimension::requests, amount, milliseconds(1000), burst, shape, "qps"};
}

scenario real(std::string name, std::string shape, limit_settings server, std::size_t tasks,
              double latency_s) {
  scenario s{std::move(name), std::move(shape), tasks, {}};
  s.server = std::move(server);
  s.around = {latency_s, 0, latency_s, 0.1, 0.5, 0.5};
  return s;
}

std::vector<trial> trials(const outside_server& outside) {
  const auto bucket = real("http: bucket 50/s B=50", "bucket",
                           {0, {per_second(50, limit_shape::bucket, 50)}}, 1'300, 0.2);
  const auto window = real("http: fixed window 50 in 1 s", "window",
                           {0, {per_second(50, limit_shape::fixed_window, 1)}}, 1'250, 0.2);
  const auto sliding = real("http: sliding log 50 in 1 s", "sliding",
                            {0, {per_second(50, limit_shape::sliding_log, 1)}}, 1'250, 0.2);
  const auto places = real("http: at most 10 in flight", "concurrency", {10, {}}, 1'000, 0.2);
  std::vector<trial> all{{bucket, knowledge::configured, "bucket_told", ""},
                         {bucket, knowledge::headers, "bucket_headers", ""},
                         {bucket, knowledge::blind, "bucket_blind", ""},
                         {window, knowledge::configured, "window_told", ""},
                         {window, knowledge::headers, "window_headers", ""},
                         {sliding, knowledge::configured, "sliding_told", ""},
                         {places, knowledge::configured, "places_told", ""}};
  if (outside.url.empty()) return all;
  const limit_settings theirs{0,
                              {per_second(outside.per_second, limit_shape::bucket, outside.burst)}};
  const auto count = static_cast<std::size_t>(25 * outside.per_second + outside.burst);
  const auto nginx =
      real("http: server outside, bucket", "bucket", theirs, count, outside.latency_s);
  all.push_back({nginx, knowledge::configured, "", outside.url});
  all.push_back({nginx, knowledge::blind, "", outside.url});
  return all;
}

std::string limits_text(const limit_settings& limits) {
  std::ostringstream out;
  if (limits.max_parallel > 0) out << "max_parallel = " << limits.max_parallel << '\n';
  for (const auto& r : limits.rates) {
    constexpr const char* shapes[] = {"bucket", "fixed_window", "sliding_log"};
    out << "qps = " << r.amount << "\nlimit_shape = \"" << shapes[static_cast<int>(r.shape)]
        << "\"\n";
    if (r.shape == limit_shape::bucket) out << "burst = " << r.burst << '\n';
  }
  return out.str();
}

std::filesystem::path write_mocks(const std::filesystem::path& folder,
                                  const std::vector<trial>& all) {
  auto path = folder / "mocks.toml";
  std::ofstream out(path);
  for (const auto& t : all) {
    if (t.name.empty()) continue;
    out << "[mocks." << t.name
        << "]\nrate_headers = " << (t.told == knowledge::headers ? "true" : "false") << '\n'
        << limits_text(t.hidden.server)
        << "models.m = { first_token_ms = " << 1000 * t.hidden.around.service_median_s
        << ", output_tokens = 1 }\n\n";
  }
  return path;
}

std::filesystem::path write_experiment(const std::filesystem::path& folder, const trial& t) {
  std::ofstream data(folder / "sums.jsonl");
  for (std::size_t i = 0; i < t.hidden.tasks; ++i)
    data << "{\"id\":\"s" << i << "\",\"input\":\"How much is ID-" << i << " + 7?\",\"target\":\""
         << i + 7 << "\"}\n";
  auto path = folder / "experiment.toml";
  std::ofstream out(path);
  out << "ledger = \"ledger.db\"\n\n[providers.p]\ndialect = \"openai\"\nbase_url = \""
      << t.base_url << "\"\n"
      << limits_text(client_limits(t.hidden, t.told))
      << "\n[models.m]\nprovider = \"p\"\nmax_tokens = 20\n"
      << "\n[datasets.sums]\npath = \"sums.jsonl\"\n"
      << "\n[experiments.e]\ndatasets = [\"sums\"]\nmodels = [\"m\"]\nprompts = [\"baseline\"]\n"
      << "judges = [\"exact\"]\n";
  return path;
}

/// What the ledger holds of a run: the measured service times are the load of the bound.
row read_row(storage::ledger& ledger, storage::run_id run, const trial& t) {
  load measured;
  std::int64_t first = 0, last = 0;
  std::size_t refused = 0;
  must(ledger.attempt_rows(run, [&](const storage::attempt_row& a) {
    first = first == 0 ? a.admitted_unix_ns : std::min(first, a.admitted_unix_ns);
    last = std::max(last, a.done_unix_ns);
    refused += a.http_status == 429;
    if (a.kind == error_class::none)
      measured.service.push_back(std::chrono::nanoseconds(a.done_unix_ns - a.sent_unix_ns));
  }));
  row r{t.hidden.name,
        t.hidden.shape,
        std::string(to_string(t.told)),
        "assay",
        "assay run over HTTP",
        t.hidden.tasks,
        1};
  r.finished = measured.service.size() == t.hidden.tasks;
  r.bound_s = lower_bound_s(t.hidden, measured);
  r.makespan_s = static_cast<double>(last - first) / 1e9;
  r.ratio = r.ratio_worst = r.makespan_s / r.bound_s;
  r.rate_429 = r.rate_429_worst =
      static_cast<double>(refused) / static_cast<double>(t.hidden.tasks);
  return r;
}

row measure_real(const std::filesystem::path& folder, const trial& t) {
  std::filesystem::remove(folder / "ledger.db");
  const auto config = must(config::load(write_experiment(folder, t).string()));
  const auto anchor = app::anchor_now();
  const auto prepared =
      must(app::prepare(config, config.experiments.front(), config.ledger, anchor));
  app::run_session(prepared, {.quiet = true, .terminal = false}, anchor);
  return read_row(*prepared.ledger, prepared.info.id, t);
}

row measure_twin(const trial& t) {
  const auto work = draw_load(t.hidden, 1);
  const auto got = play(t.hidden, t.told, work, account_alone(), 1);
  row r{t.hidden.name,
        t.hidden.shape,
        std::string(to_string(t.told)),
        "assay, virtual",
        "account",
        t.hidden.tasks,
        1};
  r.bound_s = lower_bound_s(t.hidden, work);
  r.makespan_s = got.makespan_s;
  r.ratio = r.ratio_worst = got.makespan_s / r.bound_s;
  r.rate_429 = r.rate_429_worst =
      static_cast<double>(got.refused) / static_cast<double>(t.hidden.tasks);
  return r;
}

}  // namespace

std::vector<row> measure_over_http(const std::string& assay_program, const outside_server& outside,
                                   const std::string& only) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("assay-bench-limits-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  auto all = trials(outside);
  std::erase_if(all, [&](const trial& t) {
    return t.hidden.shape != only && (t.hidden.name + t.name).find(only) == std::string::npos;
  });
  std::vector<row> rows;
  {
    std::optional<mock_process> mocks;
    if (std::any_of(all.begin(), all.end(), [](const trial& t) { return !t.name.empty(); }))
      mocks.emplace(assay_program, write_mocks(folder, all));
    app::block_stop_signals();  // not before: the mock would inherit it
    for (auto& t : all) {
      if (!t.name.empty()) t.base_url = mocks->url(t.name) + "/v1";
      auto twin = measure_twin(t);
      auto real = measure_real(folder, t);
      real.wanted = goal{twin.ratio + may_be_worse, twin.rate_429 + may_be_worse};
      rows.push_back(std::move(real));
      rows.push_back(std::move(twin));
    }
  }
  std::filesystem::remove_all(folder);
  return rows;
}

}  // namespace assay::bench
