#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "messages/problem.hpp"

/// The part of Nunjucks that prompts and values of promptfoo's files use: `{{ name }}`,
/// `{{ a.b[0] }}`, the filters below, comments, `{% if %} {% else %} {% endif %}` and `{% raw %}`.
namespace assay::importing {

/// What names stand for.
using variables = nlohmann::ordered_json;

/// Fills in a text that holds no blocks; an unknown name is empty, as it is there. Nothing in the
/// text is a template again. The problem says what is not understood.
expected<std::string> fill_in(const std::string& text, const variables&);

/// The same text as a mustache template over the fields of a sample: each expression becomes a
/// field named after it, which is added to `expressions`.
expected<std::string> to_mustache(const std::string& text, std::set<std::string>& expressions);

/// The value of such an expression (`a.b|upper`) as text.
expected<std::string> evaluate(const std::string& expression, const variables&);

}  // namespace assay::importing
