#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "evaluation/agent/arithmetic.hpp"
#include "evaluation/agent/library.hpp"
#include "evaluation/agent/toolbox.hpp"
#include "evaluation/text/unicode.hpp"

using namespace assay;
using namespace assay::evaluation;

namespace {

const toolbox& offered() {
  static const auto made = [] {
    auto all = calculator_tools();
    for (auto& more : search_tools()) all.push_back(std::move(more));
    return toolbox::make(std::move(all)).value();
  }();
  return made;
}

}  // namespace

/// Whatever a model calls a tool with, in whatever documents: there is an answer of valid UTF-8 and
/// bounded length, and the same one each time. The first byte says what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto& tools = offered().declared();
  sample about;
  auto call = tool_call{"1", tools[data[0] % tools.size()].name, text};
  if (data[0] & 0x80) {  // the text is an argument, or the documents
    about.fields = {{"papers", text}};
    const auto written = repair_utf8(text);
    call.arguments = nlohmann::json{
        {call.name == "calculator" ? "expression"
         : call.name == "search"   ? "query"
                                   : "document",
         written}}.dump();
  }
  auto use = [&] {
    workplace place(about, "papers");
    return offered().answer(call, place).text;
  };
  const auto told = use();
  if (!is_utf8(told) || told.size() > 21'000 || told != use()) std::abort();
  return 0;
}
