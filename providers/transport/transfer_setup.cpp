#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "providers/transport/transfer.hpp"

/// How the easy handle is set up: once for good, and for each request.
namespace assay::transport {

namespace {

/// Bodies up to here go out together with the headers in one piece; larger ones are handed over
/// piece by piece, which tells how far the sending has come.
constexpr std::size_t one_piece = 12UL * 1024;

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

// -- for each request
// ------------------------------------------------------------------------------

api_error transfer::prepare() {
  for (const auto& [name, value] : job_.request.headers)
    if (!is_sendable(name, value)) return bad_header(name);
  set_target();
  set_version();
  set_headers();
  set_body();
  return {};
}

bool transfer::fits_one_piece() const { return job_.request.body.size() <= one_piece; }

void transfer::set_target() {
  if (url_ != job_.request.url) {
    url_ = job_.request.url;
    curl_easy_setopt(easy_, CURLOPT_URL, url_.c_str());
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
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, long{job_.new_connection});
  curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, long{job_.new_connection});
  // curl divides this between the addresses of a host; the deadline itself is ours, a bit earlier.
  constexpr milliseconds day = std::chrono::hours(24);
  auto connect = job_.limits.connect > milliseconds::zero() ? job_.limits.connect : day;
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(connect, day).count() + 1000));
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

/// HTTP/2 needs TLS. Large bodies go over HTTP/1.1: libcurl 7.88 loses the other streams of a
/// connection when a server answers (a 429, say) before it has read the whole body.
void transfer::set_version() {
  bool shared = url_.starts_with("https:") && fits_one_piece();
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION,
                   long{shared ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1});
}

void transfer::set_body() {
  const auto& [method, url, headers, body] = job_.request;
  bool plain_get = method == "GET" && body.empty();
  if (plain_get) {
    curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
  } else {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, fits_one_piece() ? body.data() : nullptr);
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST,
                   plain_get || method == "POST" ? nullptr : method.c_str());
}

}  // namespace assay::transport
