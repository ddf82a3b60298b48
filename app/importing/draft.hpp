#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "messages/problem.hpp"

namespace assay::importing {

/// A text, number or list as TOML writes it.
std::string toml(const std::string& text);
std::string toml(const char* text);
std::string toml(double value);
std::string toml(const std::vector<std::string>& texts);
/// An inline table or any other value.
std::string toml(const nlohmann::ordered_json& value);

/// `[section.name]` with its keys; values are TOML already.
struct toml_table {
  std::string section;
  std::string name;
  std::vector<std::pair<std::string, std::string>> keys;
};

std::string to_toml(const toml_table&);

/// An experiment on its way from another tool's file to ours.
struct draft {
  std::string tool;     ///< that the file is of
  std::string source;   ///< the file
  std::string name;     ///< of experiment and dataset
  std::string include;  ///< our file that declares models; empty for none
  std::map<std::string, std::vector<std::string>> included;  ///< names in it, by section
  std::vector<std::string> models;                           ///< of the experiment
  std::vector<std::string> prompts;
  std::vector<std::string> judges;
  std::vector<toml_table> tables;                            ///< providers, models, prompts, judges
  std::vector<std::pair<std::string, std::string>> options;  ///< of the experiment
  std::vector<nlohmann::ordered_json> rows;
  std::vector<problem> notes;  ///< what was not understood

  /// The names of a section that are taken.
  std::vector<std::string> names(const std::string& section) const;
  /// Notes it once; what is met again is counted by `settle_notes`.
  void not_understood(std::string where, std::string what, std::string fix = {});
  /// Notes that differ only in their place become one, with the first place and their number.
  void settle_notes();
};

/// The fields of a row that are not variables of its own.
inline constexpr const char* id_field = "__id";
inline constexpr const char* input_field = "__input";
inline constexpr const char* target_field = "__target";

/// A name that an experiment file takes, from any text; `otherwise` if nothing is left of it.
std::string name_from(const std::string& text, const std::string& otherwise);

/// A name that is not in `taken`: with `-2`, `-3` ... appended if need be.
std::string distinct(const std::string& name, const std::vector<std::string>& taken);

/// The experiment file; its dataset is at `rows_path`.
std::string to_toml(const draft&, const std::string& rows_path);

/// The rows as JSONL.
std::string to_jsonl(const draft&);

}  // namespace assay::importing
