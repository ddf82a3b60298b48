#pragma once

#include "providers/dialects/dialect.hpp"

namespace assay::dialects {

/// Anthropic Messages. `max_tokens` is required there: 4096 where a request sets none. `seed` has
/// no counterpart and is left out; temperature and top_p are left out for models that reject them.
class anthropic_dialect final : public dialect {
 public:
  std::string_view name() const override { return "anthropic"; }
  expected<http_request> chat(const chat_request&, const provider_settings&,
                              std::string_view key) const override;
  expected<http_request> list_models(const provider_settings&, std::string_view key) const override;
  std::unique_ptr<answer_reader> reader(bool streaming) const override;
};

}  // namespace assay::dialects
