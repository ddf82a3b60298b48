#pragma once

#include "providers/dialects/dialect.hpp"
#include "providers/dialects/openai_batches.hpp"
#include "providers/dialects/openai_quirks.hpp"

namespace assay::dialects {

/// OpenAI's chat completions, and every API of the quirk table.
class openai_dialect final : public dialect {
 public:
  explicit openai_dialect(const openai_quirks& quirks) : quirks_(quirks) {}

  std::string_view name() const override { return quirks_.name; }
  expected<http_request> request(const chat_request&, const provider_settings&,
                                 std::string_view key) const override;
  expected<http_request> list_models(const provider_settings&, std::string_view key) const override;
  std::unique_ptr<answer_reader> reader(const chat_request&) const override;
  const batch_api* batches() const override { return quirks_.batches ? &batches_ : nullptr; }

  /// A request without a body to `endpoint`, which may have a query.
  expected<http_request> without_body(std::string method, std::string_view endpoint,
                                      const std::string& content_type, const provider_settings&,
                                      std::string_view key) const;

 private:
  expected<std::string> url(const provider_settings&, std::string_view model,
                            std::string_view endpoint) const;
  expected<std::string> body(const chat_request&) const;
  expected<std::string> embeddings_body(const chat_request&) const;
  expected<header_list> headers(const provider_settings&, std::string_view key, bool stream) const;

  const openai_quirks& quirks_;
  openai_batches batches_{*this};
};

}  // namespace assay::dialects
