#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace assay::report {

/// SHA-256 of what was added so far, as lower-case hexadecimal digits.
class sha256 {
 public:
  sha256();
  ~sha256();
  sha256(sha256&&) noexcept;
  sha256& operator=(sha256&&) noexcept;

  void add(std::string_view);
  /// Ends the hash; nothing can be added afterwards.
  std::string hex();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

std::string sha256_hex(std::string_view);

}  // namespace assay::report
