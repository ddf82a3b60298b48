#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evaluation/data/json_cursor.hpp"
#include "messages/problem.hpp"

namespace assay::evaluation {

/// One row of a data file, not yet interpreted.
struct row {
  std::size_t line = 0;  ///< where it begins, from 1
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<value_kind> kinds;  ///< of each field
};

/// Collects the problems of a file: the first 20, and how many there were. A file of rubbish then
/// yields a page, not a book.
class problem_list {
 public:
  explicit problem_list(std::string file) : file_(std::move(file)) {}

  void add(std::size_t line, std::string what, std::string fix = {});
  void add_for_file(std::string what, std::string fix = {});
  bool empty() const { return count_ == 0; }
  const std::string& file() const { return file_; }

  /// The problems, with `and N more` at the end if there were more.
  std::vector<problem> take();

 private:
  void add(problem);

  std::string file_;
  std::vector<problem> first_;
  std::size_t count_ = 0;
};

using row_sink = std::function<void(row&&)>;

/// The readers below hand every good row to the sink, in file order, and go on after a bad one
/// where the format allows it.
void read_jsonl(std::string_view text, problem_list&, const row_sink&);
void read_json_array(std::string_view text, problem_list&, const row_sink&);
void read_csv(std::string_view text, problem_list&, const row_sink&);

/// Names a few fields for a message: `a, b, c ...`.
std::string list_fields(const row&);

}  // namespace assay::evaluation
