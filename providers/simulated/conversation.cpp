#include "providers/simulated/conversation.hpp"

#include <algorithm>

#include "providers/simulated/draws.hpp"
#include "providers/simulated/wire_text.hpp"

namespace assay::simulated {

namespace {

std::int64_t tokens_in(std::size_t characters) {
  return static_cast<std::int64_t>((characters + 3) / 4);
}

role role_called(std::string_view word) {
  if (word == "system" || word == "developer") return role::system;
  if (word == "assistant") return role::assistant;
  return word == "tool" ? role::tool : role::user;
}

}  // namespace

void add_message(call& c, std::string_view role, chat_message m) {
  if (role == "user") {
    c.before = c.conversation;
    c.prompt = m.content;
  }
  c.conversation = hash_bytes(m.content, hash_bytes(role, c.conversation));
  c.input_tokens += tokens_in(m.content.size());
  for (const auto& use : m.calls) {
    c.conversation = hash_bytes(use.arguments, hash_bytes(use.name, c.conversation));
    c.input_tokens += tokens_in(use.name.size() + use.arguments.size());
  }
  m.who = role_called(role);
  c.messages.push_back(std::move(m));
}

void add_tool(call& c, tool_declaration t) {
  c.input_tokens += tokens_in(t.name.size() + t.description.size() + t.parameters.size());
  c.tools.push_back(std::move(t));
}

std::string open_call(const call& c, std::string_view name) {
  const auto calls = std::find_if(c.messages.rbegin(), c.messages.rend(),
                                  [](const chat_message& m) { return m.who == role::assistant; });
  if (calls == c.messages.rend()) return {};
  for (const auto& use : calls->calls) {
    const bool answered = std::any_of(calls.base(), c.messages.end(), [&](const chat_message& m) {
      return m.who == role::tool && m.answers == use.id;
    });
    if (use.name == name && !answered) return use.id;
  }
  return {};
}

tl::expected<call, rejection> with_results_in_place(call c, const std::string& field) {
  std::vector<std::string> open;
  const auto unanswered = [&] {
    return bad_field(field, "The tool call '" + open.front() + "' has no result right after it.");
  };
  for (const auto& m : c.messages) {
    if (m.who != role::tool) {
      if (!open.empty()) return tl::make_unexpected(unanswered());
      for (const auto& use : m.calls) open.push_back(use.id);
    } else if (const auto found = std::find(open.begin(), open.end(), m.answers);
               found != open.end()) {
      open.erase(found);
    } else {
      return tl::make_unexpected(
          bad_field(field, "A tool result answers '" + m.answers + "', which is no open call."));
    }
  }
  if (!open.empty()) return tl::make_unexpected(unanswered());
  return c;
}

}  // namespace assay::simulated
