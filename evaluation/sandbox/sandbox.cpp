#include "evaluation/sandbox/sandbox.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "evaluation/sandbox/interruption.hpp"
#include "evaluation/sandbox/process.hpp"
#include "evaluation/sandbox/syscall_filter.hpp"

namespace assay::sandbox {

namespace {

constexpr auto bubblewrap = "/usr/bin/bwrap";
constexpr auto set_limits = "/usr/bin/prlimit";
constexpr auto folder = "/tmp";
constexpr int by_signal = 128;  ///< what bubblewrap and shells add to a signal's number

/// Descriptors of bubblewrap beyond the three that every program has.
enum : int { status_file = 3, filter_file = 4, first_file = 5 };

std::string bytes(int mebibytes) { return std::to_string(std::int64_t{mebibytes} << 20); }

std::int64_t cpu_seconds(const sandbox_settings& s) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(s.cpu).count());
}

/// The program behind `prlimit`, which sets what is counted per process. Within the sandbox, since
/// processes are counted per user and namespace.
std::vector<std::string> limited(const command& c, const sandbox_settings& s) {
  auto cpu = cpu_seconds(s);
  std::vector<std::string> argv{set_limits,
                                "--as=" + bytes(s.memory_mb),
                                "--fsize=" + bytes(s.disk_mb),
                                "--nofile=" + std::to_string(s.open_files),
                                "--cpu=" + std::to_string(cpu) + ":" + std::to_string(cpu + 1),
                                "--core=0",
                                "--memlock=0"};
  if (!s.unsafe) argv.push_back("--nproc=" + std::to_string(s.processes));
  argv.insert(argv.end(), c.argv.begin(), c.argv.end());
  return argv;
}

std::vector<std::string> plain_environment(const std::string& home) {
  return {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + home};
}

std::vector<std::string> confined(const command& c, const sandbox_settings& s) {
  std::vector<std::string> argv{
      bubblewrap, "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net",
      "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session",
      // the system, to read; nothing of /etc but what the loader wants
      "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib",
      "--symlink", "usr/lib64", "/lib64", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
      "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--proc", "/proc", "--dev", "/dev",
      // the only place to write to
      "--size", bytes(s.disk_mb), "--tmpfs", folder, "--chdir", folder};
  for (const auto& variable : plain_environment(folder)) {
    auto equals = variable.find('=');
    argv.insert(argv.end(), {"--setenv", variable.substr(0, equals), variable.substr(equals + 1)});
  }
  int file = first_file;
  for (const auto& [name, content] : c.files)
    argv.insert(argv.end(), {"--file", std::to_string(file++), std::string(folder) + "/" + name});
  argv.insert(argv.end(), {"--remount-ro", "/dev", "--remount-ro", "/", "--cap-drop", "ALL",
                           "--hostname", "sandbox", "--seccomp", std::to_string(filter_file),
                           "--json-status-fd", std::to_string(status_file), "--"});
  auto program = limited(c, s);
  argv.insert(argv.end(), program.begin(), program.end());
  return argv;
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  auto start = text.rfind('\n');
  return start == std::string::npos ? text : text.substr(start + 1);
}

/// Fills in how it ended from the number that shells use: a signal is 128 and its number.
void read_exit(result& r, long code, const sandbox_settings& s) {
  r.exit_code = code > by_signal ? 0 : static_cast<int>(code);
  r.signal = code > by_signal ? static_cast<int>(code) - by_signal : 0;
  auto overdue = r.signal == SIGKILL && r.cpu >= std::chrono::seconds(cpu_seconds(s));
  if (r.signal == SIGXCPU || overdue) r.ended_by = limit::cpu_time;
}

tl::unexpected<problem> cannot_start(const char* what) {
  return fail("sandbox", std::string(what) + ": " + std::strerror(errno));
}

tl::unexpected<problem> called_off() { return fail("sandbox", "the program was called off"); }

/// A folder of the host that goes with the object.
class work_folder {
 public:
  work_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "assay-XXXXXX").string();
    if (::mkdtemp(pattern.data())) path_ = pattern;
  }
  ~work_folder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  work_folder(const work_folder&) = delete;
  work_folder& operator=(const work_folder&) = delete;

  const std::string& path() const { return path_; }

  bool fill(const command& c) {
    for (const auto& [name, content] : c.files) {
      std::ofstream out(path_ + "/" + name, std::ios::binary);
      out << content;
      if (!out.flush()) return false;
    }
    return !path_.empty() && (::geteuid() != 0 || ::chown(path_.c_str(), nobody, nobody) == 0);
  }

 private:
  std::string path_;
};

}  // namespace

std::string_view to_string(limit l) {
  constexpr std::string_view names[] = {"", "time-out", "processor time", "too much output"};
  return names[static_cast<std::size_t>(l)];
}

unsigned workers(const sandbox_settings& s) {
  if (s.workers > 0) return static_cast<unsigned>(s.workers);
  return std::max(1u, std::thread::hardware_concurrency());
}

box::box(sandbox_settings settings) : settings_(settings) {
  // What bubblewrap leaves behind becomes our child, to be waited for.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

expected<std::shared_ptr<const box>> box::open(const sandbox_settings& settings) {
  auto made = std::shared_ptr<box>(new box(settings));
  if (settings.unsafe) return made;
  constexpr auto otherwise = "or run programs of models with your own rights: --unsafe-no-sandbox";
  if (::access(bubblewrap, X_OK) != 0)
    return fail("sandbox", "bubblewrap is not installed, and programs of models run in it only",
                std::string("apt-get install bubblewrap; ") + otherwise);
  auto filter = syscall_filter();
  if (!filter) return tl::make_unexpected(filter.error());
  made->filter_ = std::move(*filter);
  auto tried = made->run({{"/usr/bin/true"}, {}, {}});
  if (!tried)
    return fail("sandbox", "bubblewrap does not work here: " + tried.error().what,
                std::string("allow user namespaces to this user or container; ") + otherwise);
  return made;
}

expected<result> box::run(const command& c) const {
  if (const auto* stop = interruption::current(); stop && stop->raised()) return called_off();
  return settings_.unsafe ? run_bare(c) : run_confined(c);
}

expected<result> box::run_confined(const command& c) const {
  auto out = make_pipe(), err = make_pipe(), status = make_pipe();
  file_descriptor input(memory_file(c.input)), filter(memory_file(filter_));
  if (!status.read || !input || !filter) return cannot_start("no descriptors are left");
  start how{confined(c, settings_), {}, {}, {}};
  how.files = {input.get(), out.write.get(), err.write.get(), status.write.get(), filter.get()};
  std::vector<file_descriptor> placed;
  for (const auto& [name, content] : c.files) {
    placed.emplace_back(memory_file(content));
    how.files.push_back(placed.back().get());
  }
  // Bubblewrap's first process keeps the environment it was started with, in sight of the program.
  auto process = start_process(how);
  if (process < 0) return cannot_start("bubblewrap cannot be started");
  for (auto* end : {&out.write, &err.write, &status.write}) end->close();
  auto e = see_through({process, std::move(out.read), std::move(err.read), std::move(status.read)},
                       settings_);
  if (e.interrupted) return called_off();
  auto code = number_in(e.status, "exit-code");
  if (code >= 0)
    read_exit(e.program, code, settings_);
  else if (e.program.ended_by == limit::none)
    return fail("sandbox", last_line(e.program.err).empty() ? "it was killed from outside"
                                                            : last_line(e.program.err));
  else
    e.program.signal = SIGKILL;
  return std::move(e.program);
}

expected<result> box::run_bare(const command& c) const {
  work_folder here;
  if (!here.fill(c)) return cannot_start("the work folder cannot be made");
  auto out = make_pipe(), err = make_pipe();
  file_descriptor input(memory_file(c.input));
  if (!err.read || !input) return cannot_start("no descriptors are left");
  auto process = start_process({limited(c, settings_),
                                plain_environment(here.path()),
                                {input.get(), out.write.get(), err.write.get()},
                                here.path()});
  if (process < 0) return cannot_start("the program cannot be started");
  for (auto* end : {&out.write, &err.write}) end->close();
  auto e = see_through({process, std::move(out.read), std::move(err.read), {}}, settings_);
  if (e.interrupted) return called_off();
  auto code =
      WIFSIGNALED(e.wait_status) ? by_signal + WTERMSIG(e.wait_status) : WEXITSTATUS(e.wait_status);
  read_exit(e.program, code, settings_);
  return std::move(e.program);
}

}  // namespace assay::sandbox
