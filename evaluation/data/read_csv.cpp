#include <algorithm>

#include "evaluation/data/row.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

constexpr std::size_t max_row_bytes = 16 * 1024 * 1024;

/// Reads one record after another (RFC 4180, with LF or CRLF).
class csv_reader {
 public:
  explicit csv_reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  std::size_t line() const { return line_; }
  std::size_t record_line() const { return record_line_; }
  const std::string& fault() const { return fault_; }

  /// The cells of the next record. False at a fault from which there is no way on.
  bool read(std::vector<std::string>& cells) {
    cells.clear();
    record_line_ = line_;
    auto start = at_;
    while (true) {
      auto& cell = cells.emplace_back();
      bool good = at_ < text_.size() && text_[at_] == '"' ? read_quoted(cell) : read_plain(cell);
      if (!good) return false;
      if (at_ - start > max_row_bytes) return fail("the row is longer than 16 MiB");
      if (at_ == text_.size()) return true;
      if (text_[at_] == ',') {
        ++at_;
        continue;
      }
      at_ += text_[at_] == '\r' ? 2 : 1;
      ++line_;
      return true;
    }
  }

 private:
  bool fail(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }

  bool at_line_end() const {
    return at_ == text_.size() || text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n";
  }

  bool read_plain(std::string& cell) {
    auto start = at_;
    while (!at_line_end() && text_[at_] != ',') {
      if (text_[at_] == '"')
        return fail("a quote in the middle of a cell that does not start with one");
      ++at_;
    }
    cell.assign(text_.substr(start, at_ - start));
    return true;
  }

  bool read_quoted(std::string& cell) {
    auto opened = line_;
    ++at_;
    while (true) {
      auto end = text_.find('"', at_);
      if (end == std::string_view::npos)
        return fail("the quote opened on line " + std::to_string(opened) + " is never closed");
      auto part = text_.substr(at_, end - at_);
      line_ += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
      cell.append(part);
      at_ = end + 1;
      if (at_ == text_.size() || text_[at_] != '"') break;
      cell += '"';
      ++at_;
    }
    return at_line_end() || text_[at_] == ',' || fail("text after the closing quote of a cell");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t record_line_ = 1;
  std::string fault_;
};

bool check_header(const std::vector<std::string>& header, problem_list& problems) {
  auto sorted = header;
  std::sort(sorted.begin(), sorted.end());
  if (sorted.front().empty()) problems.add(1, "the header has a column without a name");
  auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end() && !twice->empty())
    problems.add(1, "the header has the column '" + *twice + "' twice");
  return problems.empty();
}

bool check_bytes(std::string_view text, problem_list& problems) {
  auto line_of = [&](std::size_t at) {
    return 1 + static_cast<std::size_t>(
                   std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
  };
  if (auto bad = first_bad_utf8(text); bad != std::string_view::npos)
    problems.add(line_of(bad), "not UTF-8", "convert the file, e.g. with `iconv -t utf-8`");
  if (auto nul = text.find('\0'); nul != std::string_view::npos)
    problems.add(line_of(nul), "a NUL byte");
  return problems.empty();
}

}  // namespace

void read_csv(std::string_view text, problem_list& problems, const row_sink& sink) {
  if (text.empty() || !check_bytes(text, problems)) return;
  constexpr auto quoting = "put the cell in quotes and double the quotes within it";
  csv_reader reader(text);
  std::vector<std::string> header, cells;
  if (!reader.read(header)) return problems.add(reader.line(), reader.fault(), quoting);
  if (!check_header(header, problems)) return;
  while (!reader.at_end()) {
    if (!reader.read(cells)) return problems.add(reader.line(), reader.fault(), quoting);
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (cells.size() != header.size()) {
      problems.add(reader.record_line(), "the row has " + std::to_string(cells.size()) +
                                             " cells, the header " + std::to_string(header.size()));
      continue;
    }
    row r;
    r.line = reader.record_line();
    r.fields.reserve(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
      r.fields.emplace_back(header[i], std::move(cells[i]));
    r.kinds.assign(cells.size(), value_kind::string);
    sink(std::move(r));
  }
}

}  // namespace assay::evaluation
