#include "actors/spending.hpp"

#include <cstdio>

namespace assay::actors {

namespace {

void add(reservation& to, const reservation& what, int sign) {
  to.cost += what.cost * sign;
  to.tokens += sign * what.tokens;
}

std::string told(const std::string& whose, const char* key, double most, double spent) {
  char text[120];
  std::snprintf(text, sizeof text, "budget reached: %s = %.15g, spent %.6g", key, most, spent);
  return text + whose;
}

}  // namespace

std::string spending::refused_by(const purse& p, const reservation& what, duration elapsed,
                                 const std::string& whose) {
  if (p.most.deadline && elapsed >= *p.most.deadline)
    return told(whose, "deadline in s", seconds(*p.most.deadline), seconds(elapsed));
  auto cost = p.spent.cost + p.aside.cost + what.cost;
  if (p.most.max_cost_usd && cost.value > *p.most.max_cost_usd)
    return told(whose, "max_cost_usd", *p.most.max_cost_usd, p.spent.cost.value);
  auto tokens = p.spent.tokens + p.aside.tokens + what.tokens;
  if (p.most.max_tokens_total && tokens > *p.most.max_tokens_total)
    return told(whose, "max_tokens_total", static_cast<double>(*p.most.max_tokens_total),
                static_cast<double>(p.spent.tokens));
  return {};
}

std::string spending::refused_by_run(const reservation& what, duration elapsed) const {
  return refused_by(of_run_, what, elapsed, "");
}

std::string spending::refused_by_account(const std::string& account, const reservation& what,
                                         duration elapsed) const {
  auto found = accounts_.find(account);
  return found == accounts_.end()
             ? std::string()
             : refused_by(found->second, what, elapsed, " at provider " + account);
}

void spending::set_aside(const std::string& account, const reservation& what) {
  add(of_run_.aside, what, 1);
  add(accounts_[account].aside, what, 1);
}

void spending::give_back(const std::string& account, const reservation& what) {
  add(of_run_.aside, what, -1);
  add(accounts_[account].aside, what, -1);
}

void spending::spend(const std::string& account, const reservation& used) {
  add(of_run_.spent, used, 1);
  add(accounts_[account].spent, used, 1);
}

}  // namespace assay::actors
