#pragma once

#include <string_view>

namespace assay::evaluation {

/// A prompt that comes with the program.
struct library_template {
  std::string_view name;
  std::string_view system;  ///< empty for none
  std::string_view user;
  bool conversation = false;  ///< `user` is a whole conversation as JSON, not one message
};

/// The template of that name, or null.
const library_template* find_library_template(std::string_view name);

}  // namespace assay::evaluation
