#include "app/report/text_of_task.hpp"

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
  if (!tried.from.node.empty()) out += "  at node " + tried.from.node;
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
  auto why = std::string(to_string(got.reply.why));
  if (got.reply.why == finish::tool_calls && got.reply.finish_reason.starts_with("max_"))
    why = got.reply.finish_reason;  // a limit of the agent
  return fmt::format("{}, finish {}", to_string(got.status), why);
}

/// What an assistant said: its text, and the tools that it called.
std::string spoken(const std::string& text, const std::vector<tool_call>& calls) {
  auto out = text;
  for (const auto& use : calls)
    out += (out.empty() ? "-> " : "\n-> ") + use.name + " " + use.arguments;
  return out;
}

std::string_view last_line(std::string_view text) {
  auto end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  return text.substr(text.rfind('\n') + 1);
}

/// The call that a tool's message answers, or null.
const tool_call* answered(const std::vector<chat_message>& talk, std::size_t at) {
  for (auto i = at; i-- > 0;)
    for (const auto& use : talk[i].calls)
      if (use.id == talk[at].answers) return &use;
  return nullptr;
}

std::string text_of(const std::vector<chat_message>& talk) {
  std::string out;
  int step = 0;
  for (std::size_t i = 0; i < talk.size(); ++i) {
    const auto& message = talk[i];
    std::string label(to_string(message.who));
    if (!message.calls.empty()) label = fmt::format("step {}", ++step);
    if (const auto* use = message.who == role::tool ? answered(talk, i) : nullptr)
      label = "result of " + one_line(use->name, 60);
    out += block(label, spoken(message.content, message.calls));
  }
  return out;
}

std::string attempts_of(const std::vector<storage::ledger_row>& steps) {
  std::string out = "\nsteps\n";
  int number = 0;
  for (const auto& step : steps) {
    out += fmt::format("  step {}, {}\n", ++number, outcome_text(step));
    for (const auto& tried : step.what.got.attempts) out += text_of(tried);
  }
  return out;
}

/// Who asked whom, and how the reply ends, where the grade stands.
std::string questions_of(const std::vector<storage::ledger_row>& questions) {
  constexpr std::size_t shown = 80;
  std::string out = "\nquestions of judges\n";
  for (const auto& q : questions) {
    const auto& where = q.what.asked.where;
    out += fmt::format("  {} to {}, {}", one_line(where.prompt, 60), one_line(where.model, 60),
                       outcome_text(q));
    if (auto words = last_line(q.what.got.reply.text); !words.empty())
      out += ": \"" + one_line(words, shown) + "\"";
    out += "\n";
    for (const auto& tried : q.what.got.attempts) out += text_of(tried);
  }
  return out;
}

}  // namespace

std::string to_text(const storage::ledger_row& row, const task_calls& calls) {
  const auto& [asked, got] = row.what;
  std::string out = fmt::format(
      "sample   {}\ncell     {}\nkey      {}\noutcome  {}\n", one_line(asked.item.id, 70),
      one_line(
          fmt::format("{} / {} / {}{}", asked.where.dataset, asked.where.model, asked.where.prompt,
                      asked.epoch > 1 ? fmt::format(" / epoch {}", asked.epoch) : ""),
          70),
      to_string(asked.key), outcome_text(row));
  out += text_of(conversation(row, calls));
  if (!got.reply.reasoning.empty()) out += block("reasoning", got.reply.reasoning);
  if (auto words = spoken(got.reply.text, got.reply.calls); !words.empty())
    out += block("answer", words);
  if (!got.reply.refusal.empty()) out += block("refusal", got.reply.refusal);
  for (const auto& target : asked.item.targets) out += block("target", target);
  if (!row.verdicts.empty()) out += "\nverdicts\n";
  for (const auto& v : row.verdicts) out += text_of(v);
  if (!calls.steps.empty()) out += attempts_of(calls.steps);
  if (!calls.questions.empty()) out += questions_of(calls.questions);
  if (!got.attempts.empty()) out += "\nattempts\n";
  for (const auto& tried : got.attempts) out += text_of(tried);
  return out;
}

std::string to_text(const storage::ledger_row& row) { return to_text(row, {}); }

}  // namespace assay::report
