#include "evaluation/sandbox/failure.hpp"

#include <cstdio>

#include "evaluation/text/unicode.hpp"

namespace assay::sandbox {

namespace {

std::string in_seconds(milliseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%g s", static_cast<double>(time.count()) / 1000);
  return text;
}

std::string last_line(std::string_view text) {
  text = evaluation::strip(text);
  auto start = text.rfind('\n');
  auto line = start == std::string_view::npos ? text : text.substr(start + 1);
  return evaluation::is_utf8(line) ? std::string(line) : evaluation::repair_utf8(line);
}

}  // namespace

std::string describe_failure(const result& r, const sandbox_settings& s) {
  switch (r.ended_by) {
    case limit::wall_time:
      return "time-out after " + in_seconds(s.wall);
    case limit::cpu_time:
      return "more than " + in_seconds(s.cpu) + " of processor time";
    case limit::output:
      return "more than " + std::to_string(s.output_kb) + " kB of output";
    case limit::none:
      break;
  }
  if (r.signal) return "ended by signal " + std::to_string(r.signal);
  auto line = last_line(r.err);
  return line.empty() ? "exit code " + std::to_string(r.exit_code) : line;
}

}  // namespace assay::sandbox
