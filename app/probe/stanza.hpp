#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/probe/probe.hpp"

namespace assay::probing {

/// What was probed.
struct subject {
  std::string provider;
  std::string model;
  std::string date;  ///< `2026-11-22`
};

/// The settings that say what was found, as TOML for `[providers.NAME]`: figures on the cautious
/// side of what is known, rounded where that is within it.
std::string stanza(const subject&, const probe_report&);

/// What the probe could not find out, in words.
std::vector<std::string> unknowns(const probe_report&);

/// The report as text on stdout.
void print(const subject&, const probe_report&);

nlohmann::json to_json(const subject&, const probe_report&);

}  // namespace assay::probing
