#include "providers/limits/findings.hpp"

namespace assay::limits {

std::string_view to_string(knowledge k) {
  switch (k) {
    case knowledge::config:
      return "config";
    case knowledge::header:
      return "header";
    case knowledge::learned:
      break;
  }
  return "learned";
}

}  // namespace assay::limits
