#include "bench/evaluate/peer.hpp"

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "bench/evaluate/process.hpp"
#include "config/load.hpp"
#include "evaluation/plan.hpp"
#include "providers/dialects/dialect.hpp"

namespace assay::bench {

namespace {

using json = nlohmann::json;

/// The very bodies that assay sends.
std::vector<std::string> bodies_of(const std::filesystem::path& experiment_file) {
  auto all = config::load(experiment_file.string());
  if (!all) std::exit(1);
  auto plan = evaluation::plan::make(*all, all->experiments.front());
  if (!plan) std::exit(1);
  const auto& provider = all->providers.front();
  std::vector<std::string> bodies;
  for (std::size_t i = 0; i < plan->size(); ++i)
    bodies.push_back(
        dialects::find(provider.dialect)->request(plan->make_task(i).request, provider, {})->body);
  return bodies;
}

std::string text_of_stream(std::string_view body) {
  constexpr std::string_view mark = "data: ";
  std::string text;
  while (!body.empty()) {
    auto line = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(body.size(), line.size() + 1));
    if (line.substr(0, mark.size()) != mark || line == "data: [DONE]") continue;
    auto event = json::parse(line.substr(mark.size()), nullptr, false);
    for (const auto& choice : event["choices"]) text += choice["delta"].value("content", "");
  }
  return text;
}

std::string text_of(const std::string& body, bool stream) {
  if (stream) return text_of_stream(body);
  auto answer = json::parse(body, nullptr, false);
  return answer["choices"][0]["message"].value("content", "");
}

}  // namespace

peer_figures run_peer(const std::filesystem::path& experiment_file, const load& work) {
  auto bodies = bodies_of(experiment_file);
  std::atomic<std::size_t> next{0};
  std::atomic<int> answered{0};
  auto cpu = cpu_ms();
  auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < work.in_flight; ++i)
    threads.emplace_back([&] {
      httplib::Client client("127.0.0.1", work.port);
      client.set_keep_alive(true);
      client.set_tcp_nodelay(true);
      client.set_read_timeout(120);
      for (std::size_t number; (number = next++) < bodies.size();) {
        auto got = client.Post("/v1/chat/completions", bodies[number], "application/json");
        if (got && got->status == 200 && !text_of(got->body, work.stream).empty()) ++answered;
      }
    });
  for (auto& one : threads) one.join();
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return {cpu_ms() - cpu, took.count(), answered};
}

}  // namespace assay::bench
