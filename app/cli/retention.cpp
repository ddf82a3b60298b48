#include "app/cli/retention.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/cli/past_run.hpp"
#include "config/duration.hpp"
#include "storage/archive.hpp"
#include "storage/prune.hpp"
#include "storage/restore.hpp"
#include "storage/retention.hpp"

namespace assay::cli {

namespace {

using nlohmann::ordered_json;

/// What is to be done with which runs.
struct retirement {
  std::string run;
  std::string older_than;
  std::size_t keep_latest = 0;
  std::string folder;  ///< of archives; empty: `archive` beside the ledger
  bool archive = false;
  bool prune = false;
  bool without_archive = false;
  bool dry_run = false;
};

// -- which runs -----------------------------------------------------------------------------------

expected<milliseconds> age(const std::string& text) {
  constexpr double longest = 100.0 * 365 * 86'400e3;
  auto found = config::parse_duration_ms(text);
  if (!found || *found < 0 || *found > longest)
    return fail("--older-than", "found \"" + text + "\", expected a duration such as 30d or 12h");
  return milliseconds(static_cast<std::int64_t>(*found));
}

expected<std::vector<storage::run_info>> choose(storage::ledger& ledger, const retirement& wanted,
                                                milliseconds older, std::int64_t now_unix_ns) {
  if (wanted.older_than.empty()) {
    auto run = ledger.find_run(wanted.run);
    if (!run) return tl::make_unexpected(run.error());
    return std::vector{std::move(*run)};
  }
  auto runs = ledger.runs();
  if (!runs) return runs;
  return storage::old_runs(*runs, {older, wanted.keep_latest}, now_unix_ns);
}

// -- one run --------------------------------------------------------------------------------------

/// Carries a retirement out, run by run, and tells of each.
class retiring {
 public:
  retiring(storage::ledger& ledger, const retirement& wanted, std::filesystem::path folder,
           const globals& options)
      : ledger_(ledger), wanted_(wanted), folder_(std::move(folder)), options_(options) {}

  int all(const std::vector<storage::run_info>& runs) {
    for (const auto& run : runs) one(run);
    if (runs.empty()) say("no run is that old\n");
    if (pruned_) give_back();
    if (options_.json) std::printf("%s\n", report_.dump().c_str());
    return failed_ ? usage_error : success;
  }

 private:
  /// A run that cannot be retired now is left, which is a failure only if it was asked for by name.
  void one(const storage::run_info& run) {
    auto lock = ledger_.lock_run(run.id);
    if (!lock) return leave(run, lock.error());
    if (wanted_.prune)
      if (auto free = storage::check_collected(ledger_, run.id); !free)
        return leave(run, free.error());
    auto done = retire(run);
    if (!done) {
      failed_ = true;
      complain(done.error());
    }
  }

  void leave(const storage::run_info& run, const problem& why) {
    failed_ = failed_ || !wanted_.run.empty();
    std::fprintf(stderr, "run %lld (%s) is left: %s\n", static_cast<long long>(run.id),
                 run.experiment.c_str(), render(why).c_str());
    report_["left"].push_back({{"run", run.id}, {"why", render(why)}});
  }

  expected<void> retire(const storage::run_info& run) {
    auto path = (folder_ / file_name(run, ".jsonl.gz")).string();
    std::optional<storage::archive_header> header;
    if (wanted_.archive && !wanted_.dry_run) {
      auto written = write(run, path);
      if (!written) return tl::make_unexpected(written.error());
      header = std::move(*written);
    } else if (!wanted_.archive && !wanted_.without_archive) {
      auto read = find(run, path);
      if (!read) return tl::make_unexpected(read.error());
      header = std::move(*read);
    }
    if (wanted_.dry_run) return tell_plan(run, path), expected<void>{};
    if (header) tell_archive(run, path, *header);
    if (!wanted_.prune) return {};
    auto done = storage::prune_run(ledger_, run.id, header ? &*header : nullptr);
    if (!done) return tl::make_unexpected(done.error());
    tell_prune(run, *done);
    return {};
  }

  expected<storage::archive_header> write(const storage::run_info& run, const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error)
      return fail(folder_.string(), "the folder cannot be made: " + error.message(),
                  "make it, or name another one with --archives");
    return storage::write_archive(ledger_, run.id, path);
  }

  expected<storage::archive_header> find(const storage::run_info& run, const std::string& path) {
    auto id = std::to_string(run.id);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
      return fail(path, "run " + id + " has no archive here",
                  "`assay db archive " + id + "` makes one; --without-archive does without");
    return storage::read_archive(path);
  }

  // -- telling ------------------------------------------------------------------------------------

  template <class... Value>
  void say(const char* format, Value... values) {
    if (options_.quiet || options_.json) return;
    if constexpr (sizeof...(values) == 0)
      std::fputs(format, stdout);
    else
      std::printf(format, values...);
    std::fflush(stdout);
  }

  void tell_plan(const storage::run_info& run, const std::string& path) {
    const char* what = !wanted_.archive ? "prune" : wanted_.prune ? "archive and prune" : "archive";
    say("would %s run %lld (%s), %lld tasks%s\n", what, static_cast<long long>(run.id),
        run.experiment.c_str(), static_cast<long long>(run.tasks),
        wanted_.archive ? (" -> " + path).c_str() : "");
    report_["would"].push_back({{"run", run.id}, {"tasks", run.tasks}, {"archive", path}});
  }

  void tell_archive(const storage::run_info& run, const std::string& path,
                    const storage::archive_header& header) {
    std::int64_t rows = 0;
    for (const auto& table : header.contents) rows += table.rows;
    std::error_code ignored;
    auto bytes = std::filesystem::file_size(path, ignored);
    if (wanted_.archive)
      say("archived run %lld (%s): %lld tasks, %lld rows, %.1f MB -> %s\n",
          static_cast<long long>(run.id), run.experiment.c_str(), static_cast<long long>(run.tasks),
          static_cast<long long>(rows), static_cast<double>(bytes) / 1e6, path.c_str());
    report_["archives"].push_back(
        {{"run", run.id}, {"archive", path}, {"rows", rows}, {"bytes", bytes}});
  }

  void tell_prune(const storage::run_info& run, const storage::pruned_run& done) {
    pruned_ = true;
    say("pruned run %lld (%s): %lld tasks removed", static_cast<long long>(run.id),
        run.experiment.c_str(), static_cast<long long>(done.tasks));
    if (done.kept > 0)
      say(", %lld kept that other runs rest on", static_cast<long long>(done.kept));
    say("\n");
    report_["pruned"].push_back({{"run", run.id}, {"removed", done.tasks}, {"kept", done.kept}});
  }

  /// What was removed is removed, whether or not its space can be had.
  void give_back() {
    auto space = storage::give_back_space(ledger_);
    if (!space) {
      std::fprintf(stderr, "%s\n", render(space.error()).c_str());
      return;
    }
    report_["bytes"] = {{"before", space->before}, {"after", space->after}};
    if (space->busy)
      say("a run is going on: the space is not given back, later runs use it\n");
    else
      say("the ledger takes %.1f MB, before %.1f MB\n", static_cast<double>(space->after) / 1e6,
          static_cast<double>(space->before) / 1e6);
  }

  storage::ledger& ledger_;
  const retirement& wanted_;
  std::filesystem::path folder_;
  const globals& options_;
  ordered_json report_ = ordered_json::object();
  bool pruned_ = false;
  bool failed_ = false;
};

int retire(const retirement& wanted, const globals& options) {
  if (wanted.run.empty() && wanted.older_than.empty())
    return complain({"", "no run is named", "name one (`assay runs` lists them), or --older-than"});
  auto older = wanted.older_than.empty() ? milliseconds(0) : age(wanted.older_than);
  if (!older) return complain(older.error());
  auto path = ledger_path(options);
  auto ledger = open_existing(path);
  if (!ledger) return complain(ledger.error());
  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto runs = choose(**ledger, wanted, *older, std::chrono::nanoseconds(now).count());
  if (!runs) return complain(runs.error());
  auto folder = wanted.folder.empty() ? folder_beside(path) / "archive"
                                      : std::filesystem::path(wanted.folder);
  return retiring(**ledger, wanted, std::move(folder), options).all(*runs);
}

// -- restore --------------------------------------------------------------------------------------

int restore(const std::vector<std::string>& files, const globals& options) {
  auto ledger = storage::open_ledger(ledger_path(options));
  if (!ledger) return complain(ledger.error());
  auto list = ordered_json::array();
  int code = success;
  for (const auto& file : files) {
    auto done = storage::restore_archive(**ledger, file);
    if (!done) {
      code = complain(done.error());
      continue;
    }
    list.push_back({{"file", file}, {"run", done->run}, {"restored", !done->was_there}});
    if (options.quiet || options.json) continue;
    auto run = static_cast<long long>(done->run);
    if (done->was_there)
      std::printf("%s: run %lld (%s) is there already, nothing was changed\n", file.c_str(), run,
                  done->experiment.c_str());
    else
      std::printf("%s: run %lld (%s), %lld tasks\n", file.c_str(), run, done->experiment.c_str(),
                  static_cast<long long>(done->tasks));
    if (done->other_answers > 0)
      std::printf("%s: to %lld tasks the ledger holds another answer, which stays\n", file.c_str(),
                  static_cast<long long>(done->other_answers));
  }
  if (options.json) std::printf("%s\n", ordered_json{{"files", list}}.dump().c_str());
  return code;
}

// -- commands -------------------------------------------------------------------------------------

/// What `archive` and `prune` share.
void add_selection(CLI::App& command, retirement& wanted) {
  auto* run = command.add_option("RUN", wanted.run, "Id, experiment name, or `latest`");
  auto* older = command.add_option("--older-than", wanted.older_than,
                                   "All runs that ended that long ago, e.g. 30d or 12h");
  older->excludes(run);
  command
      .add_option("--keep-latest", wanted.keep_latest,
                  "Leave the newest N runs of each experiment, however old")
      ->needs(older);
  command.add_option("-o,--archives", wanted.folder,
                     "Folder of the archives (default: `archive` beside the ledger)");
  command.add_flag("--dry-run", wanted.dry_run, "Only say what would be done");
}

}  // namespace

void add_retention(CLI::App& db, globals& options, action& chosen) {
  auto archiving = std::make_shared<retirement>();
  archiving->archive = true;
  auto* archive = db.add_subcommand(
      "archive", "Write runs to compressed JSONL files, one for each, and compare with the ledger");
  add_selection(*archive, *archiving);
  archive->add_flag("--prune", archiving->prune, "Then remove them from the ledger, run by run");
  archive->callback([&options, &chosen, archiving] {
    chosen = [&options, archiving] { return retire(*archiving, options); };
  });

  auto pruning = std::make_shared<retirement>();
  pruning->prune = true;
  auto* prune = db.add_subcommand(
      "prune", "Remove archived runs from the ledger, but for what other runs rest on");
  add_selection(*prune, *pruning);
  prune->add_flag("--without-archive", pruning->without_archive,
                  "Also runs that have no archive: they are gone then");
  prune->callback([&options, &chosen, pruning] {
    chosen = [&options, pruning] { return retire(*pruning, options); };
  });

  auto files = std::make_shared<std::vector<std::string>>();
  auto* restoring = db.add_subcommand("restore", "Read archived runs back into the ledger");
  restoring->add_option("FILE", *files, "Archives that `assay db archive` has written")->required();
  restoring->callback([&options, &chosen, files] {
    chosen = [&options, files] { return restore(*files, options); };
  });
}

}  // namespace assay::cli
