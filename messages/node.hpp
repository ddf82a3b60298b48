#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messages/attempt.hpp"
#include "messages/settings.hpp"
#include "messages/task.hpp"
#include "messages/work.hpp"

/// What a coordinator and its nodes tell each other (docs/nodes.md). Instants are those of the
/// coordinator's clock unless it says otherwise.
namespace assay {

/// Raised whenever a message between the two changes: a node of another number is not let in.
constexpr std::uint32_t node_protocol = 4;

/// What a node says of itself when it joins. Its form on the wire is the same in every version, as
/// is that of `welcome`: who speaks another protocol is to be told so.
struct node_terms {
  std::uint32_t protocol = node_protocol;
  std::string version;  ///< of assay
  std::string name;
  std::uint64_t process = 0;  ///< tells a node that was started again from one that comes back
  std::vector<std::string> tags;
  std::uint32_t cores = 1;
  std::uint32_t max_parallel = 256;                      ///< exchanges at the same time
  std::map<std::string, std::uint32_t> max_parallel_at;  ///< of single accounts
  std::vector<std::string> dialects;
  std::uint32_t programs = 0;  ///< that its sandbox runs at the same time; 0: it has none

  bool operator==(const node_terms&) const = default;
};

/// What is wrong with this name of an egress address; empty: nothing.
std::string bad_egress(const std::string&);

/// What a node must know to call an account. Its limits stay with the coordinator.
struct account_offer {
  std::string provider;
  std::string dialect;
  std::string base_url;
  std::string api_version;
  credential_source credential;  ///< where the node looks for the key, if none is sent along
  std::string key;               ///< only where the coordinator was told to send it
  std::vector<std::pair<std::string, std::string>> headers;
  timeouts limits_of_time;
  std::string proxy;
  std::string ca_file;
};

/// Whether a node may take part.
struct welcome {
  std::string refused;  ///< why not; empty: it may
  milliseconds heartbeat{1'000};
  int missed_heartbeats = 3;
  std::uint32_t max_message = 16 << 20;  ///< bytes; a larger one would end the connection
};

/// By this a coordinator of the same ledger knows again what a node was given, whenever that was
/// (actors/call_sealer.hpp).
struct call_seal {
  std::array<std::uint8_t, 16> bytes{};

  bool operator==(const call_seal&) const = default;
};

/// An exchange that a node makes for a coordinator, or a tree of actors, that is no more.
struct call_under_way {
  std::int64_t run = 0;
  task_key key{};  ///< empty if several tasks share the exchange
  std::string provider;
  call_seal seal;
  instant over{};  ///< by when it has met its time-out; the coordinator knows this

  bool operator==(const call_under_way&) const = default;
};

/// The accounts that a node can call, by what it has found out itself, and from where.
struct abilities {
  std::vector<std::string> accounts;
  std::map<std::string, std::string> unable;  ///< account -> why not
  std::vector<call_under_way> under_way;      ///< those of earlier connections
  /// It has told all that it found out before. Until then calls would be for what it knows already.
  bool ready = true;
  /// By which APIs see it, as its operator says; empty: as the coordinator sees it.
  std::string egress{};

  bool operator==(const abilities&) const = default;
};

/// A sign of life, and one round of the comparison of clocks.
struct heartbeat {
  std::uint64_t number = 0;
  instant sent;  ///< by the node's clock
  std::uint32_t under_way = 0;
  bool draining = false;  ///< it takes no more calls; those it has come to their end
  duration loop_lag{};    ///< how late its last timer was
  std::chrono::nanoseconds clock_offset{0};  ///< its clock minus ours, as far as it knows
  std::chrono::nanoseconds clock_error{-1};  ///< negative: it does not know
  std::uint32_t examinations = 0;            ///< that it holds, begun or not

  bool operator==(const heartbeat&) const = default;
};

/// The answer to a heartbeat.
struct heartbeat_echo {
  std::uint64_t number = 0;
  instant sent;  ///< by the node's clock
  instant seen;  ///< by ours

  bool operator==(const heartbeat_echo&) const = default;
};

/// One exchange that a node is to run.
struct node_call {
  std::uint64_t ticket = 0;
  std::string provider;
  assignment what;
  call_seal seal;

  bool operator==(const node_call&) const = default;
};

/// What it came to.
struct node_result {
  std::uint64_t ticket = 0;
  exchange_result result;

  bool operator==(const node_result&) const = default;
};

/// An answer has begun, and its headers tell of limits.
struct node_headers {
  std::uint64_t ticket = 0;
  early_headers early;

  bool operator==(const node_headers&) const = default;
};

/// A result that outlived the coordinator or the connection over which its call came.
struct late_result {
  std::int64_t run = 0;
  task_key key;
  std::uint64_t ticket = 0;
  std::string provider;
  exchange_result result;
  call_seal seal;  ///< of the call

  bool operator==(const late_result&) const = default;
};

/// An exchange under this permit has ended.
struct ended_exchange {
  std::uint64_t permit = 0;
  exchange_result result;

  bool operator==(const ended_exchange&) const = default;
};

/// What a judge on another machine must know to score as ours does. Files that a command names go
/// along; what names and versions verdicts stays here.
struct node_judge {
  std::uint64_t number = 0;  ///< among those of a connection
  judge_settings settings;
  std::vector<std::pair<std::string, std::string>> files;  ///< as the command names them, content
};

/// Whether a node can examine for a judge.
struct judge_ability {
  std::uint64_t judge = 0;  ///< `node_judge::number`
  std::string unable;       ///< why it cannot; empty: it can

  bool operator==(const judge_ability&) const = default;
};

/// An answer that waits for the verdict of a judge that blocks.
struct examination {
  std::uint64_t ticket = 0;
  std::uint64_t judge = 0;  ///< `node_judge::number`; of no meaning within a process
  sample item;
  answer reply;

  bool operator==(const examination&) const = default;
};

/// What became of an examination at the place that it was given to.
enum class examination_end : std::uint8_t {
  examined,    ///< here is the verdict
  called_off,  ///< it was no longer wanted
  too_large,   ///< it, or its verdict, is more than a message may hold
  not_taken,   ///< the place takes none, or not of this judge
  lost,        ///< the place is gone
  refused,     ///< the verdict cannot be
};

struct ended_examination {
  std::uint64_t ticket = 0;
  examination_end how = examination_end::examined;
  verdict what;  ///< without key, judge and version; only if `examined`

  bool operator==(const ended_examination&) const = default;
};

/// What a node has to offer to one account, or to one judge.
struct node_offer {
  std::string node;
  std::uint32_t most = 0;  ///< exchanges, or programs, at the same time
  duration latency{};      ///< until something reaches the farthest node there is
  /// Exchanges that run there for the account since before this provider, or this connection, was
  /// there: they hold places at the API. The end of each is reported under permit 0. Absent:
  /// nothing is new.
  std::optional<std::uint32_t> of_before;
  /// These are all: it is the process that was there before. One that died may have left more.
  bool came_back = false;
  std::string egress{};  ///< the address that its calls leave by; empty: ours

  bool operator==(const node_offer&) const = default;
};

/// How a node stands, for displays.
struct node_status {
  std::string name;
  std::string state;  ///< `up`, `draining`, `lost`, `left`, `quarantined`
  std::vector<std::string> tags;
  std::vector<std::string> accounts;
  std::map<std::string, std::string> unable;  ///< account -> why it cannot call that one
  std::uint32_t under_way = 0;
  std::uint32_t examinations = 0;  ///< that it holds, begun or not
  std::uint32_t programs = 0;      ///< that it runs at the same time
  std::uint32_t losses = 0;
  std::uint64_t refused = 0;  ///< results and verdicts of it that were not believed
  duration loop_lag{};
  std::chrono::nanoseconds clock_offset{0};
  std::chrono::nanoseconds clock_error{-1};
};

/// How a node sees itself.
struct workshop_status {
  bool connected = false;
  bool draining = false;
  std::uint64_t under_way = 0;
  std::uint64_t examinations = 0;  ///< begun or not
  std::uint64_t unconfirmed = 0;   ///< results that are not known to be durable
};

}  // namespace assay
