#include "app/demo/hosts.hpp"

#include <fcntl.h>
#include <sched.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>
#include <thread>

namespace assay::demo {

namespace {

constexpr std::chrono::seconds patience{10};

expected<void> enter_own_network() {
  if (::unshare(CLONE_NEWNET) == 0) return {};
  if (errno == EPERM)
    return fail("--mode distributed", "makes networks, which needs the rights of root",
                "run it as root, or take --mode multiprocess: the same processes without "
                "networks of their own");
  return fail("--mode distributed",
              std::string("this system has no network namespaces: ") + std::strerror(errno),
              "take --mode multiprocess: the same processes without networks of their own");
}

/// A network that lives as long as something refers to it: made by a thread that ends at once.
descriptor new_network() {
  descriptor made;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) == 0)
      made = descriptor(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  }).join();
  return made;
}

/// Runs `ip` with these words, in that network.
expected<void> ip(const std::string& words, const std::filesystem::path& log, int network = -1) {
  std::vector<std::string> argv{"ip"};
  std::istringstream in(words);
  for (std::string word; in >> word;) argv.push_back(word);
  auto run = process::start(argv, log, network);
  if (!run) return tl::make_unexpected(run.error());
  if (!run->wait(patience)) return fail("ip " + words, "does not come to an end");
  if (run->code() == 0) return {};
  return fail(
      "ip " + words,
      run->code() == 127 ? "cannot be run" : "failed with exit code " + std::to_string(run->code()),
      run->code() == 127 ? "install iproute2" : "it says why in " + log.string());
}

expected<void> all_of(const std::vector<std::string>& commands, const std::filesystem::path& log,
                      int network = -1) {
  for (const auto& words : commands)
    if (auto done = ip(words, log, network); !done) return done;
  return {};
}

}  // namespace

expected<hosts> hosts::make(std::size_t count, const std::filesystem::path& log) {
  if (auto own = enter_own_network(); !own) return tl::make_unexpected(own.error());
  auto ours = all_of({"link set lo up", "link add switch type bridge",
                      "address add " + our_address() + "/24 dev switch", "link set switch up"},
                     log);
  if (!ours) return tl::make_unexpected(ours.error());
  hosts all;
  for (std::size_t i = 1; i <= count; ++i) {
    auto network = new_network();
    if (network.get() < 0)
      return fail("--mode distributed",
                  "network " + std::to_string(i) + " cannot be made: " + std::strerror(errno));
    const auto line = "line-" + std::to_string(i);
    auto joined = all_of({fmt::format("link add {} type veth peer name eth0 netns /proc/{}/fd/{}",
                                      line, ::getpid(), network.get()),
                          "link set " + line + " master switch up"},
                         log);
    if (joined)
      joined =
          all_of({"link set lo up", "address add 10.99.0." + std::to_string(i + 1) + "/24 dev eth0",
                  "link set eth0 up"},
                 log, network.get());
    if (!joined) return tl::make_unexpected(joined.error());
    all.networks_.push_back(std::move(network));
  }
  return all;
}

}  // namespace assay::demo
