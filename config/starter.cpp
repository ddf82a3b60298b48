#include "config/load.hpp"

namespace assay::config {

std::string starter() { return ""; }

}  // namespace assay::config
