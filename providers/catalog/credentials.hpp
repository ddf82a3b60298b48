#pragma once

#include <string>

#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::catalog {

/// A key. It has no stream operator and no comparison on purpose; `reveal` is for the request only.
class secret {
 public:
  secret() = default;
  explicit secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

/// Reads the key from the environment or from a file that only its owner can read. A source that
/// names neither gives an empty secret (local servers need none). A problem says which variable or
/// file is missing, empty, or readable by others, never what it holds.
expected<secret> resolve(const credential_source&, const std::string& provider);

/// Which account a provider stands for: a hash of its address and of where its key is found, in
/// hexadecimal digits. Says nothing about the key; providers under two names may be one account.
std::string account_identity(const provider_settings&);

/// `text` with every occurrence of the secret replaced by `[key]`.
std::string scrub(std::string text, std::string_view secret);

}  // namespace assay::catalog
