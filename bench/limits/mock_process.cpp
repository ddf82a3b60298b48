#include "bench/limits/mock_process.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

extern char** environ;

namespace assay::bench {

namespace {

[[noreturn]] void give_up(const std::string& program, const std::string& why) {
  std::fprintf(stderr, "limits: %s mock: %s\n", program.c_str(), why.c_str());
  std::exit(1);
}

std::string first_line(int from) {
  std::string line;
  for (char c; read(from, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

}  // namespace

mock_process::mock_process(const std::string& program, const std::filesystem::path& file) {
  int ends[2];
  if (pipe(ends) != 0) give_up(program, "no pipe");
  posix_spawn_file_actions_t wiring;
  posix_spawn_file_actions_init(&wiring);
  posix_spawn_file_actions_adddup2(&wiring, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&wiring, ends[0]);
  std::string words[] = {program, "mock", file.string(), "--json"};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  const int failed = posix_spawn(&child_, program.c_str(), &wiring, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&wiring);
  close(ends[1]);
  if (failed) give_up(program, "cannot be started; build the target `assay`");
  const auto told = nlohmann::json::parse(first_line(ends[0]), nullptr, false);
  close(ends[0]);
  if (!told.is_object()) give_up(program, "did not come up");
  for (const auto& mock : told["mocks"])
    urls_[mock["name"].get<std::string>()] = mock["url"].get<std::string>();
}

mock_process::~mock_process() {
  kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
}

}  // namespace assay::bench
