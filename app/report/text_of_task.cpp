#include <spdlog/fmt/fmt.h>

#include "app/report/clean_text.hpp"
#include "app/report/figures.hpp"
#include "app/report/names.hpp"
#include "app/report/text.hpp"

namespace assay::report {

namespace {

std::string indented(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (char c : for_terminal(text)) {
    if (line_start && c != '\n') out += "  ";
    out += c;
    line_start = c == '\n';
  }
  return out + "\n";
}

std::string block(std::string_view label, std::string_view text) {
  return fmt::format("\n[{}]\n{}", label, indented(text));
}

/// Moments of an exchange, each after the one it is counted from.
std::string time_line(const timeline& at) {
  std::string out;
  auto add = [&](const char* name, instant from, instant to) {
    if (from != instant{} && to != instant{})
      out +=
          fmt::format("{}{} {}", out.empty() ? "" : ", ", name, show_seconds(seconds(to - from)));
  };
  add("waited for a permit", at.intended, at.admitted);
  add("headers", at.sent, at.first_byte);
  add("first reasoning", at.sent, at.first_reasoning);
  add("first token", at.sent, at.first_content);
  add("done", at.sent, at.done);
  return out;
}

std::string text_of(const attempt& tried) {
  auto unix_ns = [](instant t) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
  };
  std::string out =
      fmt::format("  {}. {}  {}", tried.number, tried.provider, iso_utc(unix_ns(tried.at.sent)));
  const bool failed = tried.error.kind != error_class::none;
  out += failed ? fmt::format("  {}", to_string(tried.error.kind)) : "  answered";
  if (tried.http_status) out += fmt::format("  HTTP {}", tried.http_status);
  out = one_line(out, 200) + "\n";
  if (auto line = time_line(tried.at); !line.empty()) out += "     " + line + "\n";
  std::string used;
  if (tried.usage.input) used += fmt::format("{} tokens in, ", *tried.usage.input);
  if (tried.usage.output) used += fmt::format("{} out, ", *tried.usage.output);
  if (!used.empty()) out += fmt::format("     {}{}\n", used, show_usd(tried.cost));
  if (!tried.request_id.empty()) out += "     request id " + one_line(tried.request_id, 66) + "\n";
  if (!tried.error.message.empty()) out += "     " + one_line(tried.error.message, 300) + "\n";
  return out;
}

std::string text_of(const verdict& v) {
  auto out =
      fmt::format("  {}: {}", one_line(v.judge, 60), v.scored ? show_score(v.score) : "not scored");
  if (!v.extracted.empty()) out += ", read as \"" + one_line(v.extracted, 100) + "\"";
  if (!v.explanation.empty()) out += " (" + one_line(v.explanation, 200) + ")";
  return out + "\n";
}

std::string outcome_text(const storage::ledger_row& row) {
  if (!row.has_outcome) return "none yet";
  const auto& got = row.what.got;
  if (got.status == outcome_status::error)
    return fmt::format("error, {}: {}", to_string(got.error.kind),
                       one_line(got.error.message, 300));
  return fmt::format("{}, finish {}", to_string(got.status), to_string(got.reply.why));
}

}  // namespace

std::string to_text(const storage::ledger_row& row) {
  const auto& [asked, got] = row.what;
  std::string out = fmt::format(
      "sample   {}\ncell     {}\nkey      {}\noutcome  {}\n", one_line(asked.item.id, 70),
      one_line(
          fmt::format("{} / {} / {}{}", asked.where.dataset, asked.where.model, asked.where.prompt,
                      asked.epoch > 1 ? fmt::format(" / epoch {}", asked.epoch) : ""),
          70),
      to_string(asked.key), outcome_text(row));
  for (const auto& message : asked.request.messages)
    out += block(to_string(message.who), message.content);
  if (!got.reply.reasoning.empty()) out += block("reasoning", got.reply.reasoning);
  if (!got.reply.text.empty()) out += block("answer", got.reply.text);
  if (!got.reply.refusal.empty()) out += block("refusal", got.reply.refusal);
  for (const auto& target : asked.item.targets) out += block("target", target);
  if (!row.verdicts.empty()) out += "\nverdicts\n";
  for (const auto& v : row.verdicts) out += text_of(v);
  if (!got.attempts.empty()) out += "\nattempts\n";
  for (const auto& tried : got.attempts) out += text_of(tried);
  return out;
}

}  // namespace assay::report
