#pragma once

#include "providers/dialects/batch_api.hpp"

namespace assay::dialects {

class anthropic_dialect;

/// `/messages/batches` of Anthropic. It keeps no mark: whose a batch is, its custom ids tell.
class anthropic_batches final : public batch_api {
 public:
  explicit anthropic_batches(const anthropic_dialect& dialect) : dialect_(dialect) {}

  // "limited to either 100,000 Message requests or 256 MB in size, whichever is reached first":
  // Anthropic, Message Batches, limitations.
  std::size_t max_items() const override { return 100'000; }
  std::size_t max_bytes() const override { return 256'000'000; }
  bool uploads() const override { return false; }
  bool keeps_marks() const override { return false; }

  expected<std::string> item(const std::string& custom_id, const chat_request&,
                             const provider_settings&) const override;
  expected<http_request> upload(const std::vector<std::string>& items, const std::string& mark,
                                const provider_settings&, std::string_view key) const override;
  expected<http_request> create(const std::vector<std::string>& items, const std::string& file,
                                const std::string& mark, const provider_settings&,
                                std::string_view key) const override;
  expected<http_request> status(const std::string& batch, const provider_settings&,
                                std::string_view key) const override;
  expected<http_request> list(const std::string& cursor, const provider_settings&,
                              std::string_view key) const override;
  expected<http_request> fetch(const std::string& result, const provider_settings&,
                               std::string_view key) const override;
  expected<std::string> read_upload(std::string_view body) const override;
  expected<batch_report> read_batch(std::string_view body) const override;
  expected<batch_page> read_page(std::string_view body) const override;
  expected<item_result> read_result(std::string_view line) const override;
  const dialect_rows& errors() const override { return anthropic_rows; }

 private:
  const anthropic_dialect& dialect_;
};

}  // namespace assay::dialects
