#pragma once

#include <algorithm>
#include <array>
#include <string_view>

/// Names that an experiment file may use without declaring them. Each is implemented in another
/// part (a test there compares its list with the one here), so that `config` can check a file
/// without knowing those parts. All lists are sorted.
namespace assay::known {

// clang-format off

/// Wire formats, `providers/dialects`.
inline constexpr std::array<std::string_view, 12> dialects{
    "anthropic", "azure", "dashscope", "deepseek", "gemini", "groq", "llamacpp", "ollama",
    "openai", "openrouter", "together", "vllm"};

/// Wire formats with a batch endpoint that `providers/dialects` speaks.
inline constexpr std::array<std::string_view, 2> batch_dialects{"anthropic", "openai"};

/// Judge types, `evaluation`.
inline constexpr std::array<std::string_view, 25> judges{
    "assertions", "choice", "closed_qa", "command", "docfinqa", "drop", "exact", "finqa",
    "gsm8k-flexible", "gsm8k-strict", "includes", "json-fields", "json-schema", "mmlu-simple",
    "model_graded_fact", "model_graded_qa", "numeric", "pairwise", "pass-at-k", "program", "regex",
    "rubric", "scale", "squad-em", "squad-f1"};

/// Those of them that ask models.
inline constexpr std::array<std::string_view, 6> model_judges{
    "closed_qa", "model_graded_fact", "model_graded_qa", "pairwise", "rubric", "scale"};

/// How a panel of models comes to one score, and what a tie of a majority is.
inline constexpr std::array<std::string_view, 2> votes{"majority", "mean"};
inline constexpr std::array<std::string_view, 4> tie_rules{
    "first", "highest", "lowest", "unscored"};

/// Templates of the prompt library, `evaluation`.
inline constexpr std::array<std::string_view, 12> prompts{
    "baseline", "conversation", "cot", "docfinqa", "drop", "finqa", "gsm8k", "mmlu-simple",
    "multiple-choice", "multiple-choice-cot", "optimal", "squad"};

/// What a model of a mock may play, `providers/simulated`.
inline constexpr std::array<std::string_view, 7> mock_parts{
    "agent", "answers", "extractor", "hostile_judge", "judge", "lazy_judge", "verbose_judge"};

/// Ways to put a sample to a model, `evaluation`.
inline constexpr std::array<std::string_view, 4> modes{
    "agent", "direct_answer", "extraction", "program_execution"};

/// Tools of agents, `evaluation`: by the name that an experiment uses ...
inline constexpr std::array<std::string_view, 4> tools{"calculator", "files", "python", "search"};

/// ... and by those that models call.
inline constexpr std::array<std::string_view, 6> tool_functions{
    "calculator", "list_files", "python", "read_document", "read_file", "search"};

// clang-format on

static_assert(std::is_sorted(dialects.begin(), dialects.end()));
static_assert(std::is_sorted(batch_dialects.begin(), batch_dialects.end()));
static_assert(std::is_sorted(judges.begin(), judges.end()));
static_assert(std::is_sorted(model_judges.begin(), model_judges.end()));
static_assert(std::is_sorted(prompts.begin(), prompts.end()));
static_assert(std::is_sorted(mock_parts.begin(), mock_parts.end()));
static_assert(std::is_sorted(tools.begin(), tools.end()));

/// Whether one of the lists above has `name`.
template <class List>
constexpr bool contains(const List& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace assay::known
