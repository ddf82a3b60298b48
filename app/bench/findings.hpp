#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "analysis/percentile.hpp"
#include "analysis/place_separation.hpp"
#include "app/report/document.hpp"
#include "messages/round.hpp"

namespace assay::bench {

/// What happened.
struct record {
  std::string provider;
  round_plan plan;
  std::vector<std::string> absent;  ///< places that were wanted and did not come, with the reason
  std::vector<round_request> requests;
  rounds_status end;
  time_anchor anchor;
  milliseconds bad_lag{};  ///< what is known worse is not measured with
};

/// What was seen of one place; times are medians in ms.
struct place_findings {
  std::string name;
  std::size_t requests = 0;
  std::size_t answers = 0;
  std::size_t left_out = 0;  ///< answers whose moments are not worth it
  std::map<error_class, std::size_t> errors;
  std::map<error_class, std::string> messages;  ///< the last one of each class
  std::size_t new_connections = 0;
  std::optional<double> first_token_ms, whole_ms;  ///< since the request was sent
  std::optional<double> client_ms, round_trip_ms;
  std::optional<double> connecting_ms;  ///< of new connections
  double clock_error_ms = 0;            ///< the worst
};

/// A figure taken apart into provider, places and the rest.
struct figure {
  std::string name;  ///< `first token` or `whole answer`
  analysis::separation parts;
  std::vector<analysis::percentile> provider;  ///< P50 and P95 over the rounds
};

struct findings {
  std::vector<place_findings> places;
  std::vector<figure> figures;     ///< first token, whole answer
  std::size_t late_rounds = 0;     ///< that began later than the interval
  std::vector<std::string> notes;  ///< what a reader must know before trusting the figures
};

findings find_out(const record&);

report::document describe(const record&, const findings&);

/// Everything, each request included.
nlohmann::ordered_json to_json(const record&, const findings&);

}  // namespace assay::bench
