#pragma once

#include <string>

#include "app/report/document.hpp"
#include "app/report/sample_choice.hpp"

namespace assay::report {

/// The report as GitHub-flavoured Markdown.
std::string to_markdown(const document&, const sample_choice&);

}  // namespace assay::report
