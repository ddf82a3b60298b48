#include <sys/resource.h>
#include <unistd.h>
#include <CLI/App.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/command.hpp"
#include "app/mock/server.hpp"
#include "config/load.hpp"

namespace assay::cli {

namespace {

constexpr std::size_t max_connections = 6'000;

struct mock_arguments {
  std::string file;
  std::string name;
  std::string truth_file;
  int port = 0;
};

int complain(const std::vector<problem>& problems) {
  for (const auto& p : problems) std::fprintf(stderr, "%s\n", render(p).c_str());
  return usage_error;
}

/// A connection needs a descriptor: as many as the system lets us have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int stop_pipe[2] = {-1, -1};

extern "C" void on_stop_signal(int) {
  const char byte = 0;
  [[maybe_unused]] const auto written = ::write(stop_pipe[1], &byte, 1);
}

bool watch_stop_signals() {
  if (::pipe(stop_pipe) != 0) return false;
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  return ::sigaction(SIGINT, &action, nullptr) == 0 && ::sigaction(SIGTERM, &action, nullptr) == 0;
}

void wait_for_stop_signal() {
  char byte;
  while (::read(stop_pipe[0], &byte, 1) < 0 && errno == EINTR) continue;
}

/// The mocks to serve: the one that was named, or all.
checked<std::vector<mock_settings>> choose(const settings& all, const mock_arguments& wanted) {
  if (wanted.name.empty() && !all.mocks.empty()) return all.mocks;
  if (const auto* one = find_named(all.mocks, wanted.name)) return std::vector{*one};
  std::vector<std::string_view> names;
  for (const auto& m : all.mocks) names.push_back(m.name);
  const auto close = nearest(wanted.name, names);
  return tl::make_unexpected(std::vector{
      problem{all.file,
              all.mocks.empty() ? "declares no [mocks.NAME]" : "has no mock '" + wanted.name + "'",
              close.empty() ? "" : "did you mean '" + std::string(close) + "'?"}});
}

checked<std::vector<app::mock_server>> start(const settings& all, const mock_arguments& wanted) {
  const auto chosen = choose(all, wanted);
  if (!chosen) return tl::make_unexpected(chosen.error());
  std::vector<app::mock_server> servers;
  app::mock_server::options options{wanted.port, wanted.truth_file, max_connections};
  for (const auto& mock : *chosen) {
    auto samples = app::mock_samples(all, mock);
    if (!samples) return tl::make_unexpected(samples.error());
    auto server = app::mock_server::start(mock, std::move(*samples), options);
    if (!server) return tl::make_unexpected(std::vector{server.error()});
    servers.push_back(std::move(*server));
    if (options.port != 0) ++options.port;
  }
  return servers;
}

void print_urls(const std::vector<app::mock_server>& servers, bool json) {
  auto list = nlohmann::json::array();
  for (const auto& s : servers) {
    if (json)
      list.push_back({{"name", s.name()}, {"url", s.url()}});
    else
      std::printf("%s  %s\n", s.url().c_str(), s.name().c_str());
  }
  if (json) std::printf("%s\n", nlohmann::json{{"mocks", list}}.dump().c_str());
  std::fflush(stdout);
}

int serve(const mock_arguments& wanted, bool json) {
  const auto all = config::load(wanted.file);
  if (!all) return complain(all.error());
  raise_descriptor_limit();
  if (!watch_stop_signals()) return complain({{"signals", "cannot be watched", {}}});
  const auto servers = start(*all, wanted);
  if (!servers) return complain(servers.error());
  print_urls(*servers, json);
  wait_for_stop_signal();
  return success;
}

}  // namespace

void add_mock(CLI::App& app, globals& options, action& chosen) {
  auto wanted = std::make_shared<mock_arguments>();
  auto* command = app.add_subcommand("mock", "Serve the simulated providers of FILE over HTTP");
  command->add_option("FILE", wanted->file, "The file that declares them, [mocks.NAME]")
      ->required();
  command->add_option("--name", wanted->name, "Serve only this one");
  command->add_option("--port", wanted->port, "Port of the first, the next has the next; 0: any")
      ->check(CLI::Range(0, 65'535));
  command->add_option(
      "--truth", wanted->truth_file,
      "Append a line of JSON for every arrival: what was answered, and whether right");
  command->callback([&options, &chosen, wanted] {
    chosen = [&options, wanted] { return serve(*wanted, options.json); };
  });
}

}  // namespace assay::cli
