#include "evaluation/judges/finqa_program.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <vector>

#include "evaluation/data/json_cursor.hpp"
#include "evaluation/text/number.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

constexpr std::array<std::string_view, 10> operations = {
    "add",     "subtract",  "multiply",  "divide",    "exp",
    "greater", "table_max", "table_min", "table_sum", "table_average"};
constexpr std::size_t max_steps = 1000;
constexpr int places = 5;

std::string without_commas(std::string_view text) {
  std::string plain(text);
  plain.erase(std::remove(plain.begin(), plain.end(), ','), plain.end());
  return plain;
}

std::string without(std::string text, std::string_view part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part))
    text.erase(at, part.size());
  return text;
}

struct operation {
  std::string_view name, first, second;
};

/// Cuts `op(a, b), op(a, b)` into its steps; empty if the text has another form.
std::vector<operation> read_steps(std::string_view program) {
  std::vector<operation> steps;
  auto rest = strip(program);
  while (!rest.empty() && steps.size() < max_steps) {
    auto open = rest.find('('), close = rest.find(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
      return {};
    auto arguments = rest.substr(open + 1, close - open - 1);
    auto comma = arguments.find(", ");
    if (comma == std::string_view::npos || arguments.find('(') != std::string_view::npos) return {};
    steps.push_back({strip(rest.substr(0, open)), strip(arguments.substr(0, comma)),
                     strip(arguments.substr(comma + 2))});
    rest = strip(rest.substr(close + 1));
    if (rest.empty()) break;
    if (rest.front() != ',') return {};
    rest = strip(rest.substr(1));
  }
  return steps;
}

/// The numbers of a table row; nothing if the row is missing or a cell is no number.
std::optional<std::vector<double>> row_numbers(std::string_view table, std::string_view name) {
  std::optional<std::vector<double>> found;
  each_element(table, [&](value_kind, std::string_view row) {
    std::vector<std::string> cells;
    each_element(
        row, [&](value_kind kind, std::string_view raw) { cells.push_back(text_of(kind, raw)); });
    if (cells.empty() || cells.front() != name) return;
    found.emplace();
    for (std::size_t i = 1; i < cells.size() && found; ++i) {
      auto plain = std::string(strip(without(cells[i], "$")));
      auto number = finqa_number(strip(std::string_view(plain).substr(0, plain.find('('))));
      if (number)
        found->push_back(*number);
      else
        found.reset();
    }
  });
  if (found && found->empty()) found.reset();
  return found;
}

/// A reference `#k` to an earlier result, or a number.
std::optional<double> argument(std::string_view text, const std::vector<finqa_result>& results) {
  if (text.find('#') == std::string_view::npos) return finqa_number(text);
  std::size_t index = 0;
  auto digits = text.substr(1);
  auto end = digits.data() + digits.size();
  if (text.front() != '#' || std::from_chars(digits.data(), end, index).ptr != end ||
      index >= results.size() || !std::holds_alternative<double>(results[index]))
    return std::nullopt;
  return std::get<double>(results[index]);
}

std::optional<finqa_result> calculate(std::string_view name, double a, double b) {
  if (name == "greater") return a > b ? "yes" : "no";
  double result = 0;
  if (name == "add") result = a + b;
  if (name == "subtract") result = a - b;
  if (name == "multiply") result = a * b;
  if (name == "divide") result = b == 0 ? std::nan("") : a / b;
  if (name == "exp") result = std::pow(a, b);
  if (!std::isfinite(result)) return std::nullopt;
  return result;
}

std::optional<finqa_result> over_row(std::string_view name, const std::vector<double>& numbers) {
  auto sum = std::accumulate(numbers.begin(), numbers.end(), 0.0);
  if (name == "table_max") return *std::max_element(numbers.begin(), numbers.end());
  if (name == "table_min") return *std::min_element(numbers.begin(), numbers.end());
  if (name == "table_sum") return sum;
  return sum / static_cast<double>(numbers.size());
}

bool is_operation(std::string_view name) {
  return std::find(operations.begin(), operations.end(), name) != operations.end();
}

}  // namespace

std::optional<double> finqa_number(std::string_view text) {
  auto plain = without_commas(text);
  if (auto number = python_float(plain)) return number;
  if (plain.find('%') != std::string::npos) {
    auto number = python_float(without(plain, "%"));
    return number ? std::optional(*number / 100) : std::nullopt;
  }
  if (plain.find("const") == std::string::npos) return std::nullopt;
  plain = without(plain, "const_");
  return python_float(plain == "m1" ? "-1" : plain);
}

bool is_finqa_program(std::string_view text) {
  text = strip(text);
  auto open = text.find('(');
  return open != std::string_view::npos && is_operation(strip(text.substr(0, open)));
}

std::optional<finqa_result> run_finqa_program(std::string_view program, std::string_view table) {
  std::vector<finqa_result> results;
  for (auto& step : read_steps(program)) {
    if (!is_operation(step.name)) return std::nullopt;
    std::optional<finqa_result> result;
    if (step.name.substr(0, 6) == "table_") {
      auto numbers = row_numbers(table, step.first);
      if (numbers) result = over_row(step.name, *numbers);
    } else {
      auto a = argument(step.first, results), b = argument(step.second, results);
      if (a && b) result = calculate(step.name, *a, *b);
    }
    if (!result) return std::nullopt;
    results.push_back(std::move(*result));
  }
  if (results.empty()) return std::nullopt;
  if (auto number = std::get_if<double>(&results.back())) *number = python_round(*number, places);
  return results.back();
}

}  // namespace assay::evaluation
