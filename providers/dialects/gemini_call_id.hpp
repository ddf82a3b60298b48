#pragma once

#include <string>
#include <string_view>

/// Gemini gives tool calls no ids, but some of its models refuse a conversation in which an earlier
/// call comes back without the signature that came with it. So the id that we make carries it.
namespace assay::dialects {

/// `NUMBER.SIGNATURE`.
inline std::string signed_call_id(const std::string& number, const std::string& signature) {
  return number + "." + signature;
}

/// The signature in an id; empty if it has none.
inline std::string_view signature_in(std::string_view id) {
  const auto dot = id.find('.');
  return dot == std::string_view::npos ? std::string_view{} : id.substr(dot + 1);
}

}  // namespace assay::dialects
