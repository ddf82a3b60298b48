#include "evaluation/dataset.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <unordered_map>

#include "evaluation/data/sample_mapper.hpp"
#include "evaluation/data/shuffle.hpp"
#include "evaluation/text/foreign_format.hpp"

namespace assay::evaluation {

namespace {

namespace fs = std::filesystem;

/// Names of the files beside a missing one, so that the closest can be suggested.
std::string closest_file(const fs::path& missing) {
  constexpr std::size_t max_entries = 2000;
  std::error_code error;
  auto folder = missing.has_parent_path() ? missing.parent_path() : fs::path(".");
  std::vector<std::string> names;
  fs::directory_iterator entry(folder, error), end;
  while (!error && entry != end && names.size() < max_entries) {
    names.push_back(entry->path().filename().string());
    entry.increment(error);
  }
  std::vector<std::string_view> candidates(names.begin(), names.end());
  return std::string(nearest(missing.filename().string(), candidates));
}

tl::unexpected<std::vector<problem>> one_problem(const dataset_settings& settings, std::string what,
                                                 std::string fix = {}) {
  auto& where = settings.declared_at.empty() ? settings.path : settings.declared_at;
  return tl::make_unexpected(std::vector<problem>{{where, std::move(what), std::move(fix)}});
}

checked<std::string> read_file(const dataset_settings& settings) {
  std::error_code error;
  fs::path path(settings.path);
  auto status = fs::status(path, error);
  if (settings.path.empty()) return one_problem(settings, "the dataset has no path", "set path");
  if (!fs::exists(status)) {
    auto close = closest_file(path);
    return one_problem(settings, "there is no file '" + settings.path + "'",
                       close.empty() ? "" : "did you mean '" + close + "'?");
  }
  if (fs::is_directory(status))
    return one_problem(settings, "'" + settings.path + "' is a directory", "name a file in it");
  std::ifstream file(path, std::ios::binary);
  auto size = fs::file_size(path, error);
  if (!file || error) return one_problem(settings, "'" + settings.path + "' cannot be read");
  std::string text(size, '\0');
  file.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

void read_rows(std::string_view text, dataset_format format, problem_list& problems,
               const row_sink& sink) {
  switch (format) {
    case dataset_format::jsonl:
      return read_jsonl(text, problems, sink);
    case dataset_format::json:
      return read_json_array(text, problems, sink);
    case dataset_format::csv:
      return read_csv(text, problems, sink);
  }
}

/// Adds a problem for every id that comes again.
void check_ids(const std::vector<sample>& samples, const std::vector<std::size_t>& lines,
               problem_list& problems) {
  std::unordered_map<std::string_view, std::size_t> seen;
  seen.reserve(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    auto [first, is_new] = seen.emplace(samples[i].id, lines[i]);
    if (is_new) continue;
    problems.add(
        lines[i],
        "the id '" + samples[i].id + "' is already used on line " + std::to_string(first->second),
        "set fields.id to a field with unique values");
  }
}

}  // namespace

checked<std::vector<sample>> load_dataset(const dataset_settings& settings) {
  auto text = read_file(settings);
  if (!text) return tl::make_unexpected(std::move(text.error()));
  return parse_dataset(*text, settings);
}

checked<std::vector<sample>> parse_dataset(const std::string& text,
                                           const dataset_settings& settings) {
  problem_list problems(settings.path);
  std::string_view content = text;
  if (content.substr(0, 3) == "\xEF\xBB\xBF") content.remove_prefix(3);
  if (auto foreign = foreign_format(content); !foreign.empty()) {
    problems.add_for_file("the file is " + std::string(foreign) + ", expected text in UTF-8",
                          "convert it first");
    return tl::make_unexpected(problems.take());
  }
  sample_mapper mapper(settings);
  std::vector<sample> samples;
  std::vector<std::size_t> lines;
  std::size_t rows = 0;
  read_rows(content, settings.format, problems, [&](row&& r) {
    ++rows;
    if (!mapper.keeps(r)) return;
    auto line = r.line;
    auto made = mapper.map(std::move(r), rows, problems);
    if (!made) return;
    samples.push_back(std::move(*made));
    lines.push_back(line);
  });
  if (problems.empty()) mapper.finish(rows, samples.size(), problems);
  if (problems.empty()) check_ids(samples, lines, problems);
  if (!problems.empty()) return tl::make_unexpected(problems.take());
  if (settings.shuffle_seed) shuffle(samples, *settings.shuffle_seed);
  if (settings.limit && *settings.limit < samples.size()) samples.resize(*settings.limit);
  return samples;
}

}  // namespace assay::evaluation
