#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/settings.hpp"

namespace assay::evaluation {

/// What one model of a panel came to.
struct member_grade {
  std::string code;             ///< its grade; `-` none that could be read, `!` no answer at all
  std::optional<double> score;  ///< 0 ... 1
};

inline constexpr std::string_view unread_code = "-";
inline constexpr std::string_view failed_code = "!";

/// What a panel comes to.
struct panel_score {
  std::optional<double> score;  ///< absent: undecided
  std::string how;              ///< e.g. `2 of 3`; empty for a single model
};

/// Majority: the score that most members gave; a tie is undecided, or goes to its first, lowest or
/// highest score. Mean: of their scores. Members without a score do not count.
panel_score vote(const std::vector<member_grade>&, const grader_settings&);

/// The grades of a panel as a verdict's `extracted` keeps them: one code a member in the order of
/// `models`, a blank between them, e.g. `C I -`.
std::string panel_text(const std::vector<member_grade>&);

/// The codes in such a text.
std::vector<std::string> panel_codes(std::string_view extracted);

}  // namespace assay::evaluation
