#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/cli/command.hpp"
#include "app/cli/past_run.hpp"
#include "app/report/text.hpp"
#include "remoting/certificates.hpp"

namespace assay::cli {

namespace {

namespace fs = std::filesystem;
using remoting::certificate_facts;
using remoting::certificate_time;

struct certs_options {
  std::string place;  ///< a folder, or a file to show
  std::string name;
  int days = 0;
};

certificate_time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string day_of(certificate_time at) {
  std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(at));
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()),
                static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}

int print_made(const globals& options, const certificate_facts& made, const fs::path& certificate,
               const fs::path& key, const std::string& next) {
  if (options.json)
    std::printf("%s\n", nlohmann::json{{"written", {certificate.string(), key.string()}},
                                       {"name", made.name},
                                       {"until", day_of(made.until)}}
                            .dump()
                            .c_str());
  else if (!options.quiet)
    std::printf("wrote %s and %s: %s, until %s\n%s\n", certificate.c_str(), key.c_str(),
                made.name.c_str(), day_of(made.until).c_str(), next.c_str());
  return success;
}

int init_certs(const certs_options& wanted, const globals& options) {
  auto made = remoting::init_authority(wanted.place, std::chrono::days{wanted.days}, now());
  if (!made) return complain(made.error());
  fs::path folder(wanted.place);
  return print_made(options, *made, folder / "ca.pem", folder / "ca.key",
                    "keep ca.key to yourself: who has it can let anybody in\n"
                    "next: assay certs issue " +
                        wanted.place + " coordinator");
}

int issue_certs(const certs_options& wanted, const globals& options) {
  auto made =
      remoting::issue_certificate(wanted.place, wanted.name, std::chrono::days{wanted.days}, now());
  if (!made) return complain(made.error());
  auto files = remoting::credentials_in(wanted.place, wanted.name);
  return print_made(options, *made, files.certificate, files.key,
                    "its machine needs these two and ca.pem, and nothing else of this folder");
}

/// One certificate and what is wrong with it, empty if nothing is.
struct shown {
  fs::path file;
  certificate_facts facts;
  std::string wrong;
};

/// `check_credentials` for a member that has its files beside it; the dates for others.
std::string wrong_with(const fs::path& file, const certificate_facts& facts) {
  auto time = now();
  if (facts.until <= time) return "has expired";
  if (facts.from > time) return "is not valid yet";
  auto files = remoting::credentials_in(file.parent_path(), file.stem().string());
  if (facts.authority || !fs::exists(files.authority)) return {};
  auto good = remoting::check_credentials(files, time);
  if (good) return {};
  auto why = good.error();
  why.where = fs::path(why.where).filename();
  return render(why);
}

expected<std::vector<shown>> look_at(const fs::path& place) {
  std::vector<fs::path> files;
  std::error_code error;
  if (fs::is_directory(place, error)) {
    for (const auto& entry : fs::directory_iterator(place, error))
      if (entry.path().extension() == ".pem") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    if (files.empty())
      return fail(place, "holds no certificates", "assay certs init " + place.string());
  } else {
    files.push_back(place);
  }
  std::vector<shown> result;
  for (const auto& file : files) {
    auto facts = remoting::read_certificate(file);
    if (!facts) return tl::make_unexpected(facts.error());
    result.push_back({file, *facts, wrong_with(file, *facts)});
  }
  return result;
}

void print_json(const std::vector<shown>& all) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& x : all)
    list.push_back({{"file", x.file.string()},
                    {"name", x.facts.name},
                    {"names", x.facts.names},
                    {"issuer", x.facts.issuer},
                    {"serial", x.facts.serial},
                    {"from", day_of(x.facts.from)},
                    {"until", day_of(x.facts.until)},
                    {"authority", x.facts.authority},
                    {"wrong", x.wrong}});
  std::printf("%s\n", list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void print_table(const std::vector<shown>& all) {
  report::table table{"", {{"file"}, {"name"}, {"issuer"}, {"until"}, {"days left", true}}, {}, {}};
  for (const auto& x : all) {
    auto left = std::chrono::floor<std::chrono::days>(x.facts.until - now()).count();
    table.rows.push_back({{x.file.filename().string()},
                          {x.facts.name},
                          {x.facts.issuer},
                          {day_of(x.facts.until)},
                          {std::to_string(left)}});
    if (!x.wrong.empty()) table.notes.push_back(x.file.filename().string() + ": " + x.wrong);
  }
  std::printf("%s", report::to_text(table).c_str());
}

int show_certs(const certs_options& wanted, const globals& options) {
  auto all = look_at(wanted.place);
  if (!all) return complain(all.error());
  options.json ? print_json(*all) : print_table(*all);
  bool good = std::all_of(all->begin(), all->end(), [](auto& x) { return x.wrong.empty(); });
  return good ? success : usage_error;
}

}  // namespace

void add_certs(CLI::App& app, globals& options, action& chosen) {
  auto* certs = app.add_subcommand("certs",
                                   "Make and show the certificates of a coordinator "
                                   "and its nodes");
  certs->require_subcommand(1);
  auto add = [&](const char* name, const char* help, auto* run) {
    auto wanted = std::make_shared<certs_options>();
    auto* command = certs->add_subcommand(name, help);
    command->callback([&options, &chosen, wanted, run] {
      chosen = [&options, wanted, run] { return run(*wanted, options); };
    });
    return std::pair{command, wanted};
  };
  auto [init, of_init] = add("init", "Make a certificate authority in a folder", &init_certs);
  init->add_option("DIR", of_init->place, "The folder, which is made")->required();
  init->add_option("--days", of_init->days, "How long it is valid")->default_val(3650);
  auto [issue, of_issue] =
      add("issue", "Issue a certificate for a coordinator or a node", &issue_certs);
  issue->add_option("DIR", of_issue->place, "The folder with ca.pem and ca.key")->required();
  issue->add_option("NAME", of_issue->name, "Who it is for, `coordinator` or a node's name")
      ->required();
  issue->add_option("--days", of_issue->days, "How long it is valid")->default_val(365);
  auto [show, of_show] = add("show", "Show certificates, and what is wrong with them", &show_certs);
  show->add_option("PLACE", of_show->place, "A certificate, or a folder of them")->required();
}

}  // namespace assay::cli
