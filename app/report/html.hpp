#pragma once

#include <string>

#include "app/report/document.hpp"
#include "app/report/sample_choice.hpp"

namespace assay::report {

/// The report as one HTML file that needs nothing else: styles and a short script for sorting are
/// inside, it loads nothing from anywhere, and it reads well printed and without the script.
std::string to_html(const document&, const sample_choice&);

}  // namespace assay::report
