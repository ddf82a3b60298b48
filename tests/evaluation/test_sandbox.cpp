#include <doctest/doctest.h>
#include <sys/wait.h>

#include "evaluation/sandbox/sandbox.hpp"
#include "tests/evaluation/hostile_host.hpp"

using namespace assay;
using namespace assay::sandbox;
using tests::python;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const box> open_box(sandbox_settings settings = {}) {
  auto opened = box::open(settings);
  if (opened) return *opened;
  MESSAGE("skipped, there is no sandbox here: " << render(opened.error()));
  return nullptr;
}

result run(const box& in, const std::string& source) {
  auto r = in.run(python(source));
  if (!r) FAIL(render(r.error()));
  return *r;
}

bool children_left() { return ::waitpid(-1, nullptr, WNOHANG) != -1; }

}  // namespace

TEST_CASE("a program runs with its input and files, and its output and exit code come back") {
  auto in = open_box();
  if (!in) return;
  auto c = python("import sys\nprint(open('data').read() + input())\nsys.exit(3)");
  c.input = "from input\n";
  c.files.emplace_back("data", "from file, ");
  auto r = in->run(c).value();
  CHECK(r.out == "from file, from input\n");
  CHECK(r.err == "");
  CHECK(r.exit_code == 3);
  CHECK(r.signal == 0);
  CHECK(r.ended_by == limit::none);
  CHECK_FALSE(r.good());
  CHECK(run(*in, "print(1)").good());
}

TEST_CASE("a signal that ends a program is told from an exit code") {
  auto in = open_box();
  if (!in) return;
  auto r = run(*in, "import os\nos.kill(os.getpid(), 11)");
  CHECK(r.signal == 11);
  CHECK_FALSE(r.good());
}

TEST_CASE("processor time is that of the program and its children") {
  auto in = open_box();
  if (!in) return;
  auto r = run(*in, R"py(
import os, time
def burn():
    while time.process_time() < 0.15: pass
if os.fork() == 0: burn(); os._exit(0)
burn()
os.wait()
)py");
  CHECK(r.good());
  CHECK(r.cpu >= 290ms);
}

TEST_CASE("each limit ends a program and is named") {
  sandbox_settings s;
  s.wall = 30'000ms;
  s.cpu = 1'000ms;
  s.output_kb = 4;
  auto in = open_box(s);
  if (!in) return;
  CHECK(run(*in, "while True: pass").ended_by == limit::cpu_time);
  auto stubborn = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass";
  CHECK(run(*in, stubborn).ended_by == limit::cpu_time);
  auto loud = run(*in, "while True: print('x' * 100)");
  CHECK(loud.ended_by == limit::output);
  CHECK(loud.cut);
  CHECK(loud.out.size() == 4096);
  s.wall = 300ms;
  CHECK(run(*open_box(s), "import time; time.sleep(100)").ended_by == limit::wall_time);
  CHECK_FALSE(children_left());
}

TEST_CASE("memory, files, open files and processes are bounded") {
  sandbox_settings s;
  s.processes = 8;
  s.open_files = 20;
  s.disk_mb = 2;
  s.memory_mb = 200;
  auto in = open_box(s);
  if (!in) return;
  CHECK(run(*in, "x = bytearray(150 << 20); print(1)").good());
  CHECK(run(*in, "x = bytearray(250 << 20)").err.find("MemoryError") != std::string::npos);
  CHECK(run(*in, "open('/tmp/a', 'wb').write(bytes(1 << 20)); print(1)").good());
  CHECK_FALSE(run(*in, "open('/tmp/a', 'wb').write(bytes(3 << 20))").good());
  auto count = "import os\nn = 0\ntry:\n    while n < 100:\n        ";
  auto files = run(*in, count + std::string("os.open('/dev/null', 0)\n        n += 1\n") +
                            "except OSError: pass\nprint(n)");
  CHECK(files.out == "17\n");
  auto forks = run(*in, "import time\n" + std::string(count) +
                            "if os.fork() == 0: time.sleep(9)\n        n += 1\n" +
                            "except OSError: pass\nprint(n, flush=True)\nos._exit(0)");
  CHECK(std::stoi(forks.out) < 8);
  CHECK(std::stoi(forks.out) > 2);
}

TEST_CASE("a program sees no variable of ours and nobody else's processes") {
  auto in = open_box();
  if (!in) return;
  ::setenv("ASSAY_TEST_KEY", "canary", 1);
  CHECK(run(*in, "import os\nprint(sorted(os.environ))").out ==
        "['HOME', 'LANG', 'PATH', 'PWD']\n");
  auto seen = run(*in, "import os\nprint(len([p for p in os.listdir('/proc') if p.isdigit()]))");
  CHECK(seen.out == "2\n");
  ::unsetenv("ASSAY_TEST_KEY");
}

TEST_CASE("hostile programs of every kind are contained, and the next program runs") {
  sandbox_settings s;
  s.wall = 400ms;
  s.output_kb = 64;
  auto in = open_box(s);
  if (!in) return;
  tests::hostile_host host;
  for (const auto& program : tests::hostile_kinds(host.targets())) {
    CAPTURE(program.kind);
    auto r = run(*in, program.source);
    CHECK(host.escaped(r) == "");
    CHECK_FALSE(children_left());
  }
  CHECK(host.untouched());
  s.wall = 10'000ms;
  CHECK(run(*open_box(s), "print(1)").out == "1\n");
}

TEST_CASE("without bubblewrap a program still has an empty environment and an end") {
  sandbox_settings s;
  s.unsafe = true;
  s.wall = 300ms;
  auto in = open_box(s);
  REQUIRE(in);
  CHECK_FALSE(in->confines());
  auto r = run(*in, "import os, time\nif os.fork() == 0: time.sleep(100)\ntime.sleep(100)");
  CHECK(r.ended_by == limit::wall_time);
  CHECK_FALSE(children_left());
  s.wall = 10'000ms;
  CHECK(run(*open_box(s), "import os\nprint(sorted(os.environ))").out ==
        "['HOME', 'LANG', 'PATH']\n");
}
