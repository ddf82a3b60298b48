#pragma once

#include <string_view>
#include <vector>

#include "config/sections.hpp"
#include "messages/settings.hpp"

namespace assay::config {

/// What is known about an API before anybody measures it.
struct provider_preset {
  std::string_view name;
  std::string_view dialect;
  std::string_view base_url;     ///< empty: differs per account, must be set
  std::string_view api_key_env;  ///< empty: needs no key
  reserve_policy reserve;
  int max_parallel;
  limit_scope scope;          ///< what its limits apply to
  bool shrink_on_overload;    ///< false: it says 503 while it raises the limit (dynamic limits)
  std::optional<double> rpm;  ///< stated by the provider for all accounts of this tier
  std::optional<double> rpd;
};

/// How hard to press.
struct behaviour_preset {
  std::string_view name;
  int max_parallel;
  retry_policy retry;
};

const std::vector<provider_preset>& provider_presets();
const std::vector<behaviour_preset>& behaviour_presets();

/// Sets what the preset says; false if there is none of that name.
bool apply_preset(std::string_view name, provider_settings&, stated_limits&);

/// The names of both kinds.
std::vector<std::string_view> preset_names();

}  // namespace assay::config
