#include "actors/account_mirror.hpp"

#include "actors/outcome_of.hpp"

namespace assay::actors {

limits::account mirror_of(const limit_settings& settings, const account_memory& memory,
                          const time_anchor& anchor, instant now) {
  limits::account mirror(settings, memory.sent.empty() ? now : memory.sent.front().at, anchor);
  auto charge = [&](const account_memory::one& r, instant at) {
    limits::charge c{r.input_tokens, r.output_tokens, r.cost_usd, mirror.model(r.model),
                     mirror.address(r.egress.empty() ? address_here : r.egress)};
    mirror.admit(c, at);
    mirror.release(c, c, at, at);
  };
  for (const auto& r : memory.sent) charge(r, r.at);
  mirror.perhaps_sent(memory.perhaps_in_flight, now);
  mirror.resume(memory.limits, now);
  return mirror;
}

std::optional<limits::account::cut> heed(limits::account& mirror, const attempt& tried,
                                         const limits::charge& reserved, instant admitted,
                                         instant now, const std::function<duration()>& backoff) {
  auto kind = tried.error.kind;
  if (is_answer(kind))
    mirror.accepted(reserved, admitted, now);
  else if (kind == error_class::rate_limited)
    return mirror.limited(tried.error, reserved, admitted, now, backoff());
  else if (kind == error_class::ramp_limited)
    mirror.ramp_limited(reserved, now);
  else if (kind == error_class::overloaded)
    mirror.overloaded(reserved, now);
  return {};
}

}  // namespace assay::actors
