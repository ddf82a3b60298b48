#include "messages/error_class.hpp"

#include <array>

namespace assay {

namespace {

struct row {
  std::string_view name;
  bool retryable;
  bool api_failure;
};

constexpr std::array<row, error_class_count> rows{{
    {"none", false, false},
    {"rate_limited", true, false},
    {"ramp_limited", true, false},
    {"quota_exhausted", false, false},
    {"overloaded", true, true},
    {"server_error", true, true},
    {"transport", true, true},
    {"timeout", true, true},
    {"auth", false, false},
    {"bad_request", false, false},
    {"context_too_long", false, false},
    {"content_filtered", false, false},
    {"refusal", false, false},
    {"cancelled", false, false},
    {"node_lost", true, false},
}};

const row& at(error_class c) { return rows[static_cast<std::size_t>(c)]; }

}  // namespace

std::string_view to_string(error_class c) { return at(c).name; }
bool is_retryable(error_class c) { return at(c).retryable; }
bool is_api_failure(error_class c) { return at(c).api_failure; }

}  // namespace assay
