#include "app/run/progress.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace assay::app {

using namespace std::chrono_literals;

namespace {

constexpr auto line_interval = 5s;

struct totals {
  std::uint64_t done = 0, errors = 0, rate_limited = 0, retries = 0;
  std::uint32_t in_flight = 0;
  double cost = 0;
};

totals sum(const progress_snapshot& s) {
  totals t;
  for (const auto& [name, c] : s.counts) {
    t.done += c.done;
    t.errors += c.errors;
    t.rate_limited += c.rate_limited;
    t.retries += c.retries;
    t.cost += c.cost.value;
  }
  for (const auto& p : s.providers) t.in_flight += p.in_flight;
  return t;
}

double rate(std::uint64_t n, duration elapsed) {
  return elapsed > duration{} ? static_cast<double>(n) / seconds(elapsed) : 0;
}

/// Time left for `left` tasks at the pace of the `ended` ones so far; nothing if none has ended.
std::optional<double> time_left(std::uint64_t left, std::uint64_t ended, duration elapsed) {
  if (left == 0) return 0;
  if (ended == 0) return std::nullopt;
  return static_cast<double>(left) / rate(ended, elapsed);
}

/// Tasks that are asked, as far as one knows by now.
std::uint64_t total_of(const progress_frame& frame, const progress_snapshot& s) {
  return frame.total - std::min(frame.total, s.run.spared);
}

/// The run lasts as long as its slowest provider with tasks of its own.
std::string eta(const progress_frame& frame, const progress_snapshot& s, duration elapsed) {
  auto all = sum(s);
  auto ended = all.done + all.errors;
  auto total = total_of(frame, s);
  auto longest = time_left(total - std::min(total, frame.had + ended), ended, elapsed);
  for (const auto& [name, own] : frame.own_tasks) {
    auto counted = s.counts.find(name);
    auto of_it = counted == s.counts.end() ? 0 : counted->second.done + counted->second.errors;
    auto left = time_left(own - std::min(own, of_it), of_it, elapsed);
    if (!left || !longest) return "?";
    longest = std::max(*longest, *left);
  }
  return longest ? short_time(*longest) : "?";
}

/// Below this part of good exchanges a provider's health is shown.
constexpr double well = 0.9;

bool waits(const provider_status& p) { return !p.waiting_on.empty() || !p.suspended.empty(); }

std::string waiting(const provider_status& p) {
  if (!p.suspended.empty()) return "suspended";
  if (p.waiting_on.empty() && p.health < well)
    return fmt::format("health {:.0f} %", 100 * p.health);
  return p.waiting_on.empty() ? "-" : p.waiting_on;
}

std::string row(const std::string& name, const std::string& done, double per_second,
                std::uint32_t in_flight, const std::string& wait, const totals& t) {
  return fmt::format("{:<13.13} {:>13} {:>7.1f} {:>5}  {:<12.12} {:>4} {:>5} {:>4} {:>8.4f}\n",
                     name, done, per_second, in_flight, wait, t.rate_limited, t.retries, t.errors,
                     t.cost);
}

std::string not_needed(const progress_snapshot& s) {
  return s.run.spared > 0 ? fmt::format(", not needed {}", s.run.spared) : "";
}

/// Why a run goes on after its last answer.
std::string verdicts_to_come(const progress_frame& frame, const progress_snapshot& s) {
  if (s.run.verdicts_due == 0) return "";
  auto text = fmt::format(", verdicts to come {}", s.run.verdicts_due);
  if (frame.programs_at_nodes > 0) text += fmt::format(" ({} at nodes)", frame.programs_at_nodes);
  return text;
}

}  // namespace

std::string short_time(double s) {
  auto whole = static_cast<long>(s + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string progress_block(const progress_frame& frame, const progress_snapshot& s,
                           duration elapsed) {
  auto all = sum(s);
  auto text =
      fmt::format("{:<13} {:>13} {:>7} {:>5}  {:<12} {:>4} {:>5} {:>4} {:>8}\n", "provider",
                  "done/total", "per s", "fly", "waiting on", "429s", "retry", "err", "USD");
  for (const auto& p : s.providers) {
    progress_snapshot one;
    auto counted = s.counts.find(p.name);
    if (counted != s.counts.end()) one.counts.insert(*counted);
    auto t = sum(one);
    auto own = frame.own_tasks.find(p.name);
    auto done = own == frame.own_tasks.end() ? fmt::format("{}", t.done)
                                             : fmt::format("{}/{}", t.done, own->second);
    text += row(p.name, done, rate(t.done + t.errors, elapsed), p.in_flight, waiting(p), t);
  }
  text += row("total", fmt::format("{}/{}", frame.had + all.done, total_of(frame, s)),
              rate(all.done + all.errors, elapsed), all.in_flight, "", all);
  text += fmt::format("elapsed {}, left about {}{}{}\n", short_time(seconds(elapsed)),
                      eta(frame, s, elapsed), verdicts_to_come(frame, s), not_needed(s));
  return text;
}

std::string progress_line(const progress_frame& frame, const progress_snapshot& s,
                          duration elapsed) {
  auto t = sum(s);
  auto done = frame.had + t.done;
  auto total = total_of(frame, s);
  std::string states;
  for (const auto& p : s.providers)
    if (waits(p))
      states += fmt::format(", {} waiting on {}", p.name, waiting(p));
    else if (p.health < well)
      states += fmt::format(", {} {}", p.name, waiting(p));
  return fmt::format(
      "Completed {}/{} ({} %), {:.1f}/s, in flight {}, 429s {}, retries {}, errors {}, "
      "USD {:.4f}, left about {}{}",
      done, total, total ? 100 * done / total : 100, rate(t.done + t.errors, elapsed), t.in_flight,
      t.rate_limited, t.retries, t.errors, t.cost, eta(frame, s, elapsed),
      verdicts_to_come(frame, s) + not_needed(s) + states);
}

progress_display::progress_display(progress_frame frame, bool terminal, bool quiet, instant started)
    : frame_(std::move(frame)),
      terminal_(terminal),
      quiet_(quiet),
      started_(started),
      last_line_(started) {}

progress_display::~progress_display() { clear(); }

void progress_display::show(const progress_snapshot& s, instant now) {
  if (quiet_) return;
  std::lock_guard hold(mutex_);
  if (terminal_)
    draw(s, now);
  else
    print_line(s, now);
}

void progress_display::set_programs_at_nodes(std::uint32_t programs) {
  std::lock_guard hold(mutex_);
  frame_.programs_at_nodes = programs;
}

void progress_display::draw(const progress_snapshot& s, instant now) {
  erase();
  block_ = progress_block(frame_, s, now - started_);
  block_lines_ = static_cast<int>(std::count(block_.begin(), block_.end(), '\n'));
  std::fputs(block_.c_str(), stderr);
  std::fflush(stderr);
}

void progress_display::print_line(const progress_snapshot& s, instant now) {
  auto t = sum(s);
  auto ended = t.done + t.errors;
  auto complete = ended > 0 && frame_.had + ended >= total_of(frame_, s);
  auto due = now - last_line_ >= line_interval || complete;
  if (!due || (complete && last_line_done_ == ended)) return;
  last_line_ = now;
  last_line_done_ = ended;
  std::fprintf(stderr, "%s\n", progress_line(frame_, s, now - started_).c_str());
}

void progress_display::clear() {
  std::lock_guard hold(mutex_);
  erase();
}

void progress_display::erase() {
  if (block_lines_ > 0) std::fprintf(stderr, "\r\033[%dA\033[J", block_lines_);
  block_lines_ = 0;
}

void progress_display::print_above(const std::string& line) {
  std::lock_guard hold(mutex_);
  auto lines = block_lines_;
  erase();
  std::fputs(line.c_str(), stderr);
  if (lines > 0) std::fputs(block_.c_str(), stderr);
  block_lines_ = lines;
}

}  // namespace assay::app
