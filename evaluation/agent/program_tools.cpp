#include <nlohmann/json.hpp>

#include "evaluation/agent/schema.hpp"
#include "evaluation/agent/tool.hpp"
#include "evaluation/sandbox/declared_command.hpp"
#include "evaluation/sandbox/failure.hpp"
#include "evaluation/text/unicode.hpp"

/// Tools that are programs: they run in the sandbox.
namespace assay::evaluation {

namespace {

using box_ptr = std::shared_ptr<const sandbox::box>;

constexpr std::size_t longest_complaint = 2'000;  ///< bytes of standard error, its end

constexpr argument python_arguments[] = {
    {"code", R"({"type":"string","description":"a whole Python 3 program"})"}};

std::string complaint(const std::string& err) {
  auto from = err.size() - std::min(err.size(), longest_complaint);
  return std::string(strip(repair_utf8(err.substr(from))));
}

/// How a program ended that did not end well; what it said to that comes in full.
std::string ending(const sandbox::result& r, const sandbox_settings& s) {
  bool by_itself = r.exit_code != 0 && r.ended_by == sandbox::limit::none;
  return by_itself ? "exit code " + std::to_string(r.exit_code) : describe_failure(r, s);
}

/// What the model is told of a program that has ended.
tool_result tell(const expected<sandbox::result>& r, const sandbox::box& in) {
  if (!r) return tool_result::error(render(r.error()));
  auto note = in.confines() ? std::string() : "[run without a sandbox]\n";
  auto out = repair_utf8(r->out);
  auto told = r->good() ? tool_result::of(strip(out).empty() ? "The program printed nothing." : out)
                        : tool_result::error(ending(*r, in.settings()));
  if (!r->good() && !strip(r->err).empty()) told.text += "\n" + complaint(r->err);
  if (!r->good() && !strip(out).empty()) told.text += "\nBefore that it printed:\n" + out;
  told.text.insert(0, note);
  told.time = r->wall;
  return told;
}

/// Hashes of texts are fixed, so that sets print alike when an agent is taken up again.
class python : public tool {
 public:
  explicit python(box_ptr in)
      : tool(declare("python",
                     "Runs a Python 3 program with the standard library, without network, and "
                     "gives what it prints. Nothing is kept from one program to the next.",
                     python_arguments)),
        in_(std::move(in)) {}

  tool_result use(const nlohmann::json& given, workplace&) const override {
    return tell(in_->run({{"/usr/bin/env", "PYTHONHASHSEED=0", "/usr/bin/python3", "-s", "-S",
                           "program.py"},
                          {},
                          {{"program.py", given["code"].get<std::string>()}}}),
                *in_);
  }

 private:
  box_ptr in_;
};

class command_runner : public tool {
 public:
  command_runner(const tool_settings& settings, sandbox::command what, box_ptr in)
      : tool({settings.name, settings.description, settings.parameters}),
        timeout_(settings.timeout),
        what_(std::move(what)),
        in_(std::move(in)) {}

  std::vector<std::string> terms() const override {
    std::vector<std::string> all{std::to_string(timeout_.count()),
                                 std::to_string(what_.argv.size())};
    all.insert(all.end(), what_.argv.begin(), what_.argv.end());
    for (const auto& [name, content] : what_.files) all.push_back(content);
    return all;
  }

  tool_result use(const nlohmann::json& given, workplace&) const override {
    auto run = what_;
    run.input = given.dump() + "\n";
    return tell(in_->run(run), *in_);
  }

 private:
  milliseconds timeout_;
  sandbox::command what_;
  box_ptr in_;
};

}  // namespace

tools python_tools(box_ptr in) { return {std::make_shared<python>(std::move(in))}; }

expected<tool_ptr> command_tool(const tool_settings& settings, box_ptr in) {
  auto what = sandbox::declared_command(settings.command, settings.declared_at);
  if (!what) return tl::make_unexpected(what.error());
  return std::make_shared<command_runner>(settings, std::move(*what), std::move(in));
}

}  // namespace assay::evaluation
