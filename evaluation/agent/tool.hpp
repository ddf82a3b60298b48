#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "messages/chat.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::sandbox {
class box;
}

namespace assay::evaluation {

class workplace;

/// What the use of a tool came to.
struct tool_result {
  std::string text;  ///< for the model: what it asked for, or what went wrong and what would help
  bool failed = false;
  std::chrono::nanoseconds time{0};  ///< that a program ran; what is only computed takes none

  static tool_result of(std::string text) { return {std::move(text), false, {}}; }
  static tool_result error(std::string text) { return {std::move(text), true, {}}; }
};

/// Something that a model may use. Immutable, may be shared between threads.
class tool {
 public:
  explicit tool(tool_declaration declared) : declared_(std::move(declared)) {}
  virtual ~tool() = default;

  const tool_declaration& declared() const { return declared_; }

  /// What decides its results beside the declaration and the arguments, as far as it can be told.
  virtual std::vector<std::string> terms() const { return {}; }

  /// REQUIRES: the arguments meet the schema of the declaration. Never throws, always ends; what is
  /// wrong is told in the result.
  virtual tool_result use(const nlohmann::json& arguments, workplace&) const = 0;

 private:
  tool_declaration declared_;
};

using tool_ptr = std::shared_ptr<const tool>;
using tools = std::vector<tool_ptr>;

/// Evaluates an expression (arithmetic.hpp).
tools calculator_tools();

/// Runs Python programs in the sandbox; each is given the time that the sandbox's settings give.
tools python_tools(std::shared_ptr<const sandbox::box>);

/// Lists and reads what lies below a folder. No path leads out of it: neither `..` nor an absolute
/// one nor a symbolic link.
expected<tools> file_tools(const std::string& folder);

/// Searches and reads the documents of the sample (library.hpp).
tools search_tools();

/// A command that the file declares. The box gives it as long as its settings say.
expected<tool_ptr> command_tool(const tool_settings&, std::shared_ptr<const sandbox::box>);

}  // namespace assay::evaluation
