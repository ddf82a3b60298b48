#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "providers/dialects/dialect.hpp"
#include "providers/dialects/error_rows.hpp"
#include "providers/dialects/json_fields.hpp"
#include "providers/dialects/rate_headers.hpp"
#include "providers/dialects/sse.hpp"
#include "providers/dialects/tool_calls.hpp"

namespace assay::dialects {

/// What the readers of all dialects share: the body is taken for a stream or for one JSON document
/// by how it begins (whatever was asked for, and whatever the content type claims), errors are
/// classed, moments are marked. A dialect says which fields it wants and what they mean.
///
/// An answer counts only if its end was seen. Bytes that are not UTF-8 become U+FFFD. The marks
/// from `first_event` to `last_content` are those of a stream: a whole document has none.
class wire_reader : public answer_reader, protected field_sink {
 public:
  wire_reader(const dialect_rows& rows, rate_family rates, const field_tree& fields)
      : rows_(rows), rates_(rates), fields_(fields) {}

  void head(int status, const header_list& headers, instant now) final;
  bool body(std::string_view bytes, instant now) final;
  exchange_result finish(const api_error& transport_error, instant now) final;
  const std::vector<rate_header>& limits() const final { return tried_.limits; }

  /// Larger answers are refused.
  static constexpr std::size_t max_answer = 32u << 20;

 protected:
  /// A document (stream event or whole body) begins; its fields follow through `take`.
  virtual void begin_document() {}
  /// All fields of a document were taken.
  virtual void end_document(instant) {}
  /// The event `[DONE]`.
  virtual void done_marker(instant) {}
  /// The stream ended without a fault of the transport: is that enough for an end?
  virtual bool ends_with_the_bytes() const { return false; }
  /// A whole document was read: empty if it is an answer, else what is wrong with it.
  virtual std::string_view missing_in_document() const = 0;
  /// Puts usage and the reason to stop into their canonical form. `whole`: the answer ended well.
  virtual void settle(bool whole) = 0;
  /// An end that is an error all the same, by the provider's own word for it.
  virtual error_class class_of_finish() const { return error_class::none; }

  /// The end was seen.
  void complete(instant now);
  /// The answer has failed; the first failure counts.
  void fail(error_class, std::string message);
  /// The document holds an error instead of an answer.
  void found_error() { error_in_document_ = true; }
  /// The document is unreadable, and this is why; the first reason counts.
  void misfit(std::string what);
  /// The same: a field has the wrong type.
  void misfit(const json_value&, std::string_view path, std::string_view expected);
  /// Appends text. A field that is neither text nor null makes the document unreadable; so does an
  /// array, unless its parts are read on their own.
  void append(std::string& where, const json_value&, std::string_view path, bool parts = true);
  /// A piece of a tool call begins; its element has to be an object.
  void begin_call(call_collector::place, const json_value&, std::string_view path);
  /// Takes the arguments of a tool call that come as an object.
  void take_arguments(const json_value&, std::string_view path);
  /// Takes back what this document has added to the answer so far.
  void drop_document_text();

  answer reply_;
  call_collector calls_;

 private:
  enum class form : std::uint8_t { unknown, stream, document, other };
  struct sizes {
    std::size_t text = 0;
    std::size_t reasoning = 0;
    std::size_t refusal = 0;
    std::size_t calls = 0;
  };

  bool is_over() const { return complete_ || failed_.has_value(); }
  void recognise(std::string_view& bytes);
  void take_event(const sse_event&, instant now);
  bool read_document(std::string_view json);
  void close_document(instant now);
  void mark_growth(instant now);
  void read_whole(instant now);
  api_error verdict(const api_error& transport_error, instant now);
  api_error judge_finish() const;
  api_error no_end() const;

  const dialect_rows& rows_;
  rate_family rates_;
  const field_tree& fields_;

  attempt tried_;
  header_list headers_;  ///< kept for errors only
  std::string content_type_;
  std::string buffer_;   ///< a whole document, or the beginning of what cannot be read
  std::string opening_;  ///< the first bytes of the body, for messages
  sse_parser sse_;
  form form_ = form::unknown;
  sizes before_;
  std::uint64_t events_ = 0;
  std::string misfit_;  ///< what has the wrong type in this document
  std::optional<api_error> failed_;
  bool error_in_document_ = false;
  bool complete_ = false;
  bool too_large_ = false;
  bool at_end_ = false;
  bool cut_ = false;  ///< the last event is incomplete
};

/// `where = value` if the value is text and nothing is there yet.
void set_once(std::string& where, const json_value& value);

/// `where = value` if the value is a count: the last one wins.
void set_count(std::optional<std::int64_t>& where, const json_value& value);

}  // namespace assay::dialects
