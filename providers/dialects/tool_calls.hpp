#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/chat.hpp"

namespace assay::dialects {

/// The tool calls of one answer, put together from the pieces in which they come. The pieces of a
/// document (a stream's event, or the whole body) are set down as it is read and count once it is
/// known to be good.
class call_collector {
 public:
  /// An answer holds no more calls, a document no more pieces.
  static constexpr std::size_t most = 1000;

  enum class place : std::uint8_t {
    opens,      ///< a new call
    continues,  ///< more of the call with this index; dropped if there is none
    either,     ///< of the call with this index or id, else of a new one
  };
  struct piece {
    place is = place::opens;
    bool counts = true;
    std::optional<std::int64_t> index{};
    tool_call part{};
  };

  /// A piece begins; `now` is the one that began last.
  piece& begin(place);
  /// REQUIRES: a piece has begun in this document.
  piece& now() { return pieces_.back(); }
  bool has_piece() const { return !pieces_.empty(); }
  /// Gives all pieces of this document that have no index this one.
  void number(std::int64_t index);

  /// Forgets the pieces of this document.
  void drop() { pieces_.clear(); }
  /// The pieces of this document belong to the answer. False: there are too many.
  bool commit();

  bool empty() const { return calls_.empty(); }
  /// Bytes of all calls so far.
  std::size_t size() const { return size_; }
  bool all_named() const;

  /// The calls in the order in which they began. What has no id gets `call_N`, arguments that were
  /// left out are `{}`.
  std::vector<tool_call> take();

 private:
  struct open_call {
    std::optional<std::int64_t> index;
    tool_call call;
  };
  open_call* find(const piece&);

  std::vector<piece> pieces_;
  std::vector<open_call> calls_;
  std::size_t size_ = 0;
  bool too_many_ = false;
};

/// JSON text without the blanks between its words. REQUIRES: it is JSON.
std::string compact_json(std::string_view);

}  // namespace assay::dialects
