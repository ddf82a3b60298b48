#include "app/importing/importing.hpp"

#include "app/importing/files.hpp"
#include "app/importing/json_lines.hpp"
#include "app/importing/promptfoo.hpp"
#include "app/importing/rows.hpp"
#include "evaluation/text/unicode.hpp"

namespace assay::importing {

namespace {

checked<draft> one(const problem& p) { return tl::make_unexpected(std::vector<problem>{p}); }

checked<draft> settled(expected<draft> read, const request& wanted) {
  if (!read) return one(read.error());
  if (read->models.empty())
    return one(
        {wanted.path, "the file names no model",
         "name one: --model openai:gpt-4o-mini, or --with FILE for those of a file of yours"});
  read->settle_notes();
  return std::move(*read);
}

checked<draft> import_rows(const std::string& text, const request& wanted) {
  auto rows = read_json_lines(text, wanted.path);
  if (!rows) return tl::make_unexpected(rows.error());
  auto& first = rows->front().value;
  if (first.contains("arguments") || first.contains("resps"))
    return settled(read_lm_eval(*rows, wanted), wanted);
  if (first.contains("input") && first.contains("ideal"))
    return settled(read_openai_evals(*rows, wanted), wanted);
  return one({at_line(wanted, rows->front()),
              "neither a sample of lm-evaluation-harness "
              "(arguments, resps) nor a row of OpenAI evals (input, ideal)",
              "a dataset of your own is named in an experiment file: `assay init`"});
}

bool is_promptfoo(const tree& root) {
  return root.find("prompts") || root.find("providers") || root.find("tests") ||
         root.find("targets");
}

}  // namespace

bool is_foreign(const std::string& path) {
  auto ending = ending_of(path);
  return ending == ".yaml" || ending == ".yml" || ending == ".json" || ending == ".jsonl";
}

checked<draft> import_text(const std::string& text, const request& wanted) {
  if (auto bad = evaluation::first_bad_utf8(text); bad != std::string::npos)
    return one({wanted.path, "the file is not UTF-8 (byte " + std::to_string(bad + 1) + ")", {}});
  auto start = text.find_first_not_of(" \t\r\n");
  auto ending = ending_of(wanted.path);
  if (ending == ".jsonl" || (ending == ".json" && start != std::string::npos && text[start] == '['))
    return import_rows(text, wanted);
  auto root = read_yaml(text, wanted.path);
  if (!root) return one(root.error());
  if (!is_promptfoo(*root))
    return one({wanted.path,
                "not a configuration of promptfoo: it has no prompts, providers or "
                "tests",
                "assay's own files are TOML: `assay init`"});
  return settled(read_promptfoo(*root, wanted), wanted);
}

checked<draft> import_file(const request& wanted) {
  auto text = read_file(wanted.path);
  if (!text) return one(text.error());
  return import_text(*text, wanted);
}

}  // namespace assay::importing
