#pragma once

#include <set>
#include <string>
#include <vector>

#include "app/importing/draft.hpp"
#include "app/importing/importing.hpp"
#include "app/importing/model_graded.hpp"
#include "app/importing/whole_test.hpp"
#include "app/importing/yaml.hpp"

/// promptfoo's configuration, part by part (its documentation: "Reference", "Test cases",
/// "Prompts", "Assertions & metrics").
namespace assay::importing {

/// `file:line` of a value.
std::string at_line(const std::string& file, const tree&);

/// The prompts of the file; the expressions that they use are added to `expressions`.
void read_prompts(const tree& root, draft& to, std::set<std::string>& expressions);

/// The tests of the file as rows, with defaultTest and scenarios; each with the values of
/// `expressions`.
expected<void> read_tests(const tree& root, draft& to, const std::set<std::string>& expressions,
                          const config::environment&);

/// An assertion of a test in `file`. Notes what its judge will not understand; a model that grades
/// is declared.
stated_assertion read_assertion(const tree& stated, const tree& root, const std::string& file,
                                model_graded&, draft& to);

/// Makes the rows of a test: one for each combination of the values of variables that are lists.
void make_rows(const whole_test&, draft& to, const std::set<std::string>& expressions,
               const config::environment&);

/// No more rows than this are made.
inline constexpr std::size_t most_rows = 1'000'000;

/// A test file (.yaml, .json, .jsonl, .csv) as a list of tests.
expected<tree> read_test_file(const std::string& path);

/// An assertion in the short form of CSV files, `contains: Paris` or `similar(0.8): ...`.
tree assertion_from_text(const std::string& text, std::size_t line);

/// The whole configuration.
expected<draft> read_promptfoo(const tree& root, const request&);

}  // namespace assay::importing
