#include "messages/task.hpp"

#include <array>

namespace assay {

std::string_view to_string(outcome_status s) {
  static constexpr std::array<std::string_view, 4> names{"answered", "refused", "filtered",
                                                         "error"};
  return names[static_cast<std::size_t>(s)];
}

}  // namespace assay
