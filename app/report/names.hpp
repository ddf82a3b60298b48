#pragma once

#include <string_view>

#include "messages/chat.hpp"

namespace assay::report {

std::string_view to_string(role);
std::string_view to_string(finish);

}  // namespace assay::report
