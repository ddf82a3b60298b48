#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace assay::remoting {

/// Bytes on their way: appended at the end, taken from the front.
class byte_queue {
 public:
  std::string_view front() const { return std::string_view(bytes_).substr(taken_); }
  std::size_t size() const { return bytes_.size() - taken_; }
  bool empty() const { return size() == 0; }

  /// Where to append.
  std::string& tail() { return bytes_; }

  /// REQUIRES: n <= size().
  void take(std::size_t n) {
    taken_ += n;
    if (taken_ == bytes_.size()) {
      bytes_.clear();
      taken_ = 0;
    } else if (taken_ > bytes_.size() / 2) {
      bytes_.erase(0, taken_);
      taken_ = 0;
    }
  }

  void clear() {
    bytes_.clear();
    bytes_.shrink_to_fit();
    taken_ = 0;
  }

 private:
  std::string bytes_;
  std::size_t taken_ = 0;
};

}  // namespace assay::remoting
