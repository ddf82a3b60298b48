#include "evaluation/graders/grading.hpp"

#include <algorithm>

#include "evaluation/text/unicode.hpp"
#include "messages/problem.hpp"

namespace assay::evaluation {

namespace {

constexpr std::size_t shown_bytes = 300;

/// The end of a reply, where the grade stands, cut between characters.
std::string end_of(const std::string& reply) {
  const auto clean = is_utf8(reply) ? reply : repair_utf8(reply);
  auto text = strip(clean);
  if (text.size() <= shown_bytes) return std::string(text);
  text.remove_prefix(text.size() - shown_bytes);
  while (!text.empty() && (text.front() & 0xC0) == 0x80) text.remove_prefix(1);
  return "..." + std::string(text);
}

/// The judged answer against the other one: it stands first in the first order.
char in_its_favour(char letter, std::size_t order) {
  if (letter == 'T') return 'T';
  return (letter == 'A') == (order == 0) ? 'W' : 'L';
}

/// `WW`, `LL`, `TT`; whatever else is inconsistent and counts as a tie.
member_grade compared(char first, char second) {
  member_grade both{{first, second}, 0.5};
  if (first == second && first != 'T') both.score = first == 'W' ? 1 : 0;
  return both;
}

}  // namespace

grading::grading(grading_question question) : question_(std::move(question)) {
  for (std::size_t m = 0; m < question_.settings.models.size(); ++m)
    for (std::size_t order = 0; order < question_.orders.size(); ++order)
      inquiries_.push_back({m, order, 0, {}, {}, {}});
}

std::vector<wanted_call> grading::begin() {
  std::vector<wanted_call> calls;
  for (auto& inquiry : inquiries_) calls.push_back(ask(inquiry));
  return calls;
}

std::string grading::label_of(const inquiry& i) const {
  auto label = "member " + std::to_string(i.member + 1);
  if (question_.orders.size() > 1) label += " order " + std::to_string(i.order + 1);
  return label + " ask " + std::to_string(i.asks);
}

wanted_call grading::ask(inquiry& i) const {
  ++i.asks;
  wanted_call call{label_of(i), question_.settings.models[i.member], {}};
  call.request.messages = question_.orders[i.order];
  if (i.asks > 1)
    call.request.messages.back().content += "\n\n" + question_.form->reminder(i.asks - 1);
  return call;
}

std::vector<wanted_call> grading::take(const call_result& result) {
  auto asked = std::find_if(inquiries_.begin(), inquiries_.end(),
                            [&](const inquiry& i) { return label_of(i) == result.label; });
  if (asked == inquiries_.end()) return {};
  if (result.status == outcome_status::error) {
    asked->failed = std::string(to_string(result.error.kind));
    return {};
  }
  if (result.status == outcome_status::answered)
    asked->got = question_.form->read(result.reply.text);
  if (asked->got) {
    asked->reply = result.reply.text;
    return {};
  }
  if (asked->asks >= question_.settings.asks) return {};
  return {ask(*asked)};
}

member_grade grading::grade_of(std::size_t member) const {
  std::vector<const inquiry*> own;
  for (const auto& i : inquiries_)
    if (i.member == member) own.push_back(&i);
  for (const auto* i : own)
    if (!i->failed.empty()) return {std::string(failed_code), {}};
  for (const auto* i : own)
    if (!i->got) return {std::string(unread_code), {}};
  if (!question_.form->compares()) return {own[0]->got->code, own[0]->got->score};
  return compared(in_its_favour(own[0]->got->code[0], 0), in_its_favour(own[1]->got->code[0], 1));
}

std::string grading::why_all_failed() const {
  std::string why;
  for (const auto& i : inquiries_)
    if (!i.failed.empty())
      why += (why.empty() ? "" : ", ") + question_.settings.models[i.member] + ": " + i.failed;
  return why;
}

std::string grading::explain(const std::vector<member_grade>& members,
                             const panel_score& panel) const {
  std::string text;
  for (std::size_t m = 0; m < members.size(); ++m) {
    text += (m ? ", " : "") + question_.settings.models[m] + " ";
    if (members[m].code == failed_code)
      text += "failed";
    else if (members[m].code == unread_code)
      text += "gave no grade in " + std::to_string(question_.settings.asks) +
              (question_.settings.asks == 1 ? " ask" : " asks");
    else
      text += members[m].code;
    if (question_.form->compares() && members[m].score && members[m].code[0] != members[m].code[1])
      text += " (depends on the order)";
  }
  if (!panel.how.empty()) text += "; " + panel.how;
  if (members.size() == 1 && panel.score) text += ": " + end_of(inquiries_.front().reply);
  return text;
}

procedure_end grading::end() {
  std::vector<member_grade> members;
  for (std::size_t m = 0; m < question_.settings.models.size(); ++m) members.push_back(grade_of(m));
  if (std::all_of(members.begin(), members.end(),
                  [](const auto& m) { return m.code == failed_code; }))
    return no_verdict{why_all_failed()};
  const auto panel = vote(members, question_.settings);
  verdict v;
  v.judge_version = question_.version;
  v.scored = panel.score.has_value();
  v.score = panel.score.value_or(0);
  v.extracted = panel_text(members);
  v.explanation = explain(members, panel);
  return v;
}

}  // namespace assay::evaluation
