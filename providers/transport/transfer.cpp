#include "providers/transport/transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "providers/catalog/credentials.hpp"
#include "providers/transport/descriptors.hpp"

namespace assay::transport {

namespace {

/// Bodies up to here go out together with the headers in one piece; larger ones are handed over
/// piece by piece, which tells how far the sending has come.
constexpr std::size_t one_piece = 12 * 1024;

constexpr milliseconds endless = std::chrono::hours(24 * 365);

instant after(instant start, milliseconds limit) {
  return limit <= milliseconds::zero() || limit > endless ? deadline_queue::never : start + limit;
}

bool is_name_char(char c) { return c > 0x20 && c < 0x7f && !std::strchr("\"(),/:;<=>?@[\\]{}", c); }

bool is_sendable(const std::string& name, const std::string& value) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name_char) &&
         value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
}

api_error bad_header(const std::string& name) {
  api_error error;
  error.kind = error_class::bad_request;
  error.code = "bad_header";
  error.message = "the header `" + printable(name) +
                  "` cannot be sent: a name has letters, digits and dashes, a value no line break";
  return error;
}

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

std::string info_text(CURL* easy, CURLINFO what) {
  char* text = nullptr;
  return curl_easy_getinfo(easy, what, &text) == CURLE_OK && text ? text : "";
}

long info_number(CURL* easy, CURLINFO what) {
  long number = 0;
  curl_easy_getinfo(easy, what, &number);
  return number;
}

/// How far connecting has come, by its last socket.
const char* connecting_words(int socket) {
  if (socket < 0) return "its name is not resolved, or another exchange still connects for it";
  if (!is_established(socket)) return "no answer to the TCP handshake";
  return "TCP is connected, the TLS or proxy handshake is not finished";
}

}  // namespace

struct transfer::callbacks {
  static int about_to_send(void* self, char*, char*, int, int) {
    return static_cast<transfer*>(self)->about_to_send() ? CURL_PREREQFUNC_OK
                                                         : CURL_PREREQFUNC_ABORT;
  }
  static std::size_t read(char* into, std::size_t size, std::size_t n, void* self) {
    return static_cast<transfer*>(self)->give_body(into, size * n);
  }
  static std::size_t header(char* line, std::size_t size, std::size_t n, void* self) {
    return static_cast<transfer*>(self)->take_header({line, size * n}) ? size * n : 0;
  }
  static std::size_t write(char* bytes, std::size_t size, std::size_t n, void* self) {
    return static_cast<transfer*>(self)->take_body({bytes, size * n}) ? size * n : 0;
  }
  static curl_socket_t open(void* self, curlsocktype, curl_sockaddr* address) {
    return static_cast<transfer*>(self)->open(*address);
  }
  static int close(void* sockets, curl_socket_t fd) {
    return static_cast<readiness*>(sockets)->close(fd);
  }
};

transfer::transfer(std::uint32_t index, deadline_queue& deadlines, readiness& sockets)
    : index_(index),
      deadlines_(deadlines),
      sockets_(sockets),
      easy_(curl_easy_init()),
      header_lines_(nullptr, curl_slist_free_all) {
  static_assert(sizeof curl_words_ == CURL_ERROR_SIZE);
  if (!easy_) throw std::bad_alloc();
  system_ca_file_ = info_text(easy_, CURLINFO_CAINFO);
  system_ca_path_ = info_text(easy_, CURLINFO_CAPATH);
  set_constant_options();
}

transfer::~transfer() { curl_easy_cleanup(easy_); }

void transfer::set_constant_options() {
  auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy_, option, value); };
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_ERRORBUFFER, curl_words_);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_NOPROGRESS, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_PIPEWAIT, 1L);
  set(CURLOPT_NOPROXY, "");  // or curl would read the environment's no_proxy
  set(CURLOPT_PROXY, "");
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_USERAGENT, "assay");
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_TCP_KEEPIDLE, 15L);
  set(CURLOPT_TCP_KEEPINTVL, 5L);
  set(CURLOPT_BUFFERSIZE, 16L * 1024);
  set(CURLOPT_UPLOAD_BUFFERSIZE, 16L * 1024);
  set(CURLOPT_MAXAGE_CONN, 30L);  // below the usual 60 s of servers: a stale connection is rare
  set(CURLOPT_MAXLIFETIME_CONN, 600L);
  set(CURLOPT_DNS_CACHE_TIMEOUT, 300L);
  set(CURLOPT_PREREQFUNCTION, &callbacks::about_to_send);
  set(CURLOPT_PREREQDATA, this);
  set(CURLOPT_READFUNCTION, &callbacks::read);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_HEADERFUNCTION, &callbacks::header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &callbacks::write);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &callbacks::open);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_CLOSESOCKETFUNCTION, &callbacks::close);  // outlives this transfer with its socket
  set(CURLOPT_CLOSESOCKETDATA, &sockets_);
}

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
  resend_refused_ = false;
  verdict_ = {};
  curl_words_[0] = '\0';
  for (const auto& [name, value] : job_.request.headers)
    if (!is_sendable(name, value)) return bad_header(name);
  set_target();
  set_headers();
  set_body();
  deadlines_.set(index_, deadline());
  return {};
}

void transfer::set_target() {
  if (url_ != job_.request.url) {
    url_ = job_.request.url;
    curl_easy_setopt(easy_, CURLOPT_URL, url_.c_str());
    // Without TLS there is no HTTP/2, so there is nothing to wait for on another's connection.
    bool tls = url_.starts_with("https:");
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION,
                     long{tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1});
  }
  if (proxy_ != job_.proxy) {
    proxy_ = job_.proxy;
    curl_easy_setopt(easy_, CURLOPT_PROXY, proxy_.c_str());
  }
  if (ca_file_ != job_.ca_file) {
    ca_file_ = job_.ca_file;
    const auto& file = ca_file_.empty() ? system_ca_file_ : ca_file_;
    curl_easy_setopt(easy_, CURLOPT_CAINFO, or_null(file));
    curl_easy_setopt(easy_, CURLOPT_CAPATH, ca_file_.empty() ? or_null(system_ca_path_) : nullptr);
  }
  // curl divides this between the addresses of a host; the deadline itself is ours, a bit earlier.
  auto connect =
      after({}, job_.limits.connect) == deadline_queue::never ? endless / 365 : job_.limits.connect;
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(connect, endless / 365).count() + 100));
}

void transfer::set_headers() {
  if (header_lines_ && headers_ == job_.request.headers) return;
  headers_ = job_.request.headers;
  curl_slist* lines = curl_slist_append(nullptr, "Expect:");  // no 100-continue
  for (const auto& [name, value] : headers_) {
    auto line = value.empty() ? name + ";" : name + ": " + value;
    lines = curl_slist_append(lines, line.c_str());
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, lines);
  header_lines_.reset(lines);
}

void transfer::set_body() {
  const auto& [method, url, headers, body] = job_.request;
  bool plain_get = method == "GET" && body.empty();
  if (plain_get) {
    curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.size() <= one_piece ? body.data() : nullptr);
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST,
                   plain_get || method == "POST" ? nullptr : method.c_str());
}

api_error transfer::outcome_of(int code) const {
  if (verdict_.kind != error_class::none) return verdict_;
  if (code == CURLE_OK && head_.complete()) return {};
  if (code == CURLE_OPERATION_TIMEDOUT) return connect_timeout(known(), job_.limits.connect);
  return failure_of(code == CURLE_OK ? CURLE_RECV_ERROR : code, known());
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
  bool at_once = job_.request.body.size() <= one_piece;
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
  auto n = std::min(room, body.size() - body_given_);
  std::memcpy(into, body.data() + body_given_, n);
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
  job_.reader->head(head_.status(), head_.headers(), now);
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
      return connect_timeout(known(), limits.connect);
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
  if (phase_ == phase::connecting && at.detail.empty()) at.detail = connecting_words(socket_);
  return at;
}

}  // namespace assay::transport
