#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace assay::dialects {

/// The thinking of one Anthropic answer as it has to come back with the results of tools: blocks
/// `thinking` with their signatures, and `redacted_thinking`. Pieces of a document (a stream's
/// event, or the whole body) are set down as it is read and count once it is known to be good.
class thinking_blocks {
 public:
  struct piece {
    bool opens = false;  ///< a block; else it goes on with the one of its index
    std::optional<std::int64_t> index{};
    std::string type{};
    std::string text{};
    std::string signature{};
    std::string hidden{};  ///< `data` of a redacted block
  };

  /// A block begins, of whatever type.
  void open() { pieces_.push_back({.opens = true}); }
  /// The piece at hand.
  piece& now();

  /// Gives all pieces of this document this index.
  void number(std::int64_t index);

  /// Forgets the pieces of this document.
  void drop() { pieces_.clear(); }
  /// The pieces of this document belong to the answer.
  void commit();

  /// The blocks as a JSON array; empty if there are none.
  std::string json() const;

 private:
  std::vector<piece> pieces_;
  std::vector<piece> blocks_;
};

}  // namespace assay::dialects
