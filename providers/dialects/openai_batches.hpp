#pragma once

#include "providers/dialects/batch_api.hpp"

namespace assay::dialects {

class openai_dialect;

/// `/files` and `/batches` of OpenAI. The mark stands in the batch's metadata.
class openai_batches final : public batch_api {
 public:
  explicit openai_batches(const openai_dialect& dialect) : dialect_(dialect) {}

  // "up to 50,000 requests, and can be up to 200 MB in size": OpenAI, API reference, create batch.
  std::size_t max_items() const override { return 50'000; }
  std::size_t max_bytes() const override { return 200'000'000; }
  bool uploads() const override { return true; }
  bool keeps_marks() const override { return true; }

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
  const dialect_rows& errors() const override { return openai_rows; }

 private:
  const openai_dialect& dialect_;
};

}  // namespace assay::dialects
