#include "app/report/text.hpp"

#include <algorithm>

#include "app/report/clean_text.hpp"

namespace assay::report {

namespace {

constexpr std::size_t width = 80;
constexpr std::size_t gap = 2;
constexpr std::size_t most_rows = 24;
constexpr std::size_t least_name = 8;

std::string padded(const std::string& text, std::size_t columns, bool right) {
  const auto used = columns_of(text);
  const std::string space(columns > used ? columns - used : 0, ' ');
  return right ? space + text : text + space;
}

/// Each column as wide as its widest entry; names give way, the widest first, until all fit.
std::vector<std::size_t> widths_of(const table& shown) {
  std::vector<std::size_t> widths;
  std::size_t total = gap * (shown.columns.size() - 1);
  for (std::size_t i = 0; i < shown.columns.size(); ++i) {
    auto widest = columns_of(shown.columns[i].name);
    for (const auto& row : shown.rows) widest = std::max(widest, columns_of(row[i].text));
    widths.push_back(widest);
    total += widest;
  }
  while (total > width) {
    std::size_t most = shown.columns.size();
    for (std::size_t i = 0; i < widths.size(); ++i)
      if (!shown.columns[i].number && widths[i] > least_name &&
          (most == widths.size() || widths[i] > widths[most]))
        most = i;
    if (most == widths.size()) break;
    --widths[most];
    --total;
  }
  return widths;
}

std::string without_trailing_space(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out, line(indent, ' ');
  bool empty = true;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (!empty && columns_of(line) + 1 + columns_of(word) > width) {
      out += line + "\n";
      line = std::string(indent + 2, ' ');
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + line + "\n";
}

}  // namespace

std::string to_text(const table& shown) {
  const auto widths = widths_of(shown);
  std::string out = shown.title.empty() ? "" : shown.title + "\n";
  std::string line;
  for (std::size_t i = 0; i < widths.size(); ++i)
    line += (i ? std::string(gap, ' ') : "") +
            padded(one_line(shown.columns[i].name, widths[i]), widths[i], shown.columns[i].number);
  out += without_trailing_space(line);
  for (const auto& row : shown.rows) {
    line.clear();
    for (std::size_t i = 0; i < widths.size(); ++i)
      line += (i ? std::string(gap, ' ') : "") +
              padded(one_line(row[i].text, widths[i]), widths[i], shown.columns[i].number);
    out += without_trailing_space(line);
  }
  for (const auto& note : shown.notes) out += wrapped(for_terminal(note), 0);
  return out;
}

std::string to_text(const document& what) {
  std::string out = one_line(what.title, width) + "\n";
  std::size_t label_width = 0;
  for (const auto& f : what.facts) label_width = std::max(label_width, columns_of(f.label));
  for (const auto& f : what.facts)
    out += "  " + padded(f.label, label_width, false) + "  " +
           one_line(f.value, width - label_width - 4) + "\n";
  for (const auto& remark : what.remarks) out += wrapped("! " + for_terminal(remark), 0);
  for (const auto& shown : what.tables) out += "\n" + to_text(shown);
  return out;
}

std::string to_text(const run_summary& summary) { return to_text(describe(summary, most_rows)); }

}  // namespace assay::report
