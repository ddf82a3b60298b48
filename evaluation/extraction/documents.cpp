#include "evaluation/extraction/documents.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "evaluation/text/foreign_format.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t shown_reasons = 3;

expected<std::string> content_of(const fs::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(largest_document + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad())
    return fail(path.string(), std::string("cannot be read: ") + std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

/// The text of a file, or why it is no document.
expected<std::string> text_of_file(const fs::path& path) {
  auto text = content_of(path);
  if (!text) return text;
  auto where = path.string();
  if (text->size() > largest_document) return fail(where, "is larger than 16 MiB", "split it");
  if (auto foreign = foreign_format(*text); !foreign.empty())
    return fail(where, "is " + std::string(foreign) + ", expected text in UTF-8",
                "convert it first");
  if (text->find('\0') != text->npos)
    return fail(where, "holds NUL bytes: it is no text", "convert it first");
  if (auto bad = first_bad_utf8(*text); bad != text->npos) {
    auto line =
        1 + std::count(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(bad), '\n');
    return fail(where + ":" + std::to_string(line), "is not UTF-8", "save it as UTF-8");
  }
  if (text->starts_with("\xEF\xBB\xBF")) text->erase(0, 3);
  if (strip(*text).empty()) return fail(where, "is empty");
  return text;
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with("."); }

/// Every file below a folder, hidden ones left out. What cannot be listed is left out by name.
std::vector<fs::path> files_below(const fs::path& folder, std::vector<problem>& left_out) {
  std::vector<fs::path> files, folders{folder};
  while (!folders.empty()) {
    auto at = std::move(folders.back());
    folders.pop_back();
    std::error_code error;
    for (fs::directory_iterator entry(at, error), end; !error && entry != end;
         entry.increment(error)) {
      if (is_hidden(entry->path())) continue;
      std::error_code ignored;
      bool below = entry->is_directory(ignored) && !entry->is_symlink(ignored);
      (below ? folders : files).push_back(entry->path());
    }
    if (error) left_out.push_back({at.string(), "cannot be listed: " + error.message(), {}});
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string reasons(const std::vector<problem>& left_out) {
  std::string text;
  for (std::size_t i = 0; i < std::min(shown_reasons, left_out.size()); ++i)
    text += (i ? "; " : "") + left_out[i].where + " " + left_out[i].what;
  if (left_out.size() > shown_reasons)
    text += "; " + std::to_string(left_out.size() - shown_reasons) + " more";
  return text;
}

}  // namespace

expected<document_set> read_documents(const std::string& path) {
  std::error_code error;
  auto status = fs::status(path, error);
  if (!fs::exists(status)) return fail(path, "there is no such folder or file");
  document_set found;
  bool folder = fs::is_directory(status);
  auto files = folder ? files_below(path, found.left_out) : std::vector<fs::path>{path};
  for (const auto& file : files) {
    if (!fs::is_regular_file(file, error)) {
      found.left_out.push_back({file.string(), "is no file that can be read as text", {}});
      continue;
    }
    auto name = folder ? file.lexically_relative(path) : file.filename();
    if (auto text = text_of_file(file))
      found.documents.push_back({repair_utf8(name.generic_string()), std::move(*text)});
    else
      found.left_out.push_back(std::move(text.error()));
  }
  if (found.documents.empty())
    return fail(path, "holds no document", found.left_out.empty() ? "" : reasons(found.left_out));
  return found;
}

}  // namespace assay::evaluation
