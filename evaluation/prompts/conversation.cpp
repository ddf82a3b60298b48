#include "evaluation/prompts/conversation.hpp"

#include "evaluation/judges/json_value.hpp"

namespace assay::evaluation {

namespace {

using nlohmann::json;

struct role_name {
  std::string_view name;
  role who;
};

/// `developer` is what newer models of OpenAI call the system.
constexpr role_name roles[] = {{"system", role::system},
                               {"developer", role::system},
                               {"user", role::user},
                               {"assistant", role::assistant}};

/// A member of an object as text; nothing if it is absent or no text.
const std::string* text_at(const json& object, const char* name) {
  auto found = object.find(name);
  return found == object.end() ? nullptr : found->get_ptr<const std::string*>();
}

std::string what_of(std::size_t number, const std::string& what) {
  return "message " + std::to_string(number) + " of the conversation " + what;
}

expected<std::string> content_of(const json& message, std::size_t number) {
  if (auto text = text_at(message, "content")) return *text;
  auto content = message.find("content");
  if (content == message.end() || !content->is_array())
    return fail({}, what_of(number, "has no content"), "give it a text: \"content\": \"...\"");
  std::string joined;
  for (auto& part : *content) {
    auto text = part.is_object() ? text_at(part, "text") : nullptr;
    if (!text) return fail({}, what_of(number, "holds more than text"), "only texts can be sent");
    joined += *text;
  }
  return joined;
}

expected<chat_message> message_of(const json& message, std::size_t number) {
  auto name = message.is_object() ? text_at(message, "role") : nullptr;
  if (!name) return fail({}, what_of(number, "has no role"), "expected {\"role\", \"content\"}");
  for (auto& known : roles)
    if (known.name == *name) {
      auto content = content_of(message, number);
      if (!content) return tl::make_unexpected(content.error());
      return chat_message{known.who, std::move(*content)};
    }
  return fail({}, what_of(number, "has the role '" + *name + "'"),
              "expected system, developer, user or assistant");
}

}  // namespace

expected<std::vector<chat_message>> read_conversation(std::string_view text) {
  auto parsed = parse_json(text);
  if (!parsed || !parsed->is_array() || parsed->empty())
    return fail({}, "the text is no conversation",
                "expected JSON: [{\"role\": \"user\", \"content\": \"...\"}]");
  std::vector<chat_message> messages;
  for (auto& message : *parsed) {
    auto read = message_of(message, messages.size() + 1);
    if (!read) return tl::make_unexpected(read.error());
    messages.push_back(std::move(*read));
  }
  return messages;
}

}  // namespace assay::evaluation
