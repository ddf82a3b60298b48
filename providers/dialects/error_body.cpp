#include "providers/dialects/error_body.hpp"

#include <algorithm>
#include <array>

#include "providers/dialects/durations.hpp"
#include "providers/dialects/header_fields.hpp"
#include "providers/dialects/json_fields.hpp"
#include "providers/dialects/utf8.hpp"

namespace assay::dialects {

namespace {

enum field : int {
  error,
  message,
  code,
  type,
  reason,
  raw,
  flagged,
  retry_delay,
  quota_id,
  quota_value,
  request_id,
  top_code,
  top_type,
  top_message,
};

constexpr std::array fields{
    json_field{"error", error},
    json_field{"error.message", message},
    json_field{"error.code", code},
    json_field{"error.type", type},
    json_field{"error.status", reason},
    json_field{"error.innererror.code", reason},
    json_field{"error.inner_error.code", reason},
    json_field{"error.details[].reason", reason},
    json_field{"error.details.error_code", reason},
    json_field{"error.metadata.error_type", reason},
    json_field{"error.metadata.raw", raw},
    json_field{"error.metadata.flagged_input", flagged},
    json_field{"error.metadata.reasons", flagged},
    json_field{"error.details[].retryDelay", retry_delay},
    json_field{"error.details[].violations[].quotaId", quota_id},
    json_field{"error.details[].violations[].quotaValue", quota_value},
    json_field{"request_id", request_id},
    json_field{"x_groq.error", message},
    json_field{"code", top_code},
    json_field{"type", top_type},
    json_field{"message", top_message},
    json_field{"detail", top_message},
    json_field{"detail[].msg", top_message},
};

const field_tree& tree() {
  static const field_tree built(fields);
  return built;
}

class body_sink final : public field_sink {
 public:
  error_body out;

  void take(int id, const json_value& value) override {
    switch (id) {
      case error:
        out.found |= value.truthy();
        [[fallthrough]];
      case message:
        if (value.is_text()) set(out.message, value);
        break;
      case code:
        set(out.code, value);
        break;
      case type:
        set(out.type, value);
        break;
      case reason:
        add_reason(value);
        break;
      case raw:
        if (value.is_text() && !value.text.empty()) out.message.append(": ").append(value.text);
        break;
      case flagged:
        if (value.truthy()) out.reasons.emplace_back("flagged_input");
        break;
      case retry_delay:
        if (value.is_text()) out.retry_after = go_duration(value.text);
        break;
      case quota_id:
        add_quota(value);
        break;
      case quota_value:
        if (value.amount() == 0.0) out.reasons.emplace_back("quota_zero");
        break;
      case request_id:
        set(out.request_id, value);
        break;
      case top_code:
        set(top_.code, value);
        break;
      case top_type:
        set(top_.type, value);
        break;
      case top_message:
        set(top_.message, value);
        break;
    }
  }

  /// Uses the names at the top level where there is no `error`, and finds the status.
  error_body finish() && {
    if (!out.found && out.message.empty()) {
      out.code = std::move(top_.code);
      out.message = std::move(top_.message);
      if (top_.type != "error") out.type = std::move(top_.type);
    }
    out.found |= !out.message.empty() || !out.code.empty();
    if (out.type.empty() && !out.reasons.empty()) out.type = out.reasons.front();
    if (out.code.size() == 3 && out.code[0] >= '4' && out.code[0] <= '5') {
      auto number = dirty_number(out.code);
      out.status = number ? static_cast<int>(*number) : 0;
    }
    return std::move(out);
  }

 private:
  static void set(std::string& where, const json_value& value) {
    if (where.empty()) where = value.word();
  }

  void add_reason(const json_value& value) {
    if (auto word = value.word(); !word.empty()) out.reasons.push_back(std::move(word));
  }

  void add_quota(const json_value& value) {
    if (!value.is_text()) return;
    out.reasons.emplace_back(value.text);
    if (value.text.find("PerDay") != std::string_view::npos) out.reasons.emplace_back("PerDay");
  }

  error_body top_;
};

}  // namespace

bool error_body::says(std::string_view word) const {
  return same_word(code, word) || same_word(type, word) ||
         std::any_of(reasons.begin(), reasons.end(),
                     [&](const std::string& reason) { return same_word(reason, word); });
}

error_body read_error_body(std::string_view body) {
  body_sink sink;
  if (scan_fields(tree(), body, sink)) return std::move(sink).finish();
  body_sink repaired;
  scan_fields(tree(), repair_json_text(body), repaired);
  return std::move(repaired).finish();
}

}  // namespace assay::dialects
