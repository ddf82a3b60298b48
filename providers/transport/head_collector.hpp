#pragma once

#include <cstddef>
#include <string_view>

#include "providers/http.hpp"

namespace assay::transport {

/// Collects the status line and headers of one answer, line by line as libcurl hands them out.
/// Interim answers (1xx) are dropped, so are trailers after the body. Pure.
class head_collector {
 public:
  /// What a line led to.
  enum class state { collecting, complete, too_large };

  /// More header bytes than any API sends.
  static constexpr std::size_t max_bytes = 256UL * 1024;

  /// Takes one line with its line end. `complete` is returned once, for the empty line that ends
  /// the final head.
  state line(std::string_view text);

  void reset();

  bool complete() const { return complete_; }
  int status() const { return status_; }
  const header_list& headers() const { return headers_; }

  /// The value of a header (any case), or empty.
  std::string_view value_of(std::string_view name) const;

 private:
  void status_line(std::string_view text);

  int status_ = 0;
  std::size_t bytes_ = 0;
  bool complete_ = false;
  header_list headers_;
};

}  // namespace assay::transport
