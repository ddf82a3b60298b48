#pragma once

#include <string_view>
#include <vector>

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
bool apply_preset(std::string_view name, provider_settings&);

/// The names of both kinds.
std::vector<std::string_view> preset_names();

}  // namespace assay::config
