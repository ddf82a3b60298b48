#include "app/mock/server.hpp"

#include <httplib.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "app/mock/connection.hpp"
#include "app/mock/line_file.hpp"
#include "app/mock/threads.hpp"
#include "providers/simulated/service.hpp"

namespace assay::app {

namespace {

using clock = std::chrono::steady_clock;
using simulated::reply_end;

constexpr std::size_t longest_body = 260 * 1024 * 1024;  // a whole batch
constexpr std::chrono::seconds longest_silence{600};
constexpr std::chrono::seconds keep_alive{300};
constexpr int backlog = 1024;  // httplib asks for 5: a hundred connects at once then take a second

/// The connection that this thread serves.
thread_local connection* served = nullptr;

/// Lets httplib read from and write to a connection.
class stream final : public httplib::Stream {
 public:
  explicit stream(connection& c) : connection_(c) {}

  bool is_readable() const override { return !connection_.dropped(); }
  bool is_writable() const override { return !connection_.dropped(); }
  ssize_t read(char* out, std::size_t size) override { return connection_.read(out, size); }
  ssize_t write(const char* bytes, std::size_t size) override {
    return connection_.write({bytes, size}) ? static_cast<ssize_t>(size) : -1;
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = connection_.peer();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip = "127.0.0.1";
    port = 0;
  }
  socket_t socket() const override { return connection_.socket(); }

 private:
  connection& connection_;
};

/// httplib's queue of connections, on our threads.
class connection_queue final : public httplib::TaskQueue {
 public:
  connection_queue(std::size_t limit, std::string name) : threads_(limit), name_(std::move(name)) {}

  void enqueue(std::function<void()> job) override {
    if (threads_.run(std::move(job)) || warned_) return;
    warned_ = true;
    spdlog::warn("mock_busy mock={} all connection threads are busy: further connections wait",
                 name_);
  }
  void shutdown() override { threads_.join(); }

 private:
  threads threads_;
  std::string name_;
  bool warned_ = false;
};

header_list headers_of(const httplib::Request& request) {
  return {request.headers.begin(), request.headers.end()};
}

std::string take_header(header_list& headers, std::string_view name) {
  for (auto at = headers.begin(); at != headers.end(); ++at) {
    if (at->first != name) continue;
    auto value = std::move(at->second);
    headers.erase(at);
    return value;
  }
  return {};
}

/// The body, or the status that refuses it. Read here and not by httplib, which looks for handlers
/// with regular expressions and does not bound chunked bodies.
tl::expected<std::string, int> read_body(const httplib::Request& request) {
  if (request.has_header("Transfer-Encoding")) return tl::make_unexpected(411);
  const auto text = request.get_header_value("Content-Length");
  std::size_t size = 0;
  if (!text.empty()) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), size);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
      return tl::make_unexpected(400);
  }
  if (size > longest_body) return tl::make_unexpected(413);
  std::string body(size, '\0');
  for (std::size_t at = 0; at < size;) {
    const auto got = served->read(body.data() + at, size - at);
    if (got <= 0) return tl::make_unexpected(400);
    at += static_cast<std::size_t>(got);
  }
  return body;
}

}  // namespace

/// The server itself. `service_` and the truth log are guarded by `mutex_`; `open_` by
/// `open_mutex_`. Its own thread accepts, a thread of the queue serves each connection.
class mock_server::listener final : public httplib::Server {
 public:
  listener(mock_settings settings, std::vector<sample> samples)
      : name_(settings.name),
        service_(std::move(settings), std::move(samples),
                 time_anchor{clock::now(), std::chrono::system_clock::now()}) {}
  ~listener() override { end(); }

  expected<void> begin(const options&);
  void end();
  const std::string& name() const { return name_; }
  std::string url() const { return "http://" + address_ + ":" + std::to_string(port_); }

 private:
  /// One request and its answer. Gives the slot back no later than its last byte leaves, so that
  /// nobody who saw the end of an answer is refused for it.
  struct exchange {
    explicit exchange(listener& l) : owner(l) {}
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;
    ~exchange() { release(); }

    void release() {
      if (!std::exchange(done.holds_slot, false)) return;
      const std::lock_guard lock(owner.mutex_);
      owner.service_.release(done.log.from);
    }

    listener& owner;
    simulated::service::handled done;
    instant arrived{};
    std::size_t next = 0;  ///< piece to send
  };
  using exchange_ptr = std::shared_ptr<exchange>;

  bool process_and_close_socket(socket_t) override;
  bool enter(int socket);
  void leave(int socket);
  HandlerResponse answer(const httplib::Request&, httplib::Response&);
  exchange_ptr ask(const httplib::Request&, const std::string& body);
  static void respond(const exchange_ptr&, httplib::Response&);
  static bool send_next(exchange&, httplib::DataSink&);
  static bool send_end(exchange&);

  std::string name_;
  std::string address_;
  int port_ = 0;
  std::thread accepting_;
  std::mutex mutex_;
  simulated::service service_;
  line_file truth_;
  std::mutex open_mutex_;
  std::unordered_set<int> open_;
  bool ending_ = false;
};

expected<void> mock_server::listener::begin(const options& wanted) {
  if (!wanted.truth_file.empty())
    if (auto opened = truth_.open(wanted.truth_file); !opened) return opened;
  new_task_queue = [limit = wanted.max_connections, name = name_] {
    return new connection_queue(limit, name);
  };
  set_tcp_nodelay(true);
  set_write_timeout(60);
  set_keep_alive_timeout(keep_alive.count());
  set_keep_alive_max_count(1'000'000);
  // httplib's own choice includes SO_REUSEPORT: two servers would share a port unnoticed.
  set_socket_options([](socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  set_pre_routing_handler(
      [this](const auto& request, auto& response) { return answer(request, response); });
  address_ = wanted.address;
  port_ = wanted.port == 0                      ? bind_to_any_port(address_)
          : bind_to_port(address_, wanted.port) ? wanted.port
                                                : -1;
  if (port_ <= 0)
    return fail(address_ + ":" + std::to_string(wanted.port), "cannot listen there",
                "choose another --port, or 0 for any");
  ::listen(svr_sock_, backlog);
  accepting_ = std::thread([this] { listen_after_bind(); });
  // `stop` has no effect on a server that does not run yet.
  for (int i = 0; i < 5'000 && !is_running(); ++i) std::this_thread::sleep_for(milliseconds(1));
  return {};
}

void mock_server::listener::end() {
  {
    const std::lock_guard lock(open_mutex_);
    ending_ = true;
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  if (!accepting_.joinable()) return;
  stop();
  accepting_.join();
}

bool mock_server::listener::enter(int socket) {
  const std::lock_guard lock(open_mutex_);
  if (!ending_) open_.insert(socket);
  return !ending_;
}

void mock_server::listener::leave(int socket) {
  const std::lock_guard lock(open_mutex_);
  open_.erase(socket);
}

bool mock_server::listener::process_and_close_socket(socket_t socket) {
  connection peer(socket);
  if (!enter(socket)) return false;
  served = &peer;
  try {
    stream bytes(peer);
    bool closed = false;
    while (!closed && !peer.dropped() && peer.wait_for_request(keep_alive))
      if (!process_request(bytes, false, closed, nullptr)) break;
    peer.flush();
  } catch (const std::exception& e) {
    spdlog::error("mock_connection_failed mock={} error=\"{}\"", name_, e.what());
  }
  served = nullptr;
  leave(socket);
  return true;
}

httplib::Server::HandlerResponse mock_server::listener::answer(const httplib::Request& request,
                                                               httplib::Response& response) {
  const auto body = read_body(request);
  if (body) {
    respond(ask(request, *body), response);
  } else {
    response.status = body.error();
    response.set_header("Connection", "close");
  }
  return HandlerResponse::Handled;
}

mock_server::listener::exchange_ptr mock_server::listener::ask(const httplib::Request& request,
                                                               const std::string& body) {
  const auto headers = headers_of(request);
  auto x = std::make_shared<exchange>(*this);
  const std::lock_guard lock(mutex_);
  x->arrived = clock::now();
  x->done = service_.handle(request.method, request.target, headers, body, x->arrived,
                            request.remote_addr);
  if (truth_.is_open()) truth_.add(simulated::to_json(x->done.log));
  return x;
}

/// Waits for the answer's first byte and hands the rest to httplib, piece by piece.
void mock_server::listener::respond(const exchange_ptr& x, httplib::Response& response) {
  auto& what = x->done.what;
  if (what.pieces.empty()) {
    send_end(*x);
    return;
  }
  if (!served->sleep_until(x->arrived + what.pieces.front().after)) return;
  response.status = what.status;
  const auto type = take_header(what.headers, "content-type");
  const auto length = take_header(what.headers, "content-length");
  for (const auto& [name, value] : what.headers) response.set_header(name, value);
  if (length.empty())
    response.set_chunked_content_provider(
        type, [x](std::size_t, httplib::DataSink& sink) { return send_next(*x, sink); });
  else
    response.set_content_provider(
        std::stoull(length), type,
        [x](std::size_t, std::size_t, httplib::DataSink& sink) { return send_next(*x, sink); });
}

bool mock_server::listener::send_next(exchange& x, httplib::DataSink& sink) {
  const auto& what = x.done.what;
  if (x.next == what.pieces.size()) return send_end(x);
  const auto& piece = what.pieces[x.next++];
  if (!served->sleep_until(x.arrived + piece.after)) return false;
  const bool last = x.next == what.pieces.size() && what.end == reply_end::complete;
  if (last) x.release();
  if (!sink.write(piece.bytes.data(), piece.bytes.size())) return false;
  if (last && sink.done) sink.done();  // httplib sets it for chunked answers only
  return true;
}

/// What follows the last piece of an answer that does not end as it should.
bool mock_server::listener::send_end(exchange& x) {
  served->flush();
  if (x.done.what.end == reply_end::hang) served->sleep_until(clock::now() + longest_silence);
  x.release();
  served->drop();
  return false;
}

mock_server::mock_server(std::unique_ptr<listener> l) : listener_(std::move(l)) {}
mock_server::mock_server(mock_server&&) noexcept = default;
mock_server& mock_server::operator=(mock_server&&) noexcept = default;
mock_server::~mock_server() = default;

expected<mock_server> mock_server::start(mock_settings settings, std::vector<sample> samples,
                                         options wanted) {
  auto server = std::make_unique<listener>(std::move(settings), std::move(samples));
  if (auto begun = server->begin(wanted); !begun) return tl::make_unexpected(begun.error());
  return mock_server(std::move(server));
}

const std::string& mock_server::name() const { return listener_->name(); }
std::string mock_server::url() const { return listener_->url(); }
void mock_server::stop() { listener_->end(); }

}  // namespace assay::app
