#include "app/report/html.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "app/report/clean_text.hpp"
#include "app/report/figures.hpp"
#include "app/report/html_style.hpp"
#include "app/report/names.hpp"

namespace assay::report {

namespace {

constexpr std::size_t longest_text = 20'000;  ///< characters of a prompt or an answer

/// Text in a page, in an attribute too: valid UTF-8, no markup, no control character but newline
/// and tab.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : for_terminal(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

const char* class_of(tone how) {
  switch (how) {
    case tone::faint:
      return "faint";
    case tone::good:
      return "good";
    case tone::bad:
      return "bad";
    case tone::plain:
      break;
  }
  return "";
}

double percent_of(double score) { return std::clamp(score, 0.0, 1.0) * 100; }

/// The interval as a bar on a line from 0 to 1, the mean as a mark on it.
std::string drawing_of(const interval& drawn) {
  const double low = percent_of(drawn.low);
  return fmt::format(
      "<span class=\"scale\" aria-hidden=\"true\"><i style=\"left:{:.1f}%;width:{:.1f}%\"></i>"
      "<b style=\"left:{:.1f}%\"></b></span>",
      low, percent_of(drawn.high) - low, percent_of(drawn.mean));
}

std::string html_of(const column& head) {
  return fmt::format("<th scope=\"col\"{}>{}</th>", head.number ? " class=\"n\"" : "",
                     escaped(head.name));
}

std::string html_of(const table_cell& entry, bool number) {
  return fmt::format("<td class=\"{}{}\"{}>{}{}</td>", number ? "n " : "", class_of(entry.how),
                     entry.number ? fmt::format(" data-number=\"{:.9g}\"", *entry.number) : "",
                     entry.drawn ? drawing_of(*entry.drawn) : "", escaped(entry.text));
}

std::string html_of(const table& shown) {
  std::string out =
      fmt::format("<section class=\"card\"><h2>{}</h2>\n<div class=\"wide\"><table><thead><tr>",
                  escaped(shown.title));
  for (const auto& head : shown.columns) out += html_of(head);
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : shown.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) out += html_of(row[i], shown.columns[i].number);
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  for (const auto& note : shown.notes)
    out += fmt::format("<p class=\"note\">{}</p>\n", escaped(note));
  return out + "</section>\n";
}

std::string html_of_facts(const document& what) {
  std::string out = "<section class=\"card\"><dl class=\"facts\">\n";
  for (const auto& f : what.facts)
    out += fmt::format("<div><dt>{}</dt><dd class=\"{}\">{}</dd></div>\n", escaped(f.label),
                       class_of(f.how), escaped(f.value));
  out += "</dl></section>\n";
  if (what.remarks.empty()) return out;
  out += "<section class=\"card remarks\">\n";
  for (const auto& remark : what.remarks) out += fmt::format("<p>{}</p>\n", escaped(remark));
  return out + "</section>\n";
}

// -- samples --------------------------------------------------------------------------------------

std::string block(std::string_view label, std::string_view text) {
  const auto shown = first_characters(text, longest_text);
  auto out =
      fmt::format("<div class=\"who\">{}</div><pre>{}</pre>\n", escaped(label), escaped(shown));
  if (shown.size() < text.size())
    out += fmt::format("<p class=\"note\">{} more bytes are left out</p>\n",
                       show_count(text.size() - shown.size()));
  return out;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : "\n") + part;
  return out;
}

std::string verdict_lines(const storage::ledger_row& row) {
  std::string out;
  for (const auto& v : row.verdicts) {
    const bool right = v.scored && v.score >= 0.5;
    out += fmt::format(
        "<p>{}: <span class=\"{}\">{}</span>{}{}</p>\n", escaped(v.judge),
        !v.scored ? "faint"
        : right   ? "good"
                  : "bad",
        v.scored ? show_score(v.score) : "not scored",
        v.extracted.empty() ? "" : ", read as " + escaped(one_line(v.extracted, 200)),
        v.explanation.empty()
            ? ""
            : " <span class=\"faint\">(" + escaped(one_line(v.explanation, 300)) + ")</span>");
  }
  return out;
}

std::string attempts_line(const outcome& got) {
  std::string out;
  for (const auto& tried : got.attempts)
    out += fmt::format(
        "{}{} {}", out.empty() ? "" : ", ", tried.provider,
        tried.error.kind == error_class::none ? "answered" : to_string(tried.error.kind));
  return out.empty() ? "" : fmt::format("<p class=\"note\">attempts: {}</p>\n", escaped(out));
}

std::string html_of(const storage::ledger_row& row) {
  const auto& [asked, got] = row.what;
  auto out = fmt::format(
      "<details><summary><strong>{}</strong> <span class=\"faint\">{} · {} · {}{}</span>",
      escaped(one_line(asked.item.id, 80)), escaped(asked.where.dataset),
      escaped(asked.where.model), escaped(asked.where.prompt),
      asked.epoch > 1 ? fmt::format(" · epoch {}", asked.epoch) : "");
  if (got.status == outcome_status::error)
    out += fmt::format(" <span class=\"bad\">{}</span>", to_string(got.error.kind));
  else if (got.status != outcome_status::answered)
    out += fmt::format(" <span class=\"bad\">{}</span>", to_string(got.status));
  out += "</summary>\n";
  for (const auto& message : asked.request.messages)
    out += block(to_string(message.who), message.content);
  if (got.status == outcome_status::error)
    out += block("error", got.error.message.empty() ? got.error.code : got.error.message);
  if (!got.reply.reasoning.empty()) out += block("reasoning", got.reply.reasoning);
  if (!got.reply.text.empty()) out += block("answer", got.reply.text);
  if (!got.reply.refusal.empty()) out += block("refusal", got.reply.refusal);
  if (!asked.item.targets.empty()) out += block("target", joined(asked.item.targets));
  return out + verdict_lines(row) + attempts_line(got) + "</details>\n";
}

std::string section(const std::string& title, const std::vector<storage::ledger_row>& rows,
                    std::size_t all) {
  if (rows.empty()) return {};
  auto out = fmt::format(
      "<section class=\"card samples\"><h2>{}</h2><p class=\"note\">{} of {} are shown, the first "
      "of each cell.</p>\n",
      escaped(title), show_count(rows.size()), show_count(all));
  for (const auto& row : rows) out += html_of(row);
  return out + "</section>\n";
}

}  // namespace

std::string to_html(const document& what, const sample_choice& samples) {
  auto out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n",
      escaped(what.title), html_style);
  out += html_of_facts(what);
  for (const auto& shown : what.tables) out += html_of(shown);
  out += section("Failed samples", samples.failed, samples.all_failed);
  const auto by = samples.judge.empty() ? "" : " by " + samples.judge;
  out += section("Wrong answers" + by, samples.wrong, samples.all_wrong);
  out += section("Right answers" + by, samples.right, samples.all_right);
  out += "<footer>Written by assay. What each figure means: docs/measurement.md.</footer>\n";
  return out + fmt::format("</main>\n<script>{}</script>\n</body>\n</html>\n", html_script);
}

}  // namespace assay::report
