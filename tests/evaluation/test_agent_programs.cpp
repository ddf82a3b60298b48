// Tools that are programs: Python of the model, and commands of the file, in the sandbox.

#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "evaluation/agent/library.hpp"
#include "evaluation/agent/toolbox.hpp"
#include "evaluation/sandbox/sandbox.hpp"
#include "tests/folder.hpp"

using namespace assay;
using namespace assay::evaluation;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

/// Null where programs cannot be confined.
std::shared_ptr<const sandbox::box> open_box(sandbox_settings settings = {}) {
  auto opened = sandbox::box::open(settings);
  if (opened) return *opened;
  MESSAGE("skipped, there is no sandbox here: " << render(opened.error()));
  return nullptr;
}

tool_result ask(tools offered, const std::string& name, const nlohmann::json& arguments) {
  auto box = toolbox::make(std::move(offered)).value();
  workplace nothing({}, "");
  return box.answer({"1", name, arguments.dump()}, nothing);
}

tool_result run_python(const std::shared_ptr<const sandbox::box>& in, const std::string& code) {
  return ask(python_tools(in), "python", {{"code", code}});
}

tool_settings declared(std::vector<std::string> command) {
  tool_settings made;
  made.name = "mine";
  made.declared_at = "e.toml:3:8";
  made.description = "x";
  made.parameters = R"({"type": "object"})";
  made.command = std::move(command);
  return made;
}

}  // namespace

TEST_CASE("python gives what the program prints, and how long it ran") {
  auto in = open_box();
  if (!in) return;
  auto r = run_python(in, "print(6 * 7)");
  CHECK(r.text == "42\n");
  CHECK_FALSE(r.failed);
  CHECK(r.time > 0ns);
  CHECK(run_python(in, "x = 1").text == "The program printed nothing.");
}

TEST_CASE("a program that fails is an error with its traceback and what it printed before") {
  auto in = open_box();
  if (!in) return;
  auto r = run_python(in, "print('so far')\n1 / 0");
  CHECK(r.failed);
  CHECK(r.text.starts_with("Error: exit code 1\nTraceback"));
  CHECK(r.text.ends_with("ZeroDivisionError: division by zero\nBefore that it printed:\nso far\n"));
  CHECK(run_python(in, "def").text.find("SyntaxError") != std::string::npos);
  CHECK(run_python(in, "import os\nos.kill(os.getpid(), 11)").text == "Error: ended by signal 11");
}

TEST_CASE("a program that takes too long or says too much is told so") {
  sandbox_settings s;
  s.wall = 300ms;
  s.output_kb = 4;
  auto in = open_box(s);
  if (!in) return;
  auto slow = run_python(in, "import time\ntime.sleep(60)");
  CHECK(slow.text == "Error: time-out after 0.3 s");
  CHECK(slow.time >= 300ms);
  CHECK(run_python(in, "while True: print('x' * 100)")
            .text.starts_with("Error: more than 4 kB of output\n"));
}

TEST_CASE("sets print alike in every run of a program") {
  auto in = open_box();
  if (!in) return;
  auto code = "print({'a', 'b', 'c', 'd', 'e', 'f', 'g'}, hash('x'))";
  CHECK(run_python(in, code).text == run_python(in, code).text);
}

TEST_CASE("a declared command gets its arguments as JSON on standard input") {
  auto in = open_box();
  if (!in) return;
  auto made = command_tool(declared({"cat"}), in);
  REQUIRE(made);
  CHECK(ask({*made}, "mine", {{"city", "Z\xC3\xBCrich"}, {"days", 2}}).text ==
        "{\"city\":\"Z\xC3\xBCrich\",\"days\":2}\n");
}

TEST_CASE("a declared command has its own files and sees no other of the user") {
  auto in = open_box();
  if (!in) return;
  tests::folder at;
  auto data = at.write("data.txt", "from data\n");
  at.write("secret.txt", "canary");
  auto script = at.write("look.sh", "ls; cat \"$1\"; cat " + at.path.string() + "/secret.txt");
  auto made = command_tool(declared({"sh", script, data}), in);
  REQUIRE(made);
  auto r = ask({*made}, "mine", nlohmann::json::object());
  CHECK(r.failed);
  CHECK(r.text.find("canary") == std::string::npos);
  CHECK(r.text.ends_with("Before that it printed:\ndata.txt\nlook.sh\nfrom data\n"));
}

TEST_CASE("a command that cannot be run is a problem of the file") {
  auto made = command_tool(declared({"no-such-program"}), nullptr);
  REQUIRE_FALSE(made);
  CHECK(render(made.error()) ==
        "e.toml:3:8: command: there is no program /usr/bin/no-such-program, and the sandbox has "
        "/usr only");
}

TEST_CASE(
    "what decides a command's results is told: time-out, words and files, not where it lies") {
  tests::folder here, there;
  auto terms = [](const std::string& path, milliseconds timeout = 5s) {
    auto settings = declared({"python3", path});
    settings.timeout = timeout;
    return command_tool(settings, nullptr).value()->terms();
  };
  auto first = terms(here.write("a.py", "print(1)"));
  CHECK(first == terms(there.write("a.py", "print(1)")));
  CHECK(first != terms(there.write("a.py", "print(2)")));
  CHECK(first != terms(here.write("b.py", "print(1)")));
  CHECK(first != terms(here.write("a.py", "print(1)"), 6s));
}

TEST_CASE("without a sandbox every result says so") {
  sandbox_settings s;
  s.unsafe = true;
  auto in = open_box(s);
  REQUIRE(in);
  CHECK(run_python(in, "print(1)").text == "[run without a sandbox]\n1\n");
  tests::folder at;
  auto made = command_tool(declared({"sh", at.write("own.sh", "echo 2")}), in);
  REQUIRE(made);
  CHECK(ask({*made}, "mine", nlohmann::json::object()).text == "[run without a sandbox]\n2\n");
}
