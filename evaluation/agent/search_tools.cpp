#include <nlohmann/json.hpp>

#include "evaluation/agent/library.hpp"
#include "evaluation/agent/page.hpp"
#include "evaluation/agent/schema.hpp"
#include "evaluation/agent/tool.hpp"
#include "messages/problem.hpp"

namespace assay::evaluation {

namespace {

constexpr std::size_t passages_found = 5;
constexpr std::size_t titles_listed = 50;

constexpr argument search_arguments[] = {
    {"query", R"({"type":"string","description":"words to look for"})"}};
constexpr argument read_arguments[] = {
    {"document", R"({"type":"string","description":"its title, or its number"})"}, page_offset};

std::string titles(const library& in) {
  if (in.documents().empty()) return "There are no documents.";
  std::string list = "The documents are:";
  for (std::size_t i = 0; i < in.documents().size() && i < titles_listed; ++i)
    list += "\n" + std::to_string(i + 1) + ". " + in.documents()[i].title;
  if (in.documents().size() > titles_listed)
    list += "\n... and " + std::to_string(in.documents().size() - titles_listed) + " more";
  return list;
}

class search_tool : public tool {
 public:
  search_tool()
      : tool(declare("search",
                     "Searches the documents of this question and gives the passages that fit "
                     "best, each with its document and offset.",
                     search_arguments)) {}

  tool_result use(const nlohmann::json& given, workplace& at) const override {
    const auto& in = at.documents();
    auto found = in.search(given["query"].get<std::string>(), passages_found);
    if (found.empty()) return tool_result::of("No passage has a word of the query. " + titles(in));
    std::string text;
    for (std::size_t i = 0; i < found.size(); ++i)
      text += (i ? "\n\n[" : "[") + std::to_string(i + 1) + "] " +
              in.documents()[found[i].document].title + ", offset " +
              std::to_string(found[i].offset) + "\n" + std::string(found[i].text);
    return tool_result::of(std::move(text));
  }
};

class read_tool : public tool {
 public:
  read_tool()
      : tool(declare("read_document", "Reads a document of this question, page by page.",
                     read_arguments)) {}

  tool_result use(const nlohmann::json& given, workplace& at) const override {
    auto name = given["document"].get<std::string>();
    const auto* found = at.documents().find(name);
    if (!found)
      return tool_result::error("there is no document \"" + name + "\". " + titles(at.documents()));
    return tool_result::of(show_page_of(found->text, given.value("offset", std::size_t{0})));
  }
};

}  // namespace

tools search_tools() { return {std::make_shared<search_tool>(), std::make_shared<read_tool>()}; }

}  // namespace assay::evaluation
