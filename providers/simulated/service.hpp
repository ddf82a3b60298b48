#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messages/sample.hpp"
#include "messages/settings.hpp"
#include "providers/http.hpp"

/// The simulated provider without sockets: what an API answers to a request, as bytes with times.
/// `assay mock` serves it over real HTTP; the simulated engine plays it in virtual time.
namespace assay::simulated {

struct reply_piece {
  duration after{};  ///< since the arrival of the request
  std::string bytes;
};

enum class reply_end : std::uint8_t {
  complete,  ///< the answer ends as HTTP says
  cut,       ///< the connection is closed after the last piece
  hang,      ///< silence after the last piece, until the client gives up
};

/// A whole HTTP answer with its times. `status == 0`: closed (or silent) without a byte.
struct reply {
  int status = 200;
  header_list headers;
  std::vector<reply_piece> pieces;
  duration ends_after{};
  reply_end end = reply_end::complete;
};

/// One line of the truth log: what the service did, whatever the client claims.
struct truth {
  std::string mock;  ///< name of the mock
  double at_s = 0;   ///< arrival, seconds since the service's first request
  std::string path;  ///< what was asked for, without the query
  std::string model;
  std::string sample_id;      ///< empty: the prompt belongs to no sample it knows
  std::uint32_t attempt = 1;  ///< the how-manieth time this service saw this prompt for this model
  int status = 0;
  std::string fault;        ///< injected fault, empty if none
  bool right = false;       ///< whether the answer sent is the right one (whole answers only)
  int in_flight = 0;        ///< including this one
  std::string from;         ///< the address that it came from; empty: not told
  std::uint32_t items = 0;  ///< requests of the batch that this arrival created
};

/// One line of JSON for the truth log.
std::string to_json(const truth&);

/// Seeded and deterministic: the answer, its length and its latency are functions of (seed, model,
/// prompt); faults of (seed, model, prompt, attempt). Not thread-safe: callers serialise.
class service {
 public:
  /// `samples`: what it knows the right answers of. `calendar` serves those headers that tell a
  /// time of day.
  service(mock_settings, std::vector<sample> samples, time_anchor calendar = {});
  service(service&&) noexcept;
  ~service();

  struct handled {
    reply what;
    truth log;
    bool holds_slot = false;  ///< admitted: call `release` when the exchange is over
  };

  /// Answers one request: OpenAI chat completions, Anthropic Messages, Gemini generateContent (each
  /// with and without streaming), the models lists, and the batch endpoints of the first two. `now`
  /// never goes backwards. `path`: with its query, as in the request line. `from`: the address that
  /// it comes from, for the limits of each.
  handled handle(std::string_view method, std::string_view path, const header_list& headers,
                 std::string_view body, instant now, const std::string& from = {});

  /// An admitted exchange from there is over (answered, cut or abandoned).
  void release(const std::string& from = {});

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace assay::simulated
