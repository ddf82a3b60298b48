#include <nlohmann/json.hpp>

#include "evaluation/agent/folder.hpp"
#include "evaluation/agent/page.hpp"
#include "evaluation/agent/schema.hpp"
#include "evaluation/agent/tool.hpp"

namespace assay::evaluation {

namespace {

constexpr std::size_t entries_listed = 200;

constexpr argument list_arguments[] = {
    {"path", R"({"type":"string","description":"a folder; the outermost if not given"})", false},
    page_offset};
constexpr argument read_arguments[] = {
    {"path", R"({"type":"string","description":"a file, as list_files shows it"})"}, page_offset};

using folder_ptr = std::shared_ptr<const folder>;

std::string line_of(const folder::entry& e) {
  if (e.kind == folder::entry::folder) return e.name + "/";
  if (e.kind == folder::entry::link) return e.name + " (a symbolic link, not followed)";
  return e.name + " (" + std::to_string(e.size) + " bytes)";
}

class list_tool : public tool {
 public:
  explicit list_tool(folder_ptr in)
      : tool(declare("list_files", "Lists the files and folders of a folder.", list_arguments)),
        in_(std::move(in)) {}

  tool_result use(const nlohmann::json& given, workplace&) const override {
    auto all = in_->list(given.value("path", std::string(".")));
    if (!all) return tool_result::error(render(all.error()));
    auto from = std::min(given.value("offset", std::size_t{0}), all->size());
    auto to = std::min(from + entries_listed, all->size());
    std::string text;
    if (all->empty()) text = "The folder is empty.";
    for (auto i = from; i < to; ++i) text += (i > from ? "\n" : "") + line_of((*all)[i]);
    if (to < all->size())
      text += "\n... and " + std::to_string(all->size() - to) + " more; go on with offset " +
              std::to_string(to);
    return tool_result::of(std::move(text));
  }

 private:
  folder_ptr in_;
};

class read_tool : public tool {
 public:
  explicit read_tool(folder_ptr in)
      : tool(declare("read_file", "Reads a text file, page by page.", read_arguments)),
        in_(std::move(in)) {}

  tool_result use(const nlohmann::json& given, workplace&) const override {
    auto offset = given.value("offset", std::size_t{0});
    auto part = in_->read(given["path"].get<std::string>(), offset, page_size + 4);
    if (!part) return tool_result::error(render(part.error()));
    if (part->bytes.find('\0') != std::string::npos)
      return tool_result::error("the file is not a text");
    return tool_result::of(show_page(part->bytes, std::min(offset, part->total), part->total));
  }

 private:
  folder_ptr in_;
};

}  // namespace

expected<tools> file_tools(const std::string& path) {
  auto opened = folder::open(path);
  if (!opened) return tl::make_unexpected(opened.error());
  auto in = std::make_shared<const folder>(std::move(*opened));
  return tools{std::make_shared<list_tool>(in), std::make_shared<read_tool>(in)};
}

}  // namespace assay::evaluation
