#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/chat.hpp"
#include "messages/settings.hpp"

/// Rounds: the same request from several places at the same moment.
namespace assay {

/// The place that is this process, among the names of nodes.
constexpr auto place_here = "local";

/// What to ask, how often, and from where.
struct round_plan {
  std::string model;                  ///< as declared
  std::vector<chat_request> prompts;  ///< one for each round, in turn
  std::vector<std::string> places;    ///< names; empty: every node that is here
  std::uint32_t rounds = 1;
  duration interval{};           ///< from the start of a round to that of the next, at least
  bool new_connections = false;  ///< each request on a connection of its own
  std::optional<usd> most_cost;  ///< what all rounds may cost together
  duration patience{};           ///< without any place: then it ends
};

/// What became of one request of a round.
struct round_request {
  std::uint32_t round = 1;
  std::string place;
  attempt tried;
};

/// How far the rounds are.
struct rounds_status {
  std::vector<std::string> places;  ///< that can be called now
  std::uint32_t begun = 0;          ///< rounds
  std::uint64_t ended = 0;          ///< requests, those that failed included
  std::uint64_t failed = 0;
  usd cost;
  std::string waiting_on;  ///< what holds the next round back: a limit, a place; or empty
  std::string stopped_by;  ///< why rounds are left over; empty: all were made, or are being made
  bool finished = false;   ///< nothing more will happen
};

}  // namespace assay
