#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "messages/chat.hpp"
#include "messages/problem.hpp"
#include "messages/sample.hpp"
#include "messages/settings.hpp"

namespace assay::evaluation {

/// A prompt variant, parsed once, rendered per sample. Immutable, may be shared between threads.
class prompt_template {
 public:
  /// Parses the templates (mustache, no HTML escaping). A problem names the variable that no sample
  /// can have, or the place of a syntax error.
  static expected<prompt_template> make(const prompt_settings&);

  /// The conversation for a sample: system, few-shot pairs, user.
  std::vector<chat_message> render(const sample&) const;

  /// A problem if the template uses a field that this sample does not have.
  expected<void> check(const sample&) const;

 private:
  struct parts;
  std::shared_ptr<const parts> parts_;
};

/// Names of the built-in templates (`baseline`, `cot`, `multiple-choice` ...), sorted.
std::vector<std::string_view> template_library();

}  // namespace assay::evaluation
