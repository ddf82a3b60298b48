#include "app/report/names.hpp"

namespace assay::report {

std::string_view to_string(role who) {
  switch (who) {
    case role::system:
      return "system";
    case role::user:
      return "user";
    case role::assistant:
      return "assistant";
    case role::tool:
      return "tool";
  }
  return "user";
}

std::string_view to_string(finish why) {
  switch (why) {
    case finish::unknown:
      return "unknown";
    case finish::stop:
      return "stop";
    case finish::length:
      return "length";
    case finish::tool_calls:
      return "tool_calls";
    case finish::content_filter:
      return "content_filter";
    case finish::refusal:
      return "refusal";
  }
  return "unknown";
}

}  // namespace assay::report
