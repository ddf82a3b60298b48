#include "evaluation/agent/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "evaluation/text/unicode.hpp"

namespace assay::evaluation {

namespace {

using sandbox::file_descriptor;

/// The names of a path, without `.`; a problem if it tries to lead out.
expected<std::vector<std::string>> names_of(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return fail({}, "a path holds no NUL");
  if (path.starts_with('/'))
    return fail({}, "absolute paths are not allowed", "give the path as list_files shows it");
  std::vector<std::string> names;
  while (!path.empty()) {
    auto end = std::min(path.find('/'), path.size());
    auto name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (name == "..") return fail({}, "\"..\" is not allowed", "paths lead downwards only");
    if (!name.empty() && name != ".") names.emplace_back(name);
  }
  return names;
}

bool is_link(int at, const std::string& name) {
  struct stat about {};
  return ::fstatat(at, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(about.st_mode);
}

tl::unexpected<problem> cannot_open(int at, const std::string& name) {
  auto why = errno;
  auto quoted = "\"" + name + "\" ";
  if (is_link(at, name)) return fail({}, quoted + "is a symbolic link, and those are not followed");
  if (why == ENOENT) return fail({}, quoted + "is not there", "list_files shows what there is");
  if (why == ENOTDIR) return fail({}, quoted + "is not a folder");
  return fail({}, quoted + "cannot be opened: " + std::strerror(why));
}

}  // namespace

expected<folder> folder::open(const std::string& path) {
  file_descriptor root(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root)
    return fail({}, "the folder \"" + path + "\" cannot be opened: " + std::strerror(errno));
  return folder(std::move(root));
}

expected<file_descriptor> folder::walk(std::string_view path, int last_flags) const {
  auto names = names_of(path);
  if (!names) return tl::make_unexpected(names.error());
  if (names->empty()) names->emplace_back(".");
  file_descriptor here;
  int at = root_.get();
  for (std::size_t i = 0; i < names->size(); ++i) {
    bool last = i + 1 == names->size();
    auto flags = (last ? last_flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC;
    file_descriptor next(::openat(at, (*names)[i].c_str(), flags));
    if (!next) return cannot_open(at, (*names)[i]);
    here = std::move(next);
    at = here.get();
  }
  return here;
}

expected<folder::part> folder::read(std::string_view path, std::size_t offset,
                                    std::size_t most) const {
  auto file = walk(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return tl::make_unexpected(file.error());
  struct stat about {};
  if (::fstat(file->get(), &about) != 0 || !S_ISREG(about.st_mode))
    return fail({}, "\"" + std::string(path) + "\" is not a file",
                S_ISDIR(about.st_mode) ? "list_files shows what is in it" : "");
  part got;
  got.total = static_cast<std::size_t>(about.st_size);
  got.bytes.resize(most);
  std::size_t filled = 0;
  while (filled < most) {
    auto n = ::pread(file->get(), got.bytes.data() + filled, most - filled,
                     static_cast<off_t>(offset + filled));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail({}, "it cannot be read: " + std::string(std::strerror(errno)));
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  got.bytes.resize(filled);
  return got;
}

expected<std::vector<folder::entry>> folder::list(std::string_view path) const {
  auto opened = walk(path, O_RDONLY | O_DIRECTORY);
  if (!opened) return tl::make_unexpected(opened.error());
  std::unique_ptr<DIR, int (*)(DIR*)> reading(::fdopendir(opened->get()), ::closedir);
  if (!reading) return fail({}, std::string("it cannot be listed: ") + std::strerror(errno));
  auto at = opened->release();
  std::vector<entry> found;
  while (const auto* next = ::readdir(reading.get())) {
    std::string name = next->d_name;
    struct stat about {};
    if (name == "." || name == ".." ||
        ::fstatat(at, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    if (S_ISREG(about.st_mode))
      found.push_back({repair_utf8(name), entry::file, static_cast<std::size_t>(about.st_size)});
    else if (S_ISDIR(about.st_mode))
      found.push_back({repair_utf8(name), entry::folder, 0});
    else if (S_ISLNK(about.st_mode))
      found.push_back({repair_utf8(name), entry::link, 0});
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return found;
}

}  // namespace assay::evaluation
