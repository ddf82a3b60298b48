#include <algorithm>
#include <array>

#include "app/importing/files.hpp"
#include "app/importing/nunjucks.hpp"
#include "app/importing/promptfoo.hpp"
#include "evaluation/prompts/conversation.hpp"

namespace assay::importing {

namespace {

using nlohmann::ordered_json;

constexpr std::array<std::string_view, 8> prompt_endings{".txt",  ".md",  ".json", ".jsonl",
                                                         ".yaml", ".yml", ".j2",   ".njk"};

/// A chat in JSON or YAML, as JSON; nothing if the text is none.
std::optional<ordered_json> chat_in(const std::string& text) {
  auto parsed = read_yaml(text, "prompt");
  if (!parsed || parsed->is != tree::kind::list || parsed->items.empty()) return std::nullopt;
  for (auto& message : parsed->items)
    if (!message.find("role") || !message.find("content")) return std::nullopt;
  return parsed->json();
}

class reader {
 public:
  reader(draft& to, std::set<std::string>& expressions) : to_(to), expressions_(expressions) {}

  void read(const tree& stated) {
    if (stated.is == tree::kind::list)
      for (auto& one : stated.items) read_one(one);
    else if (stated.is == tree::kind::table && !stated.find("raw") && !stated.find("id"))
      for (auto& [file, label] : stated.entries)  // { prompts/a.txt: label }
        read_text(file, label.text, at_line(to_.source, label));
    else
      read_one(stated);
  }

 private:
  void read_one(const tree& stated) {
    auto where = at_line(to_.source, stated);
    auto label = stated.find("label");
    for (auto key : {"raw", "id", "file"})
      if (auto text = stated.find(key))
        return read_text(text->text, label ? label->text : "", where);
    if (stated.is_scalar()) return read_text(stated.text, {}, where);
    to_.not_understood(where, "this form of a prompt is not understood");
  }

  /// A text that stands in the file, or the path of one.
  void read_text(const std::string& text, const std::string& label, const std::string& where) {
    bool line = text.find('\n') == std::string::npos && text.find("{{") == std::string::npos;
    bool named = text.starts_with("file://");
    auto ending = line ? ending_of(text) : std::string();
    bool known =
        std::find(prompt_endings.begin(), prompt_endings.end(), ending) != prompt_endings.end();
    bool path = named || (line && known && text.find(' ') == std::string::npos);
    if (!path) return add(text, label, where);
    if (!known || text.find('*') != std::string::npos)
      return to_.not_understood(where, "prompt '" + text + "' is not understood",
                                "expected the name of a text, JSON or YAML file");
    read_prompt_file(path_beside(text, to_.source), label, where);
  }

  void read_prompt_file(const std::string& path, const std::string& label,
                        const std::string& where) {
    auto text = read_file(path);
    if (!text) return to_.not_understood(where, "prompt file " + path + ": " + text.error().what);
    auto name = label.empty() ? std::filesystem::path(path).stem().string() : label;
    if (ending_of(path) == ".jsonl") return add_parts(*text, "\n", name, where);
    if (ending_of(path) != ".txt") return add(*text, name, where);
    add_parts(*text, "\n---\n", name, where);
  }

  /// Several prompts in one file.
  void add_parts(std::string text, const std::string& between, const std::string& name,
                 const std::string& where) {
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
    for (std::size_t from = 0; from <= text.size();) {
      auto to = std::min(text.find(between, from), text.size());
      auto part = text.substr(from, to - from);
      if (part.find_first_not_of(" \t\n") != std::string::npos) add(part, name, where);
      from = to + between.size();
    }
  }

  void add(std::string text, const std::string& label, const std::string& where) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    toml_table prompt{"prompts", {}, {}};
    auto otherwise = "prompt-" + std::to_string(to_.prompts.size() + 1);
    prompt.name = distinct(name_from(label, otherwise), to_.prompts);
    auto chat = chat_in(text);
    auto used = expressions_;
    auto translated = chat ? chat_template(*chat, used) : to_mustache(text, used);
    if (!translated)
      return to_.not_understood(where, "prompt left out: " + translated.error().what,
                                translated.error().fix);
    expressions_ = std::move(used);
    if (chat) prompt.keys.emplace_back("library", toml("conversation"));
    prompt.keys.emplace_back("user", toml(*translated));
    to_.prompts.push_back(prompt.name);
    to_.tables.push_back(std::move(prompt));
  }

  /// The chat with each content as a template of ours.
  static expected<std::string> chat_template(ordered_json chat, std::set<std::string>& used) {
    if (auto good = evaluation::read_conversation(chat.dump()); !good)
      return tl::make_unexpected(good.error());
    auto messages = *evaluation::read_conversation(chat.dump());
    for (std::size_t i = 0; i < messages.size(); ++i) {
      auto text = to_mustache(messages[i].content, used);
      if (!text) return text;
      chat[i] = {{"role", chat[i]["role"]}, {"content", *text}};
    }
    return chat.dump(2);
  }

  draft& to_;
  std::set<std::string>& expressions_;
};

}  // namespace

void read_prompts(const tree& root, draft& to, std::set<std::string>& expressions) {
  if (auto stated = root.find("prompts")) reader(to, expressions).read(*stated);
}

}  // namespace assay::importing
