#pragma once

#include "providers/dialects/anthropic_batches.hpp"
#include "providers/dialects/dialect.hpp"

namespace assay::dialects {

/// Anthropic Messages. `max_tokens` is required there: 4096 where a request sets none. `seed` has
/// no counterpart and is left out; temperature and top_p are left out for models that reject them.
class anthropic_dialect final : public dialect {
 public:
  std::string_view name() const override { return "anthropic"; }
  expected<http_request> request(const chat_request&, const provider_settings&,
                                 std::string_view key) const override;
  expected<http_request> list_models(const provider_settings&, std::string_view key) const override;
  std::unique_ptr<answer_reader> reader(const chat_request&) const override;
  const batch_api* batches() const override { return &batches_; }

  /// A request without a body to `endpoint`, which may have a query.
  expected<http_request> without_body(std::string method, std::string_view endpoint,
                                      const std::string& content_type, const provider_settings&,
                                      std::string_view key) const;

 private:
  anthropic_batches batches_{*this};
};

}  // namespace assay::dialects
