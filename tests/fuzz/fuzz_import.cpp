#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/importing/importing.hpp"

using namespace assay;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr const char* names[] = {"fuzz.yaml", "samples_fuzz.jsonl", "fuzz.json"};

}  // namespace

/// The first byte chooses the kind of file; the rest is the file. What is imported can be read as
/// TOML, whatever stands in it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (text.find("file:") != std::string::npos) return 0;  // the disk is not part of the input
  importing::request wanted;
  wanted.path = names[data[0] % 3];
  wanted.env = [](const std::string&) { return std::nullopt; };
  if (data[0] & 4) wanted.models = {"openai:chat:small"};
  auto read = importing::import_text(text, wanted);
  if (!read) {
    require(!read.error().empty());
    for (auto& p : read.error()) require(!p.where.empty() && !p.what.empty());
    return 0;
  }
  require(!read->rows.empty() && !read->models.empty() && !read->prompts.empty());
  auto written = to_toml(*read, "fuzz.samples.jsonl");
  auto loaded = config::parse(written, "fuzz.toml", wanted.env);
  if (!loaded)
    for (auto& p : loaded.error()) require(!p.what.starts_with("TOML: ") && !p.where.empty());
  return 0;
}
