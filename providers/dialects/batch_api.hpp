#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/dialects/dialect.hpp"
#include "providers/dialects/error_rows.hpp"

/// The asynchronous batch endpoints of the APIs: many requests are handed over at once, and their
/// answers fetched hours later, at a lower price. Pure, as all dialects.
namespace assay::dialects {

/// How a batch stands, as the API tells it.
struct batch_report {
  std::string id;
  std::string mark;                  ///< what was written on it, where the API keeps that
  bool ended = false;                ///< nothing more will happen to it
  std::vector<std::string> results;  ///< what `fetch` takes; empty: there are none (yet)
  std::string trouble;               ///< why it failed as a whole; else empty
  std::optional<std::int64_t> created_unix_s;
  std::optional<std::int64_t> items;  ///< requests in it
};

/// A piece of the list of an account's batches, newest first.
struct batch_page {
  std::vector<batch_report> batches;
  std::string next;  ///< the cursor of the next piece; empty: this is the last
};

/// What one request of a batch came to.
struct item_result {
  std::string custom_id;
  exchange_result got;      ///< without times
  bool unanswered = false;  ///< it expired or was cancelled before its turn: not billed
};

/// What differs between the batch endpoints. A batch is handed over by `upload` (if the API wants a
/// file first) and `create`; asked for by `status`; found again by `list`; its results are lines
/// that `fetch` gives. Problems of the requests are those of `dialect::chat`; those of `read_...`
/// say what is wrong with the answer.
class batch_api {
 public:
  virtual ~batch_api() = default;

  virtual std::size_t max_items() const = 0;
  virtual std::size_t max_bytes() const = 0;  ///< of all items together
  virtual bool uploads() const = 0;
  /// The mark of a batch comes back in its report. If not, only its custom ids tell whose it is.
  virtual bool keeps_marks() const = 0;

  /// One request as it stands in the batch. REQUIRES: `custom_id` has 1 to 64 of [A-Za-z0-9_-].
  virtual expected<std::string> item(const std::string& custom_id, const chat_request&,
                                     const provider_settings&) const = 0;

  /// REQUIRES: `uploads()`.
  virtual expected<http_request> upload(const std::vector<std::string>& items,
                                        const std::string& mark, const provider_settings&,
                                        std::string_view key) const = 0;
  /// `file`: what `read_upload` gave; only where the API wants a file, and `items` only elsewhere.
  virtual expected<http_request> create(const std::vector<std::string>& items,
                                        const std::string& file, const std::string& mark,
                                        const provider_settings&, std::string_view key) const = 0;
  virtual expected<http_request> status(const std::string& batch, const provider_settings&,
                                        std::string_view key) const = 0;
  /// `cursor`: empty for the newest batches.
  virtual expected<http_request> list(const std::string& cursor, const provider_settings&,
                                      std::string_view key) const = 0;
  /// `result`: an element of `batch_report::results`.
  virtual expected<http_request> fetch(const std::string& result, const provider_settings&,
                                       std::string_view key) const = 0;

  virtual expected<std::string> read_upload(std::string_view body) const = 0;
  virtual expected<batch_report> read_batch(std::string_view body) const = 0;
  virtual expected<batch_page> read_page(std::string_view body) const = 0;
  /// One line of what was fetched; read and classed as the answer to a single call is.
  virtual expected<item_result> read_result(std::string_view line) const = 0;

  /// The errors that the endpoint itself answers with.
  virtual const dialect_rows& errors() const = 0;
};

/// Collects the whole answer of a batch endpoint into `body`, up to 1 GiB; a status other than 2xx
/// becomes an error in canonical classes.
std::unique_ptr<answer_reader> batch_reader(const batch_api&, std::shared_ptr<std::string> body);

/// The next line of `text` that is not blank, taken off it; empty at the end.
std::string_view take_line(std::string_view& text);

}  // namespace assay::dialects
