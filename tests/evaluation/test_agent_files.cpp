// The tool `files` reads what lies below its folder, and nothing else.

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "evaluation/agent/library.hpp"
#include "evaluation/agent/toolbox.hpp"
#include "tests/folder.hpp"

using namespace assay;
using namespace assay::evaluation;

namespace fs = std::filesystem;

namespace {

/// `inner` is what the tool may see; `secret.txt` lies beside it.
struct place : tests::folder {
  place() {
    fs::create_directories(path / "inner/sub/deep");
    write("secret.txt", "canary");
    write("inner/notes.txt", "to be read");
    write("inner/sub/more.txt", "below");
  }

  std::string ask(const std::string& name, const nlohmann::json& arguments) const {
    auto box = toolbox::make(file_tools((path / "inner").string()).value()).value();
    workplace nothing({}, "");
    return box.answer({"1", name, arguments.dump()}, nothing).text;
  }
  std::string read(const std::string& file) const { return ask("read_file", {{"path", file}}); }
  std::string list(const std::string& of) const { return ask("list_files", {{"path", of}}); }
};

}  // namespace

TEST_CASE("files and folders are listed by name and read") {
  place p;
  CHECK(p.ask("list_files", nlohmann::json::object()) == "notes.txt (10 bytes)\nsub/");
  CHECK(p.list("sub/") == "deep/\nmore.txt (5 bytes)");
  CHECK(p.list("sub/deep") == "The folder is empty.");
  CHECK(p.read("notes.txt") == "to be read");
  CHECK(p.read("./sub//more.txt") == "below");
}

TEST_CASE("no path leads out of the folder") {
  place p;
  for (const auto& path : {"../secret.txt", "sub/../../secret.txt", "sub/../notes.txt", "..",
                           "../inner/notes.txt", "sub/deep/../../../secret.txt"}) {
    INFO(path);
    CHECK(p.read(path) == "Error: \"..\" is not allowed (paths lead downwards only)");
    CHECK(p.list(path) == "Error: \"..\" is not allowed (paths lead downwards only)");
  }
  for (const auto& path : {(p.path / "secret.txt").string(), std::string("/etc/passwd"),
                           std::string("//etc/passwd"), (p.path / "inner/notes.txt").string()}) {
    INFO(path);
    CHECK(p.read(path) ==
          "Error: absolute paths are not allowed (give the path as list_files shows it)");
  }
  CHECK(p.read(std::string("notes.txt\0/../secret.txt", 24)) == "Error: a path holds no NUL");
}

TEST_CASE("symbolic links are shown and not followed, wherever they lead") {
  place p;
  fs::create_symlink("../secret.txt", p.path / "inner/out");
  fs::create_symlink(p.path / "secret.txt", p.path / "inner/absolute");
  fs::create_directory_symlink("..", p.path / "inner/up");
  fs::create_symlink("notes.txt", p.path / "inner/within");
  fs::create_directory_symlink("/proc/self/root", p.path / "inner/magic");
  for (const auto& path : {"out", "absolute", "within"}) {
    INFO(path);
    CHECK(p.read(path) ==
          "Error: \"" + std::string(path) + "\" is a symbolic link, and those are not followed");
  }
  CHECK(p.read("up/secret.txt") == "Error: \"up\" is a symbolic link, and those are not followed");
  CHECK(p.list("up") == "Error: \"up\" is a symbolic link, and those are not followed");
  CHECK(p.list("up/") == "Error: \"up\" is a symbolic link, and those are not followed");
  CHECK(p.read("magic/etc/passwd") ==
        "Error: \"magic\" is a symbolic link, and those are not followed");
  CHECK(p.list(".").find("up (a symbolic link, not followed)") != std::string::npos);
}

TEST_CASE("what is no plain text file is not read, and nothing waits for it") {
  place p;
  ::mkfifo((p.path / "inner/pipe").c_str(), 0600);
  p.write("inner/binary", std::string("a\0b", 3));
  CHECK(p.read("pipe") == "Error: \"pipe\" is not a file");
  CHECK(p.read("binary") == "Error: the file is not a text");
  CHECK(p.read("sub") == "Error: \"sub\" is not a file (list_files shows what is in it)");
  CHECK(p.read("") == "Error: \"\" is not a file (list_files shows what is in it)");
  CHECK(p.read("notes.txt/x") == "Error: \"notes.txt\" is not a folder");
  CHECK(p.read("nope.txt") == "Error: \"nope.txt\" is not there (list_files shows what there is)");
  CHECK(p.list("notes.txt") == "Error: \"notes.txt\" is not a folder");
  CHECK(p.list(".").find("pipe") == std::string::npos);
}

TEST_CASE("a long file is read page by page, and a long folder listed in parts") {
  place p;
  std::string text;
  for (int i = 0; text.size() < 20'000; ++i) text += "line " + std::to_string(i) + "\n";
  p.write("inner/long.txt", text);
  std::string all;
  std::size_t offset = 0;
  for (int pages = 0; offset < text.size() && pages < 10; ++pages) {
    auto told = p.ask("read_file", {{"path", "long.txt"}, {"offset", offset}});
    REQUIRE(told.starts_with("[bytes " + std::to_string(offset) + " to "));
    all += told.substr(told.find('\n') + 1);
    offset = all.size();
  }
  CHECK(all == text);
  CHECK(p.ask("read_file", {{"path", "long.txt"}, {"offset", 1'000'000}}) ==
        "[bytes " + std::to_string(text.size()) + " to " + std::to_string(text.size()) + " of " +
            std::to_string(text.size()) + "]\n");
  for (int i = 100; i < 350; ++i) p.write("inner/sub/deep/" + std::to_string(i), "");
  auto first = p.list("sub/deep");
  CHECK(first.starts_with("100 (0 bytes)\n101"));
  CHECK(first.ends_with("299 (0 bytes)\n... and 50 more; go on with offset 200"));
  CHECK(p.ask("list_files", {{"path", "sub/deep"}, {"offset", 200}}).starts_with("300 (0 bytes)"));
}

TEST_CASE("a folder that is not there is a problem before anything is asked") {
  auto made = file_tools("/nowhere/at/all");
  REQUIRE_FALSE(made);
  CHECK(render(made.error()) ==
        "the folder \"/nowhere/at/all\" cannot be opened: No such file or directory");
}
