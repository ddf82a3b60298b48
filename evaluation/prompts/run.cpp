#include "evaluation/prompts/program.hpp"

namespace assay::evaluation {

namespace {

std::string_view find_given(const std::vector<given_value>& values, std::string_view name) {
  for (auto& value : values)
    if (value.name == name) return value.text;
  return {};
}

/// Runs a program over a sample.
class renderer {
 public:
  renderer(const program& p, const sample& s, const std::vector<given_value>& given)
      : program_(p), sample_(s), given_(given) {
    out_.reserve(p.literal_bytes + s.input.size() + 64);
  }

  std::string run() {
    run(0, program_.steps.size());
    return std::move(out_);
  }

 private:
  void run(std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      auto& s = program_.steps[i];
      switch (s.kind) {
        case instruction_kind::text:
          out_ += s.text;
          break;
        case instruction_kind::variable:
          append(s);
          break;
        case instruction_kind::end:
          break;
        case instruction_kind::inverted:
          if (!is_true(s)) run(i + 1, s.jump);
          i = s.jump;
          break;
        case instruction_kind::section:
          run_section(s, i);
          i = s.jump;
          break;
      }
    }
  }

  void run_section(const step& s, std::size_t at) {
    if (s.what != variable::choices) {
      if (is_true(s)) run(at + 1, s.jump);
      return;
    }
    auto outer = choice_;
    for (choice_ = 0; choice_ < sample_.choices.size(); ++choice_) run(at + 1, s.jump);
    choice_ = outer;
  }

  bool is_true(const step& s) const {
    switch (s.what) {
      case variable::choices:
      case variable::letters:
        return !sample_.choices.empty();
      case variable::task_type:
        return !sample_.task_type.empty();
      case variable::difficulty:
        return !sample_.difficulty.empty();
      case variable::input:
        return !sample_.input.empty();
      case variable::text:
        return !sample_.choices[choice_].empty();
      case variable::field: {
        auto value = find_field(sample_, s.text);
        return value && !value->empty() && *value != "false";
      }
      case variable::given:
        return !find_given(given_, s.text).empty();
      default:
        return true;
    }
  }

  static char letter(std::size_t i) { return static_cast<char>('A' + i % 26); }

  void append(const step& s) {
    switch (s.what) {
      case variable::input:
        out_ += sample_.input;
        break;
      case variable::id:
        out_ += sample_.id;
        break;
      case variable::task_type:
        out_ += sample_.task_type;
        break;
      case variable::difficulty:
        out_ += sample_.difficulty;
        break;
      case variable::letter:
        out_ += letter(choice_);
        break;
      case variable::text:
        out_ += sample_.choices[choice_];
        break;
      case variable::choices:
        append_choices();
        break;
      case variable::letters:
        append_letters();
        break;
      case variable::field:
        if (auto value = find_field(sample_, s.text)) out_ += *value;
        break;
      case variable::given:
        out_ += find_given(given_, s.text);
        break;
      case variable::none:
        break;
    }
  }

  void append_choices() {
    for (std::size_t i = 0; i < sample_.choices.size(); ++i) {
      if (i > 0) out_ += '\n';
      out_ += letter(i);
      out_ += ") ";
      out_ += sample_.choices[i];
    }
  }

  void append_letters() {
    for (std::size_t i = 0; i < sample_.choices.size(); ++i) {
      if (i > 0) out_ += ',';
      out_ += letter(i);
    }
  }

  const program& program_;
  const sample& sample_;
  const std::vector<given_value>& given_;
  std::size_t choice_ = 0;
  std::string out_;
};

}  // namespace

const std::string* find_field(const sample& s, const std::string& name) {
  for (auto& field : s.fields)
    if (field.first == name) return &field.second;
  return nullptr;
}

bool has(const sample& s, const need& n, const std::vector<given_value>& given) {
  switch (n.what) {
    case variable::choices:
    case variable::letters:
      return !s.choices.empty();
    case variable::task_type:
      return !s.task_type.empty();
    case variable::difficulty:
      return !s.difficulty.empty();
    case variable::field:
      return find_field(s, n.field) != nullptr;
    case variable::given:
      return !find_given(given, n.field).empty();
    default:
      return true;
  }
}

std::string run_program(const program& p, const sample& s, const std::vector<given_value>& given) {
  return renderer(p, s, given).run();
}

}  // namespace assay::evaluation
