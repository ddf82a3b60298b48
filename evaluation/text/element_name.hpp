#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::evaluation {

/// `wish`, or `wish-2-`, `wish-3-` ...: the first that no tag in the texts begins with, so that no
/// text within such an element can end it or begin another.
std::string free_element_name(std::string_view wish, const std::vector<std::string_view>& texts);

}  // namespace assay::evaluation
