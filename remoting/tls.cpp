#include "remoting/tls.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "remoting/certificate_files.hpp"
#include "remoting/openssl.hpp"

namespace assay::remoting {

struct tls_context::parts {
  context_ptr context;
  std::vector<std::string> names;
};

struct tls_stream::parts {
  descriptor socket;
  ssl_ptr ssl;
  std::shared_ptr<const tls_context::parts> context;
  std::string expected_peer;  ///< empty on the server's side
  std::string peer;
  std::string refused_name;
  bool is_server = false;
  std::optional<problem> failure;
};

namespace {

/// Where a connection's parts hang on its SSL object, for the verification call-back.
int parts_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string alert_advice(int reason) {
  switch (reason) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      return "both sides need certificates of the same authority (ca.pem)";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return "issue a new certificate: assay certs issue DIR NAME";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      return "the peer does not let in the name in this side's certificate";
    default:
      return {};
  }
}

/// Why a handshake or a transfer broke, by OpenSSL's oldest error.
problem protocol_problem(unsigned long code) {
  int reason = ERR_GET_REASON(code);
  switch (reason) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return {"", "the peer showed no certificate", "give it one: assay certs issue DIR NAME"};
    case SSL_R_HTTP_REQUEST:
      return {"", "the peer speaks HTTP, not TLS", ""};
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return {"", "the peer does not speak TLS 1.3", ""};
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return {"", "the connection was cut", ""};
    default: {
      const char* text = ERR_reason_error_string(code);
      return {"", std::string("TLS: ") + (text ? text : "unknown reason"), alert_advice(reason)};
    }
  }
}

problem socket_problem(int error) {
  if (error == 0) return {"", "the connection was cut", ""};
  return {"", std::string("the connection was lost: ") + std::strerror(error), ""};
}

expected<context_ptr> make_context(const SSL_METHOD* method, const credentials& files,
                                   certificate_time now) {
  if (auto good = check_credentials(files, now); !good) return tl::make_unexpected(good.error());
  ERR_clear_error();
  context_ptr context(SSL_CTX_new(method));
  auto* ctx = context.get();
  SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  if (SSL_CTX_load_verify_locations(ctx, files.authority.c_str(), nullptr) != 1)
    return fail(files.authority, openssl_reason("cannot be used"));
  if (SSL_CTX_use_certificate_chain_file(ctx, files.certificate.c_str()) != 1)
    return fail(files.certificate, openssl_reason("cannot be used"));
  if (SSL_CTX_use_PrivateKey_file(ctx, files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(files.key, openssl_reason("cannot be used"));
  if (SSL_CTX_check_private_key(ctx) != 1) return fail(files.key, openssl_reason("does not fit"));
  return context;
}

}  // namespace

// -- context --------------------------------------------------------------------------------------

tls_context::tls_context(std::shared_ptr<const parts> parts) : parts_(std::move(parts)) {}

expected<tls_context> tls_context::server(const credentials& files, std::vector<std::string> names,
                                          certificate_time now) {
  for (const auto& name : names)
    if (!is_member_name(name))
      return fail(name, "is not a name that a certificate can have",
                  "1 to 64 of a-z, 0-9, -, . and _ are expected");
  auto context = make_context(TLS_server_method(), files, now);
  if (!context) return tl::make_unexpected(context.error());
  auto verify = [](int good, X509_STORE_CTX* store) -> int {
    if (!good || X509_STORE_CTX_get_error_depth(store) > 0) return good;
    auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& stream = *static_cast<tls_stream::parts*>(SSL_get_ex_data(ssl, parts_index()));
    auto name = identity_of(*X509_STORE_CTX_get_current_cert(store));
    const auto& allowed = stream.context->names;
    bool known =
        allowed.empty() || std::find(allowed.begin(), allowed.end(), name) != allowed.end();
    if (!name.empty() && known) return 1;
    stream.refused_name = name.empty() ? "(none)" : name;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  };
  SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify);
  return tls_context(std::make_shared<parts>(parts{std::move(*context), std::move(names)}));
}

expected<tls_context> tls_context::client(const credentials& files, certificate_time now) {
  auto context = make_context(TLS_client_method(), files, now);
  if (!context) return tl::make_unexpected(context.error());
  SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, nullptr);
  return tls_context(std::make_shared<parts>(parts{std::move(*context), {}}));
}

expected<tls_stream> tls_context::accept(descriptor socket) const {
  ERR_clear_error();
  auto made = std::make_unique<tls_stream::parts>();
  made->ssl.reset(SSL_new(parts_->context.get()));
  if (!made->ssl || SSL_set_fd(made->ssl.get(), socket.get()) != 1)
    return fail("", openssl_reason("no TLS stream could be made"));
  SSL_set_accept_state(made->ssl.get());
  SSL_set_ex_data(made->ssl.get(), parts_index(), made.get());
  made->socket = std::move(socket);
  made->context = parts_;
  made->is_server = true;
  return tls_stream(std::move(made));
}

expected<tls_stream> tls_context::connect(descriptor socket, const std::string& name) const {
  ERR_clear_error();
  auto made = std::make_unique<tls_stream::parts>();
  made->ssl.reset(SSL_new(parts_->context.get()));
  if (!made->ssl || SSL_set_fd(made->ssl.get(), socket.get()) != 1)
    return fail("", openssl_reason("no TLS stream could be made"));
  SSL_set_connect_state(made->ssl.get());
  SSL_set_hostflags(made->ssl.get(),
                    X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (!is_member_name(name) || SSL_set1_host(made->ssl.get(), name.c_str()) != 1)
    return fail(name, "is not a name that a certificate can have",
                "1 to 64 of a-z, 0-9, -, . and _ are expected");
  made->socket = std::move(socket);
  made->context = parts_;
  made->expected_peer = name;
  return tls_stream(std::move(made));
}

// -- stream ---------------------------------------------------------------------------------------

tls_stream::tls_stream(std::unique_ptr<parts> parts) : parts_(std::move(parts)) {}
tls_stream::tls_stream(tls_stream&&) noexcept = default;
tls_stream& tls_stream::operator=(tls_stream&&) noexcept = default;
tls_stream::~tls_stream() = default;

namespace {

/// Why the peer's certificate was not accepted.
problem verification_problem(long result, const std::string& expected, const std::string& refused) {
  if (result == X509_V_ERR_HOSTNAME_MISMATCH)
    return {"", "the peer's certificate is not for the name " + expected,
            "check the address, or say which name the coordinator's certificate has"};
  if (result == X509_V_ERR_APPLICATION_VERIFICATION)
    return {"", "the name in the peer's certificate is not on the list: " + refused,
            "add it to the list of nodes if it is one of yours"};
  return {
      "",
      std::string("the peer's certificate is refused: ") + X509_verify_cert_error_string(result),
      "both sides need valid certificates of the same authority (ca.pem)"};
}

}  // namespace

io_result tls_stream::result_of(int returned) {
  if (returned > 0) return {io::done, static_cast<std::size_t>(returned)};
  int system_error = errno;
  switch (SSL_get_error(parts_->ssl.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return {io::want_read};
    case SSL_ERROR_WANT_WRITE:
      return {io::want_write};
    case SSL_ERROR_ZERO_RETURN:
      return {io::ended};
    case SSL_ERROR_SYSCALL:
      parts_->failure = socket_problem(system_error);
      break;
    default: {
      auto code = ERR_peek_error();
      auto verified = SSL_get_verify_result(parts_->ssl.get());
      bool of_certificate = ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED;
      parts_->failure = of_certificate ? verification_problem(verified, parts_->expected_peer,
                                                              parts_->refused_name)
                                       : protocol_problem(code);
    }
  }
  ERR_clear_error();
  return {io::failed};
}

io_result tls_stream::handshake() {
  ERR_clear_error();
  auto result = result_of(SSL_do_handshake(parts_->ssl.get()));
  if (result.state != io::done) return result;
  x509_ptr certificate(SSL_get1_peer_certificate(parts_->ssl.get()));
  parts_->peer =
      parts_->is_server && certificate ? identity_of(*certificate) : parts_->expected_peer;
  return {io::done};
}

io_result tls_stream::read(std::span<char> into) {
  ERR_clear_error();
  return result_of(SSL_read(parts_->ssl.get(), into.data(), static_cast<int>(into.size())));
}

io_result tls_stream::write(std::string_view bytes) {
  ERR_clear_error();
  auto most = std::min<std::size_t>(bytes.size(), 1 << 20);
  return result_of(SSL_write(parts_->ssl.get(), bytes.data(), static_cast<int>(most)));
}

void tls_stream::end_writing() {
  ERR_clear_error();
  if (SSL_is_init_finished(parts_->ssl.get())) SSL_shutdown(parts_->ssl.get());
  ERR_clear_error();
}

int tls_stream::socket() const { return parts_->socket.get(); }
const std::string& tls_stream::peer() const { return parts_->peer; }
const problem& tls_stream::failure() const { return *parts_->failure; }

}  // namespace assay::remoting
