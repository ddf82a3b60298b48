#pragma once

#include <string>
#include <string_view>

namespace assay::evaluation {

/// `re.sub(r"\b(a|an|the)\b", " ", text)`: each English article that stands as a word becomes a
/// space. REQUIRES: well-formed UTF-8.
std::string without_articles(std::string_view text);

}  // namespace assay::evaluation
