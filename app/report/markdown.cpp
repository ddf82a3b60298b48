#include "app/report/markdown.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "app/report/clean_text.hpp"
#include "app/report/figures.hpp"
#include "app/report/names.hpp"

namespace assay::report {

namespace {

constexpr std::size_t longest_text = 4'000;  ///< characters of a prompt or an answer

/// Text in the flow of a page: nothing in it is markup, and it stays on its line.
std::string inline_text(std::string_view text) {
  std::string out;
  for (char c : for_terminal(text)) {
    if (c == '\n' || c == '\t') {
      out += ' ';
    } else {
      if (std::string_view("\\`*_{}[]<>#|~&!").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

/// A fenced block whose fence is longer than any row of back-ticks inside.
std::string block(std::string_view text) {
  const auto shown = first_characters(text, longest_text);
  std::size_t longest = 2, current = 0;
  for (char c : shown) {
    current = c == '`' ? current + 1 : 0;
    longest = std::max(longest, current);
  }
  const std::string fence(longest + 1, '`');
  std::string out = fence + "text\n" + for_terminal(shown) + "\n" + fence + "\n";
  if (shown.size() < text.size())
    out += fmt::format("\n({} more bytes are left out)\n", show_count(text.size() - shown.size()));
  return out;
}

std::string markdown_of(const table& shown) {
  std::string out = "## " + inline_text(shown.title) + "\n\n|";
  for (const auto& c : shown.columns) out += " " + inline_text(c.name) + " |";
  out += "\n|";
  for (const auto& c : shown.columns) out += c.number ? " ---: |" : " --- |";
  for (const auto& row : shown.rows) {
    out += "\n|";
    for (const auto& entry : row) {
      const auto text = inline_text(entry.text);
      out += entry.how == tone::bad ? " **" + text + "** |" : " " + text + " |";
    }
  }
  out += "\n\n";
  for (const auto& note : shown.notes) out += inline_text(note) + "\n\n";
  return out;
}

std::string markdown_of(const storage::ledger_row& row) {
  const auto& [asked, got] = row.what;
  std::string out = fmt::format("### {} · {} · {} · {}\n\n", inline_text(asked.item.id),
                                inline_text(asked.where.dataset), inline_text(asked.where.model),
                                inline_text(asked.where.prompt));
  for (const auto& message : asked.request.messages)
    out += fmt::format("{}:\n\n{}\n", to_string(message.who), block(message.content));
  if (got.status == outcome_status::error)
    out +=
        fmt::format("error: {} {}\n\n", to_string(got.error.kind), inline_text(got.error.message));
  if (!got.reply.text.empty()) out += "answer:\n\n" + block(got.reply.text) + "\n";
  if (!got.reply.refusal.empty()) out += "refusal:\n\n" + block(got.reply.refusal) + "\n";
  if (!asked.item.targets.empty()) out += "target:\n\n" + block(asked.item.targets.front()) + "\n";
  for (const auto& v : row.verdicts)
    out += fmt::format("- {}: {} {}\n", inline_text(v.judge),
                       v.scored ? show_score(v.score) : "not scored", inline_text(v.extracted));
  return out + "\n";
}

std::string section(const std::string& title, const std::vector<storage::ledger_row>& rows,
                    std::size_t all) {
  if (rows.empty()) return {};
  std::string out = fmt::format("## {}\n\n{} of {} are shown.\n\n", title, show_count(rows.size()),
                                show_count(all));
  for (const auto& row : rows) out += markdown_of(row);
  return out;
}

}  // namespace

std::string to_markdown(const document& what, const sample_choice& samples) {
  std::string out = "# " + inline_text(what.title) + "\n\n";
  for (const auto& f : what.facts)
    out += fmt::format("- {}: {}\n", inline_text(f.label), inline_text(f.value));
  out += "\n";
  for (const auto& remark : what.remarks) out += "> " + inline_text(remark) + "\n\n";
  for (const auto& shown : what.tables) out += markdown_of(shown);
  out += section("Failed samples", samples.failed, samples.all_failed);
  out += section("Wrong answers", samples.wrong, samples.all_wrong);
  out += section("Right answers", samples.right, samples.all_right);
  return out;
}

}  // namespace assay::report
