#pragma once

#include "providers/dialects/dialect.hpp"

namespace assay::dialects {

/// Gemini generateContent (Developer API). The key travels in a header, never in the URL.
class gemini_dialect final : public dialect {
 public:
  std::string_view name() const override { return "gemini"; }
  expected<http_request> request(const chat_request&, const provider_settings&,
                                 std::string_view key) const override;
  expected<http_request> list_models(const provider_settings&, std::string_view key) const override;
  std::unique_ptr<answer_reader> reader(const chat_request&) const override;
};

}  // namespace assay::dialects
