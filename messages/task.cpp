#include "messages/task.hpp"

#include <array>

namespace assay {

std::string_view to_string(outcome_status s) {
  static constexpr std::array<std::string_view, 4> names{"answered", "refused", "filtered",
                                                         "error"};
  return names[static_cast<std::size_t>(s)];
}

outcome copy_of(const outcome& given, const task_key& asked) {
  outcome copy;
  copy.key = asked;
  copy.status = given.status;
  copy.error = given.error;
  copy.reply = given.reply;
  copy.reply.usage.billed_usd.reset();
  copy.provider = given.provider;
  copy.cached = true;
  copy.original = given.cached ? given.original : given.key;
  return copy;
}

}  // namespace assay
