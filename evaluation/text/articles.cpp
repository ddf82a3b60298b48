#include "evaluation/text/articles.hpp"

#include "evaluation/text/regex.hpp"

namespace assay::evaluation {

std::string without_articles(std::string_view text) {
  static const auto articles = regex::compile(R"(\b(a|an|the)\b)", "").value();
  std::string out(text);
  articles.replace_all(out, " ");
  return out;
}

}  // namespace assay::evaluation
