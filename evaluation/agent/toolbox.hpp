#pragma once

#include <string>
#include <vector>

#include "evaluation/agent/tool.hpp"
#include "evaluation/judges/json_schema.hpp"

namespace assay::evaluation {

/// The tools that are offered to a model. Answers every call, however wrong: an unknown name,
/// arguments that are no JSON or do not meet the schema, and a tool that fails are told to the
/// model in words that let it do better. Immutable, may be shared between threads.
class toolbox {
 public:
  /// Problems: a schema that is none, or not one of an object; two tools of one name.
  static expected<toolbox> make(tools);

  const std::vector<tool_declaration>& declared() const { return declared_; }

  /// Those of its tools.
  std::vector<std::string> terms() const;

  /// The text is valid UTF-8 of at most 20,000 bytes; that of a failure begins with `Error: `.
  tool_result answer(const tool_call&, workplace&) const;

 private:
  tool_result use(const tool_call&, workplace&) const;

  tools tools_;
  std::vector<tool_declaration> declared_;
  std::vector<json_schema> schemas_;
};

}  // namespace assay::evaluation
