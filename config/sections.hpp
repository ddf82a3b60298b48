#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/option.hpp"
#include "messages/settings.hpp"

/// The kinds of tables of a settings file: what each is read into, its options, and what is checked
/// once all its keys are known.
namespace assay::config {

/// An entry on its way from the file to the settings.
template <class Settings>
struct draft {
  Settings value;
  const node* table = nullptr;
  place at;
};

/// Limits as a file states them: `rpm = 600`, `burst = 20`.
struct stated_limits {
  std::optional<double> qps, rpm, rpd, tpm, tpd, itpm, otpm, usd_per_day;
  std::optional<double> burst, token_burst;
  std::optional<double> window_start;  ///< seconds
  std::optional<limit_shape> shape;
};

struct provider_draft : draft<provider_settings> {
  stated_limits stated;
  bool unknown_preset = false;
};
/// The limits of one model at a provider.
struct model_limits_draft {
  stated_limits stated;
};
/// The limits of each egress address.
struct address_limits_draft {
  std::optional<int> max_parallel;
  stated_limits stated;
};
struct model_draft : draft<model_settings> {};
struct dataset_draft : draft<dataset_settings> {
  std::optional<dataset_format> format;
};
struct prompt_draft : draft<prompt_settings> {
  std::string system_file;
  std::string user_file;
};
struct judge_draft : draft<judge_settings> {};
struct tool_draft : draft<tool_settings> {};
struct mock_draft : draft<mock_settings> {
  stated_limits stated;
};
struct extraction_draft : draft<extraction_settings> {};
struct experiment_draft : draft<experiment_settings> {};

/// The keys outside all tables.
struct general_draft {
  std::string ledger;
  std::string report_dir;
};

const options<general_draft>& general_options();
const options<provider_draft>& provider_options();
const options<model_limits_draft>& model_limits_options();
const options<model_draft>& model_options();
const options<dataset_draft>& dataset_options();
const options<prompt_draft>& prompt_options();
const options<few_shot_example>& few_shot_options();
const options<judge_draft>& judge_options();
const options<filter_settings>& filter_options();
const options<rubric_item>& rubric_options();
const options<sandbox_settings>& sandbox_options();
const options<node_settings>& node_options();
const options<extraction_draft>& extraction_options();
const options<tool_draft>& tool_options();
const options<mock_draft>& mock_options();
const options<mock_model>& mock_model_options();
const options<distribution>& distribution_options();
const options<experiment_draft>& experiment_options();

// What is checked and filled in when all keys of an entry have been read.
void complete(reading&, provider_draft&);
void complete(reading&, model_draft&);
void complete(reading&, dataset_draft&);
void complete(reading&, prompt_draft&);
void complete(reading&, judge_draft&);
void complete(reading&, extraction_draft&);
void complete(reading&, tool_draft&);
void complete(reading&, mock_draft&);
void complete(reading&, experiment_draft&);

}  // namespace assay::config
