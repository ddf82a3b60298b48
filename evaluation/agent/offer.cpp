#include "evaluation/agent/offer.hpp"

#include <map>
#include <string>

#include "evaluation/sandbox/sandbox.hpp"

namespace assay::evaluation {

namespace {

using box_ptr = std::shared_ptr<const sandbox::box>;

class offering {
 public:
  offering(const settings& all, const experiment_settings& experiment, offer kind)
      : all_(all), experiment_(experiment), kind_(kind) {}

  checked<toolbox> make() {
    for (const auto& name : experiment_.agent.tools) add(name);
    if (!problems_.empty()) return tl::make_unexpected(std::move(problems_));
    auto made = toolbox::make(std::move(made_));
    if (made) return std::move(*made);
    return tl::make_unexpected(std::vector<problem>{
        {experiment_.declared_at, "agent: " + made.error().what, made.error().fix}});
  }

 private:
  void add(const std::string& name) {
    const auto* declared = find_named(all_.tools, name);
    if (name == "calculator")
      take(calculator_tools());
    else if (name == "search")
      take(search_tools());
    else if (name == "files")
      take_or_report(file_tools(experiment_.agent.folder));
    else if (name == "python")
      take(python_tools(box_with(all_.sandbox.wall)));
    else if (declared)
      add_command(*declared);
    else
      report({{}, "there is no tool `" + name + "`", "declare it as [tools." + name + "]"});
  }

  void add_command(const tool_settings& declared) {
    auto made = command_tool(declared, box_with(declared.timeout));
    if (made)
      made_.push_back(std::move(*made));
    else
      problems_.push_back(std::move(made.error()));
  }

  void take(tools more) { std::move(more.begin(), more.end(), std::back_inserter(made_)); }

  void take_or_report(expected<tools> more) {
    if (more)
      take(std::move(*more));
    else
      report(std::move(more.error()));
  }

  void report(problem p) {
    problems_.push_back({experiment_.declared_at, "agent: " + p.what, p.fix});
  }

  /// A box whose programs are given so long. Null if there is none, or none is wanted.
  box_ptr box_with(milliseconds wall) {
    if (kind_ == offer::declarations_only) return nullptr;
    if (auto found = boxes_.find(wall); found != boxes_.end()) return found->second;
    auto limits = all_.sandbox;
    limits.wall = wall;
    auto opened = sandbox::box::open(limits);
    if (!opened && boxes_.empty()) report(opened.error());
    return boxes_[wall] = opened ? *opened : nullptr;
  }

  const settings& all_;
  const experiment_settings& experiment_;
  offer kind_;
  tools made_;
  std::map<milliseconds, box_ptr> boxes_;
  std::vector<problem> problems_;
};

}  // namespace

checked<toolbox> make_offer(const settings& all, const experiment_settings& experiment,
                            offer kind) {
  return offering(all, experiment, kind).make();
}

}  // namespace assay::evaluation
