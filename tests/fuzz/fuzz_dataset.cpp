#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "evaluation/data/json_cursor.hpp"
#include "evaluation/dataset.hpp"
#include "evaluation/text/unicode.hpp"

using namespace assay;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// Our JSON reader accepts exactly what nlohmann accepts, but for depth (ours is bounded) and
/// numbers (ours may be of any size, since they stay text). nlohmann takes a NUL for the end of the
/// text.
void compare_with_nlohmann(const std::string& text) {
  if (!evaluation::is_utf8(text) || text.find('\0') != std::string::npos) return;
  if (text.rfind("\xEF", 0) == 0) return;
  evaluation::json_cursor cursor(text);
  evaluation::value_kind kind;
  std::string_view raw;
  bool ours = cursor.read_value(kind, raw) && cursor.read_end();
  if (std::string_view(cursor.fault()).find("deeper") != std::string_view::npos) return;
  try {
    (void)nlohmann::json::parse(text);
    require(ours);
  } catch (const nlohmann::json::out_of_range&) {
  } catch (const nlohmann::json::parse_error&) {
    require(!ours);
  }
}

}  // namespace

/// The first byte chooses the format, the second the mapping; the rest is the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  dataset_settings settings;
  settings.path = "fuzz";
  settings.format = static_cast<dataset_format>(data[0] % 3);
  if (data[1] & 1) settings.fields = {"id", "q.0.text", "a.b", "c", "t", "d", {"g", "h.i"}};
  if (data[1] & 2) settings.fields.choices = "A,B,C.0";
  if (data[1] & 4) settings.filter = {{"f.0", {"1", "x"}}};
  if (data[1] & 8) settings.shuffle_seed = data[1];
  auto read = evaluation::parse_dataset(text, settings);
  if (read) {
    for (auto& item : *read) require(evaluation::is_utf8(item.input) && !item.fields.empty());
  } else {
    require(!read.error().empty() && read.error().size() <= 21);
    for (auto& p : read.error()) require(!p.where.empty() && !p.what.empty());
  }
  compare_with_nlohmann(text);
  return 0;
}
