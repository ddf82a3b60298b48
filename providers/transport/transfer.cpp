#include "providers/transport/transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>

#include "providers/catalog/credentials.hpp"
#include "providers/transport/descriptors.hpp"
#include "providers/transport/round_trip.hpp"

namespace assay::transport {

namespace {

constexpr milliseconds endless = std::chrono::hours(24 * 365);

instant after(instant start, milliseconds limit) {
  return limit <= milliseconds::zero() || limit > endless ? deadline_queue::never : start + limit;
}

long info_number(CURL* easy, CURLINFO what) {
  long number = 0;
  curl_easy_getinfo(easy, what, &number);
  return number;
}

std::chrono::microseconds info_time(CURL* easy, CURLINFO what) {
  curl_off_t since_start = 0;
  curl_easy_getinfo(easy, what, &since_start);
  return std::chrono::microseconds(since_start);
}

/// How far connecting has come, by its last socket.
const char* connecting_words(int socket) {
  if (socket < 0) return "its name is not resolved, or another exchange still connects for it";
  if (!is_established(socket)) return "no answer to the TCP handshake";
  return "TCP is connected, the TLS or proxy handshake is not finished";
}

}  // namespace

// -- from start to end ----------------------------------------------------------------------------

api_error transfer::begin(std::uint64_t id, exchange job, instant now) {
  id_ = id;
  job_ = std::move(job);
  phase_ = phase::connecting;
  taken_ = progressed_ = now;
  sent_ = {};
  body_given_ = 0;
  bytes_ = 0;
  head_.reset();
  socket_ = -1;
  socket_error_ = 0;
  round_trip_ = {};
  resend_refused_ = false;
  verdict_ = {};
  curl_words_[0] = '\0';
  deadlines_.set(index_, deadline());
  return prepare();
}

/// Curl tells the socket of a kept connection between the end of a transfer and its removal.
void transfer::look_at_connection() {
  curl_socket_t fd = CURL_SOCKET_BAD;
  if (round_trip_ != std::chrono::nanoseconds::zero()) return;
  if (curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD)
    round_trip_ = shortest_round_trip(fd);
}

/// Curl counts each phase from the start.
connection_time transfer::time_to_connect() const {
  auto resolved = info_time(easy_, CURLINFO_NAMELOOKUP_TIME_T);
  auto connected = std::max(resolved, info_time(easy_, CURLINFO_CONNECT_TIME_T));
  auto secured = std::max(connected, info_time(easy_, CURLINFO_APPCONNECT_TIME_T));
  return {resolved, connected - resolved, secured - connected};
}

api_error transfer::outcome_of(int code) const {
  if (verdict_.kind != error_class::none) return verdict_;
  if (code == CURLE_OK && head_.complete()) return {};
  if (code == CURLE_OPERATION_TIMEDOUT)
    return connect_timeout(known(), job_.limits.connect, curl_words_);
  if (code == CURLE_OK) code = CURLE_RECV_ERROR;  // ended within the headers
  auto at = known();
  if (at.detail.empty()) at.detail = curl_easy_strerror(static_cast<CURLcode>(code));
  return failure_of(code, at);
}

std::pair<std::function<void(exchange_result)>, exchange_result> transfer::end(
    const api_error& error, instant now) {
  deadlines_.clear(index_);
  auto result = job_.reader->finish(error, now);
  auto& tried = result.tried;
  tried.at.intended = job_.intended;
  tried.at.admitted = job_.admitted;
  tried.at.sent = sent_;
  tried.bytes_received = bytes_;
  tried.new_connection =
      phase_ != phase::connecting && info_number(easy_, CURLINFO_NUM_CONNECTS) > 0;
  if (tried.new_connection) tried.connecting = time_to_connect();
  tried.round_trip = round_trip_;
  for (auto* text : {&tried.error.message, &tried.error.code, &tried.error.type})
    *text = catalog::scrub(std::move(*text), job_.secret);
  auto done = std::move(job_.done);
  job_ = {};
  id_ = 0;
  return {std::move(done), std::move(result)};
}

// -- what curl tells ------------------------------------------------------------------------------

bool transfer::about_to_send() {
  if (phase_ != phase::connecting) {
    resend_refused_ = true;
    return false;
  }
  auto now = std::chrono::steady_clock::now();
  bool at_once = fits_one_piece();
  if (at_once) sent_ = now;
  enter(at_once ? phase::waiting : phase::sending, now);
  return true;
}

int transfer::open(const curl_sockaddr& address) {
  if (phase_ != phase::connecting) {
    resend_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  int fd = open_socket(address.family, address.socktype, address.protocol);
  if (fd < 0)
    socket_error_ = errno;
  else
    sockets_.opened(fd);
  socket_ = fd;
  return fd;
}

std::size_t transfer::give_body(char* into, std::size_t room) {
  const auto& body = job_.request.body;
  auto n = body.copy(into, room, body_given_);
  body_given_ += n;
  auto now = std::chrono::steady_clock::now();
  if (body_given_ == body.size() && sent_ == instant{}) sent_ = now;
  if (phase_ == phase::sending)
    enter(body_given_ == body.size() ? phase::waiting : phase::sending, now);
  return n;
}

bool transfer::take_header(std::string_view line) {
  auto now = std::chrono::steady_clock::now();
  bytes_ += static_cast<std::int64_t>(line.size());
  switch (head_.line(line)) {
    case head_collector::state::collecting:
      return true;
    case head_collector::state::too_large:
      return stop_with(too_large(known(), "the headers"));
    case head_collector::state::complete:
      break;
  }
  return head_is_complete(now);
}

bool transfer::head_is_complete(instant now) {
  enter(phase::answering, now);
  if (socket_ >= 0) round_trip_ = shortest_round_trip(socket_);
  job_.reader->head(head_.status(), head_.headers(), now);
  if (job_.begun && !job_.reader->limits().empty()) job_.begun({job_.reader->limits(), sent_});
  if (head_.status() >= 300 && head_.status() < 400)
    return stop_with(redirect_refused(known(), head_.status(), head_.value_of("location")));
  return true;
}

bool transfer::take_body(std::string_view bytes) {
  auto now = std::chrono::steady_clock::now();
  bytes_ += static_cast<std::int64_t>(bytes.size());
  enter(phase::answering, now);
  return job_.reader->body(bytes, now) || stop_with(too_large(known(), "the answer"));
}

bool transfer::stop_with(api_error why) {
  verdict_ = std::move(why);
  return false;
}

// -- deadlines ------------------------------------------------------------------------------------

void transfer::enter(phase next, instant now) {
  phase_ = next;
  progressed_ = now;
  deadlines_.set(index_, deadline());
}

instant transfer::deadline() const {
  const auto& limits = job_.limits;
  auto total = after(taken_, limits.total);
  switch (phase_) {
    case phase::connecting:
      return std::min(total, after(progressed_, limits.connect));
    case phase::sending:
    case phase::waiting:
      return std::min(total, after(progressed_, limits.first_byte));
    case phase::answering:
      break;
  }
  return std::min(total, after(progressed_, limits.idle));
}

api_error transfer::overdue(instant now) const {
  const auto& limits = job_.limits;
  if (after(taken_, limits.total) <= now) return total_timeout(known(), limits.total);
  switch (phase_) {
    case phase::connecting:
      return connect_timeout(known(), limits.connect, connecting_words(socket_));
    case phase::sending:
    case phase::waiting:
      return first_byte_timeout(known(), limits.first_byte);
    case phase::answering:
      break;
  }
  return idle_timeout(known(), limits.idle);
}

circumstances transfer::known() const {
  circumstances at;
  at.host = host_of(job_.request.url);
  at.reached = phase_;
  at.bytes = bytes_;
  at.reused = phase_ != phase::connecting && info_number(easy_, CURLINFO_NUM_CONNECTS) == 0;
  at.resend_refused = resend_refused_;
  at.socket_error = socket_error_;
  at.connect_error = static_cast<int>(info_number(easy_, CURLINFO_OS_ERRNO));
  at.detail = curl_words_;
  return at;
}

}  // namespace assay::transport
