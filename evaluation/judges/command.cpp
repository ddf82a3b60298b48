#include <cmath>
#include <nlohmann/json.hpp>

#include "evaluation/judges/text_judge.hpp"
#include "evaluation/sandbox/declared_command.hpp"
#include "evaluation/sandbox/failure.hpp"
#include "evaluation/text/unicode.hpp"

/// The judge that is a program of the user's (docs/judges.md): sample and answer as JSON on its
/// standard input, score and explanation as JSON on its standard output.
namespace assay::evaluation {

namespace {

using nlohmann::json;

std::string question_for(const sample& s, const std::string& answer) {
  json fields = json::object();
  for (const auto& [name, value] : s.fields) fields[name] = value;
  const json question = {{"sample",
                          {{"id", s.id},
                           {"input", s.input},
                           {"targets", s.targets},
                           {"choices", s.choices},
                           {"task_type", s.task_type},
                           {"difficulty", s.difficulty},
                           {"tags", s.tags},
                           {"fields", std::move(fields)}}},
                         {"answer", answer}};
  return question.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string text_in(const json& object, const char* name) {
  auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

/// The verdict in what the command printed.
verdict read_verdict(const std::string& printed) {
  const auto object = json::parse(printed, nullptr, false);
  if (!object.is_object())
    return unscored("the command printed no JSON object: " +
                    repair_utf8(strip(printed).substr(0, 100)));
  const auto score = object.find("score");
  if (score == object.end()) return unscored("the command's JSON has no score");
  auto explanation = text_in(object, "explanation");
  if (score->is_null())
    return unscored(explanation.empty() ? "the command gave no score" : std::move(explanation));
  if (score->is_boolean())
    return scored(score->get<bool>() ? 1 : 0, text_in(object, "extracted"), std::move(explanation));
  if (!score->is_number()) return unscored("the command's score is no number");
  const auto value = score->get<double>();
  if (!(value >= 0 && value <= 1))
    return unscored("the command's score is " + score->dump() + ", not within 0 and 1");
  return scored(value, text_in(object, "extracted"), std::move(explanation));
}

class command_judge : public text_judge {
 public:
  command_judge(filter_chain filters, std::shared_ptr<const sandbox::box> box,
                sandbox::command command)
      : text_judge(std::move(filters)), box_(std::move(box)), command_(std::move(command)) {}

  unsigned blocks() const override { return sandbox::workers(box_->settings()); }

 private:
  verdict compare(const sample& asked, const std::string& text) const override {
    auto command = command_;
    command.input = question_for(asked, text);
    auto r = box_->run(command);
    if (!r) return unscored(render(r.error()));
    if (!r->good())
      return unscored("the command failed: " + sandbox::describe_failure(*r, box_->settings()));
    return read_verdict(r->out);
  }

  std::shared_ptr<const sandbox::box> box_;
  sandbox::command command_;
};

}  // namespace

made_judge make_command(const judge_settings& settings, const std::string& where) {
  auto files = sandbox::read_files(settings.command, where);
  if (!files) return tl::make_unexpected(files.error());
  return make_command(settings, *files, where);
}

made_judge make_command(const judge_settings& settings, const sandbox::command_files& files,
                        const std::string& where) {
  auto command = sandbox::declared_command(settings.command, files, where);
  if (!command) return tl::make_unexpected(command.error());
  auto box = sandbox::box::open(settings.programs);
  if (!box) return fail(where, box.error().what, box.error().fix);
  return with_filters<command_judge>(settings.filters, where, std::move(*box), std::move(*command));
}

}  // namespace assay::evaluation
