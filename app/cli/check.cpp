#include <spdlog/fmt/fmt.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "app/cli/command.hpp"
#include "config/load.hpp"
#include "providers/catalog/credentials.hpp"

namespace assay::cli {

namespace {

using nlohmann::json;

/// Keys that a run would miss. Not an error: the file may be checked where the keys are not.
std::vector<problem> missing_credentials(const settings& all) {
  std::vector<problem> missing;
  for (const auto& provider : all.providers)
    if (auto key = catalog::resolve(provider.credential, provider.name); !key)
      missing.push_back(key.error());
  return missing;
}

/// One heading with a line per entry.
class section {
 public:
  explicit section(const char* heading) : heading_(heading) {}
  void line(const std::string& text) {
    std::printf("  %-12s %s\n", heading_, text.c_str());
    heading_ = "";
  }

 private:
  const char* heading_;
};

std::string joined(const std::vector<std::string>& texts, const char* separator) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : separator) + text;
  return out;
}

std::string counted(std::size_t n, const char* noun) {
  return std::to_string(n) + ' ' + noun + (n == 1 ? "" : "s");
}

/// `60 rpm, 1000 tpm`.
std::string limits_of(const limit_settings& limits) {
  std::string out = std::to_string(limits.max_parallel) + " in parallel";
  auto add = [&](const std::vector<rate_limit>& rates) {
    for (const auto& rate : rates) out += fmt::format(", {:.10g} {}", rate.amount, rate.key);
  };
  add(limits.rates);
  const auto& most = limits.each_address.max_parallel;
  if (most) out += fmt::format(", {} address.max_parallel", *most);
  add(limits.each_address.rates);
  return out;
}

void print_endpoints(const settings& all) {
  section providers("providers");
  for (const auto& p : all.providers)
    providers.line(p.name + ": " + p.dialect + " at " + p.base_url + ", " + limits_of(p.limits));
  section models("models");
  for (const auto& m : all.models)
    models.line(m.name + " at " + joined(m.providers, ", ") +
                (m.fallback.empty() ? "" : ", or else " + joined(m.fallback, ", ")));
  section mocks("mocks");
  for (const auto& m : all.mocks) mocks.line(m.name + ": " + counted(m.models.size(), "model"));
}

void print_work(const settings& all) {
  section datasets("datasets");
  for (const auto& d : all.datasets) datasets.line(d.name + ": " + d.path);
  section prompts("prompts");
  for (const auto& p : all.prompts) prompts.line(p.name);
  section judges("judges");
  for (const auto& j : all.judges) judges.line(j.name + (j.type == j.name ? "" : ": " + j.type));
  section experiments("experiments");
  for (const auto& e : all.experiments)
    experiments.line(e.name + ": " + counted(e.datasets.size(), "dataset") + " x " +
                     counted(e.models.size(), "model") + " x " +
                     counted(e.prompts.size(), "prompt") + ", " +
                     counted(e.judges.size(), "judge"));
}

json as_json(const std::vector<problem>& problems) {
  auto list = json::array();
  for (const auto& p : problems)
    list.push_back({{"where", p.where}, {"what", p.what}, {"fix", p.fix}});
  return list;
}

template <class T>
json names(const std::vector<T>& entries) {
  auto list = json::array();
  for (const auto& entry : entries) list.push_back(entry.name);
  return list;
}

void print_json(const json& value) {
  std::printf("%s\n", value.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
}

int report_problems(const std::string& file, const std::vector<problem>& problems, bool json) {
  if (json) {
    print_json({{"file", file}, {"ok", false}, {"problems", as_json(problems)}});
    return usage_error;
  }
  for (const auto& p : problems) std::fprintf(stderr, "%s\n", render(p).c_str());
  if (problems.size() > 1) std::fprintf(stderr, "%zu problems\n", problems.size());
  return usage_error;
}

json summary(const settings& all, const std::vector<problem>& warnings) {
  return {{"file", all.file},
          {"ok", true},
          {"problems", json::array()},
          {"warnings", as_json(warnings)},
          {"providers", names(all.providers)},
          {"models", names(all.models)},
          {"datasets", names(all.datasets)},
          {"prompts", names(all.prompts)},
          {"judges", names(all.judges)},
          {"mocks", names(all.mocks)},
          {"experiments", names(all.experiments)}};
}

int check(const std::string& file, const globals& options) {
  auto all = config::load(file);
  if (!all) return report_problems(file, all.error(), options.json);
  auto warnings = missing_credentials(*all);
  if (options.json) {
    print_json(summary(*all, warnings));
    return success;
  }
  for (const auto& w : warnings) std::fprintf(stderr, "warning: %s\n", render(w).c_str());
  if (options.quiet) return success;
  std::printf("%s: no problem found\n", file.c_str());
  print_endpoints(*all);
  print_work(*all);
  return success;
}

}  // namespace

void add_check(CLI::App& app, globals& options, action& chosen) {
  auto file = std::make_shared<std::string>();
  auto* command =
      app.add_subcommand("check", "Say everything that is wrong with an experiment file");
  command->add_option("FILE", *file, "The experiment file")->required();
  command->callback(
      [&options, &chosen, file] { chosen = [&options, file] { return check(*file, options); }; });
}

}  // namespace assay::cli
