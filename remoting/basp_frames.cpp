#include "remoting/basp_frames.hpp"

#include <algorithm>
#include <utility>

namespace assay::remoting {

namespace {

constexpr std::size_t header_size = 32;
/// A frame's first look: most frames need no second one.
constexpr std::size_t first_look = 96;
/// Node id: the atom `default`, process id, 20 bytes that tell the host.
constexpr std::size_t node_id_size = 8 + 4 + 20;
constexpr std::uint64_t default_node_atom = 0x00003e9aab9bac79;
/// Type lists up to this length are read, if only to name them.
constexpr std::size_t longest_types_to_name = 120;
/// Of actors that the peer was given. The oldest are forgotten: they are temporary senders.
constexpr std::size_t most_given_out = 65'536;

enum operation : std::uint8_t {
  op_server_handshake = 0,
  op_client_handshake = 1,
  op_direct_message = 2,
  op_routed_message = 3,
  op_monitor = 4,
  op_down = 5,
  op_heartbeat = 6,
};
constexpr std::uint8_t named_receiver = 1;
constexpr std::uint8_t select_connection = 2;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t x = 0;
  for (unsigned char byte : bytes) x = x << 8 | byte;
  return x;
}

/// Reads a payload from its begin. Every read gives false if more of the payload must be seen
/// first; `wanted` is how much.
class reader {
 public:
  explicit reader(std::string_view payload) : payload_(payload) {}

  bool bytes(std::size_t n, std::string_view& into) {
    if (payload_.size() - at_ < n) {
      wanted_ = n > SIZE_MAX - at_ ? SIZE_MAX : at_ + n;
      return false;
    }
    into = payload_.substr(at_, n);
    at_ += n;
    return true;
  }
  bool number(std::size_t n, std::uint64_t& into) {
    std::string_view read;
    if (!bytes(n, read)) return false;
    into = big_endian(read);
    return true;
  }
  /// A length: seven bits a byte, the lowest first, the top bit tells that more follow.
  bool length(std::uint64_t& into) {
    into = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      std::uint64_t byte;
      if (!number(1, byte)) return false;
      into |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return true;
    }
    into = UINT64_MAX;
    return true;
  }
  std::size_t wanted() const { return wanted_; }

 private:
  std::string_view payload_;
  std::size_t at_ = 0, wanted_ = 0;
};

basp_direction::judgement more(const reader& from) {
  return {basp_direction::verdict::more, from.wanted()};
}

tl::unexpected<problem> refuse(std::string what) { return fail("", std::move(what)); }

/// A sentence may quote a foreign text: printable, and not too long.
std::string quoted(std::string_view text) {
  std::string result = "`";
  for (unsigned char c : text.substr(0, 80))
    result += c >= 32 && c < 127 ? static_cast<char>(c) : '?';
  return result + (text.size() > 80 ? "...`" : "`");
}

/// The type list that stands before a message's values. `into` is empty if it is longer than
/// `longest` or not there.
bool type_list(reader& from, std::size_t longest, std::string_view& into) {
  std::uint64_t number, length;
  into = {};
  if (!from.number(2, number)) return false;
  if (number != 0) return true;
  if (!from.length(length)) return false;
  return length > longest || from.bytes(static_cast<std::size_t>(length), into);
}

/// An error's values may be texts, numbers and atoms, nothing that CAF would act on.
bool is_plain(std::string_view types) {
  static const std::set<std::string_view> plain{"@<>",  "@str", "@atom",  "@i8",   "@i16",
                                                "@i32", "@i64", "@u8",    "@u16",  "@u32",
                                                "@u64", "bool", "double", "float", "@unit"};
  while (!types.empty()) {
    auto plus = types.find('+');
    if (!plain.contains(types.substr(0, plus))) return false;
    types = plus == std::string_view::npos ? std::string_view{} : types.substr(plus + 1);
  }
  return true;
}

/// An error: its code, its category, its values. False if more must be seen first.
bool error_types(reader& from, std::string_view& into) {
  std::uint64_t code, category;
  return from.number(1, code) && from.number(8, category) &&
         type_list(from, longest_types_to_name, into);
}

bool is_node_id(std::string_view id) {
  return big_endian(id.substr(0, 8)) == default_node_atom && big_endian(id.substr(8, 4)) != 0 &&
         id.find_first_not_of('\0', 12) != std::string_view::npos;
}

}  // namespace

// -- frames of one direction ----------------------------------------------------------------------

expected<void> basp_direction::take(std::string_view bytes, std::string& out, const judge& judge) {
  auto next = [&](std::uint64_t most) {
    auto n = static_cast<std::size_t>(std::min<std::uint64_t>(most, bytes.size()));
    auto result = bytes.substr(0, n);
    bytes.remove_prefix(n);
    return result;
  };
  while (!bytes.empty()) {
    if (passing_ > 0) {
      auto some = next(passing_);
      out.append(some);
      passing_ -= some.size();
    } else if (dropping_ > 0) {
      dropping_ -= next(dropping_).size();
    } else {
      auto whole = std::max(wanted_, header_size);
      held_.append(next(whole - held_.size()));
      if (held_.size() < whole) break;
      if (auto done = decide(out, judge); !done) return done;
    }
  }
  return {};
}

expected<void> basp_direction::decide(std::string& out, const judge& judge) {
  std::string_view header = held_;
  frame seen{static_cast<std::uint8_t>(held_[0]),
             static_cast<std::uint8_t>(held_[3]),
             static_cast<std::uint32_t>(big_endian(header.substr(4, 4))),
             big_endian(header.substr(8, 8)),
             big_endian(header.substr(16, 8)),
             big_endian(header.substr(24, 8)),
             header.substr(header_size)};
  if (held_[1] != 0 || held_[2] != 0) return refuse("bytes that are not of CAF's protocol");
  auto judged = judge(seen);
  if (!judged) return tl::make_unexpected(judged.error());
  if (judged->what == verdict::more) {
    if (judged->payload > seen.length) return refuse("a frame that is shorter than its content");
    wanted_ =
        header_size + std::min<std::size_t>(seen.length, std::max(judged->payload, first_look));
    return {};
  }
  auto rest = header_size + std::uint64_t{seen.length} - held_.size();
  if (judged->what == verdict::pass) {
    out += held_;
    passing_ = rest;
  } else {
    dropping_ = rest;
  }
  held_.clear();
  wanted_ = 0;
  return {};
}

// -- the filter -----------------------------------------------------------------------------------

basp_filter::basp_filter(basp_side side, basp_rules rules)
    : side_(side), rules_(std::move(rules)), longest_(longest_types_to_name) {
  for (const auto& types : rules_.messages) longest_ = std::max(longest_, types.size());
}

expected<void> basp_filter::from_peer(std::string_view bytes, std::string& out) {
  return in_.take(bytes, out, [this](const frame& x) { return judge_incoming(x); });
}

expected<void> basp_filter::to_peer(std::string_view bytes, std::string& out) {
  return out_.take(bytes, out, [this](const frame& x) { return judge_outgoing(x); });
}

basp_filter::judged basp_filter::judge_incoming(const frame& x) {
  if (x.length > rules_.max_payload)
    return refuse("a frame of " + std::to_string(x.length) + " bytes, more than the limit of " +
                  std::to_string(rules_.max_payload));
  bool greets = x.operation == op_server_handshake || x.operation == op_client_handshake;
  if (theirs_.empty() && !greets) return refuse("a frame before the handshake");
  switch (x.operation) {
    case op_server_handshake:
      return server_handshake(x);
    case op_client_handshake:
      return client_handshake(x);
    case op_direct_message:
      return message(x);
    case op_routed_message:
      return refuse("a message to be forwarded to another node");
    case op_monitor:
      return monitoring(x);
    case op_down:
      return down(x);
    case op_heartbeat:
      if (x.length != 0 || x.flags != 0) return refuse("a heartbeat with a content");
      return basp_direction::judgement{};
    default:
      return refuse("bytes that are not of CAF's protocol");
  }
}

expected<void> basp_filter::meet(std::string_view node_id) {
  if (!is_node_id(node_id)) return refuse("a handshake without a valid node id");
  if (node_id == rules_.own_node) return refuse("a handshake under this side's own node id");
  if (!theirs_.empty() && node_id != theirs_) return refuse("a handshake under a second node id");
  if (!theirs_.empty()) return {};
  if (auto good = rules_.meet(node_id); !good) return good;
  theirs_ = node_id;
  return {};
}

/// Node id, application ids, the published actor, its interface. CAF checks the rest.
basp_filter::judged basp_filter::server_handshake(const frame& x) {
  if (side_ == basp_side::coordinator) return refuse("a handshake that only a coordinator sends");
  if (handshakes_ > 0) return refuse("a second handshake");
  if (x.flags != 0 || x.length > 64 * 1024) return refuse("a handshake that is not CAF's");
  reader payload(x.payload);
  std::string_view node_id;
  if (!payload.bytes(node_id_size, node_id)) return more(payload);
  if (auto good = meet(node_id); !good) return tl::make_unexpected(good.error());
  ++handshakes_;
  return basp_direction::judgement{};
}

/// CAF's client sends it twice: at once, and when it has heard the server.
basp_filter::judged basp_filter::client_handshake(const frame& x) {
  if (side_ == basp_side::node) return refuse("a handshake that only a node sends");
  if (handshakes_ > 1) return refuse("a third handshake");
  if ((x.flags & ~select_connection) != 0 || x.length != node_id_size)
    return refuse("a handshake that is not CAF's");
  reader payload(x.payload);
  std::string_view node_id;
  if (!payload.bytes(node_id_size, node_id)) return more(payload);
  if (auto good = meet(node_id); !good) return tl::make_unexpected(good.error());
  ++handshakes_;
  return basp_direction::judgement{};
}

basp_filter::judged basp_filter::message(const frame& x) {
  if (x.flags & named_receiver) return refuse("a message to an actor by its name");
  if (x.flags != 0) return refuse("bytes that are not of CAF's protocol");
  if (!given_out_.contains(x.destination))
    return refuse("a message to an actor that it was not given");
  reader payload(x.payload);
  std::uint64_t stages;
  std::string_view types;
  if (!payload.length(stages)) return more(payload);
  if (stages != 0) return refuse("a message to be passed on to further actors");
  if (!type_list(payload, longest_, types)) return more(payload);
  if (types == "@<>+@error") {
    if (!error_types(payload, types)) return more(payload);
    if (types.empty() || !is_plain(types)) return refuse("an error with values of an unusual type");
  } else if (!rules_.messages.contains(types)) {
    return refuse("a message that is not in the interface: " + quoted(types));
  }
  if (x.source != 0 && senders_.insert(x.source).second && senders_.size() > rules_.max_senders)
    return refuse("messages from more than " + std::to_string(rules_.max_senders) + " actors");
  return basp_direction::judgement{};
}

/// CAF answers with a `down` when the actor ends.
basp_filter::judged basp_filter::monitoring(const frame& x) {
  if (x.flags != 0 || x.length != 2 * node_id_size)
    return refuse("a monitor frame that is not CAF's");
  reader payload(x.payload);
  std::string_view from, to;
  if (!payload.bytes(node_id_size, from) || !payload.bytes(node_id_size, to)) return more(payload);
  if (from != theirs_ || to != rules_.own_node)
    return refuse("a monitor frame in another node's name");
  if (!given_out_.contains(x.destination))
    return refuse("a monitor frame for an actor that it was not given");
  bool first = monitored_.insert(x.destination).second;
  return basp_direction::judgement{first ? basp_direction::verdict::pass
                                         : basp_direction::verdict::drop};
}

basp_filter::judged basp_filter::down(const frame& x) {
  if (x.flags != 0) return refuse("a down frame that is not CAF's");
  reader payload(x.payload);
  std::string_view from, to, types;
  if (!payload.bytes(node_id_size, from) || !payload.bytes(node_id_size, to)) return more(payload);
  if (from != theirs_ || to != rules_.own_node)
    return refuse("a down frame in another node's name");
  if (!error_types(payload, types)) return more(payload);
  if (types.empty() || !is_plain(types)) return refuse("an error with values of an unusual type");
  senders_.erase(x.source);
  return basp_direction::judgement{};
}

// -- what this side's CAF says --------------------------------------------------------------------

basp_filter::judged basp_filter::judge_outgoing(const frame& x) {
  if (x.length > rules_.max_payload)
    return refuse("this side has a message of " + std::to_string(x.length) +
                  " bytes, more than the limit of " + std::to_string(rules_.max_payload));
  if (x.operation == op_server_handshake || x.operation == op_client_handshake)
    return learn_handshake(x);
  if (x.flags & named_receiver) return basp_direction::judgement{basp_direction::verdict::drop};
  if (x.operation == op_direct_message && x.source != 0) give_out(x.source);
  if (x.operation == op_down) monitored_.erase(x.source);
  return basp_direction::judgement{};
}

basp_filter::judged basp_filter::learn_handshake(const frame& x) {
  reader payload(x.payload);
  std::string_view node_id;
  if (!payload.bytes(node_id_size, node_id)) return more(payload);
  if (x.operation == op_server_handshake) {
    std::uint64_t texts, length, actor;
    std::string_view ignored;
    if (!payload.length(texts)) return more(payload);
    for (std::uint64_t i = 0; i < texts; ++i)
      if (!payload.length(length) || !payload.bytes(static_cast<std::size_t>(length), ignored))
        return more(payload);
    if (!payload.number(8, actor)) return more(payload);
    give_out(actor);
  }
  return basp_direction::judgement{};
}

void basp_filter::give_out(std::uint64_t actor) {
  if (!given_out_.insert(actor).second) return;
  given_out_order_.push_back(actor);
  if (given_out_order_.size() <= most_given_out) return;
  given_out_.erase(given_out_order_.front());
  given_out_order_.pop_front();
}

}  // namespace assay::remoting
