#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "providers/transport/deadline_queue.hpp"
#include "providers/transport/failure.hpp"
#include "providers/transport/head_collector.hpp"
#include "providers/transport/http_engine.hpp"
#include "providers/transport/readiness.hpp"

struct curl_slist;
struct curl_sockaddr;

namespace assay::transport {

/// One exchange under way and the easy handle that carries it. Belongs to one event loop and is
/// used by its thread only, for one exchange after another: what stays the same between exchanges
/// (options, header list, buffers) is kept.
///
/// Never sends a request twice: libcurl by itself repeats a request on a new connection when a
/// kept-alive one turns out to be dead. Before each sending it calls `about_to_send`, before each
/// new connection `open`: both refuse the second time, so the repetition ends as an error.
class transfer {
 public:
  transfer(std::uint32_t index, deadline_queue&, readiness&);
  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;
  ~transfer();

  void* handle() const { return easy_; }
  std::uint32_t index() const { return index_; }
  std::uint64_t id() const { return id_; }
  bool busy() const { return id_ != 0; }

  /// Takes an exchange and prepares the handle. `kind == none`, or why it cannot be sent at all.
  api_error begin(std::uint64_t id, exchange, instant now);

  /// Measures its connection. REQUIRES: curl has just said that it is done.
  void look_at_connection();

  /// What curl's final result means: `kind == none` if the answer has arrived whole.
  api_error outcome_of(int code) const;

  /// The error for the deadline that has passed.
  api_error overdue(instant now) const;

  /// Ends the exchange. Gives the callback and what to call it with; the transfer is free again.
  std::pair<std::function<void(exchange_result)>, exchange_result> end(const api_error&,
                                                                       instant now);

 private:
  struct callbacks;  // what curl calls

  void set_constant_options();
  api_error prepare();
  void set_target();
  void set_version();
  void set_headers();
  void set_body();

  bool fits_one_piece() const;
  bool about_to_send();
  std::size_t give_body(char* into, std::size_t room);
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  bool head_is_complete(instant now);
  int open(const curl_sockaddr&);

  void enter(phase, instant now);
  instant deadline() const;
  circumstances known() const;
  connection_time time_to_connect() const;
  bool stop_with(api_error);

  const std::uint32_t index_;
  deadline_queue& deadlines_;
  readiness& sockets_;
  void* easy_;
  char curl_words_[256];

  // kept from the exchange before, to set only what differs
  std::string url_, proxy_, ca_file_, system_ca_file_, system_ca_path_;
  header_list headers_;
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> header_lines_;

  // of the exchange under way
  std::uint64_t id_ = 0;
  exchange job_;
  phase phase_ = phase::connecting;
  instant taken_, sent_;
  instant progressed_;  // the last moment the phase's own deadline counts from
  std::size_t body_given_ = 0;
  std::int64_t bytes_ = 0;
  head_collector head_;
  int socket_ = -1;  // the last one opened for it; for words only
  int socket_error_ = 0;
  std::chrono::nanoseconds round_trip_{0};
  bool resend_refused_ = false;
  api_error verdict_;  // why we stopped it ourselves
};

}  // namespace assay::transport
