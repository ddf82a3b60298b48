#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace assay::dialects {

/// One event of a stream. The views are valid during the call only.
struct sse_event {
  std::string_view name;  ///< of the `event:` line, empty if there was none
  std::string_view data;  ///< `data:` lines joined with LF
};

/// Splits `text/event-stream` into events, whatever the borders of the pieces it arrives in (also
/// within a UTF-8 sequence or between CR and LF). Lines end with LF or CRLF; one blank after the
/// colon is dropped; comments, `id:`, `retry:` and events without data are passed over. An event
/// whose lines lie within one piece is handed on without a copy.
class sse_parser {
 public:
  /// More bytes than this in one event are an error.
  static constexpr std::size_t max_event = 8u << 20;

  /// Calls `on_event(const sse_event&)` for each event that ends within `bytes`. False: an event is
  /// larger than `max_event`; the parser then takes nothing more.
  template <class F>
  bool feed(std::string_view bytes, F&& on_event) {
    while (!bytes.empty() && !overflow_) {
      const auto* end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
      if (!end) {
        keep(line_, bytes);
        break;
      }
      auto length = static_cast<std::size_t>(end - bytes.data());
      take_line(bytes.substr(0, length), on_event);
      bytes.remove_prefix(length + 1);
    }
    settle();
    return !overflow_;
  }

  /// The stream has ended: hands on the event that the final blank line is missing of, if any.
  template <class F>
  void end(F&& on_event) {
    if (overflow_) return;
    if (!line_.empty()) take_line({}, on_event);
    if (has_data_) dispatch(on_event);
  }

 private:
  template <class F>
  void take_line(std::string_view line, F&& on_event) {
    if (!line_.empty()) {
      keep(line_, line);
      line = line_;
    }
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) {
      field(line);
    } else if (has_data_) {
      dispatch(on_event);
    } else {
      name_.clear();
    }
    if (!line_.empty()) {
      settle();
      line_.clear();
    }
  }

  template <class F>
  void dispatch(F&& on_event) {
    on_event(sse_event{name_, view_.data() ? view_ : std::string_view(data_)});
    name_.clear();
    data_.clear();
    view_ = {};
    has_data_ = false;
  }

  void field(std::string_view line);
  void add_data(std::string_view value);
  /// Copies what still points into foreign bytes.
  void settle();
  void keep(std::string& where, std::string_view bytes);

  std::string line_;  ///< the beginning of a line whose end has not arrived
  std::string name_;
  std::string data_;       ///< data lines that had to be copied
  std::string_view view_;  ///< the only data line so far, still in the caller's bytes
  bool has_data_ = false;
  bool overflow_ = false;
};

}  // namespace assay::dialects
