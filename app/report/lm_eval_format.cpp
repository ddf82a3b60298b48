#include "app/report/lm_eval_format.hpp"

#include <algorithm>
#include <array>

#include "app/report/clean_text.hpp"
#include "app/report/figures.hpp"
#include "app/report/names.hpp"
#include "app/report/sha256.hpp"

namespace assay::report::lm_eval {

using nlohmann::ordered_json;

std::string file_name(std::string_view name) {
  std::string out;
  bool replaced = false;
  for (char c : valid_utf8(name)) {
    const bool bad = static_cast<unsigned char>(c) < 0x20 ||
                     std::string_view("\"<>:/|\\?*[]").find(c) != std::string_view::npos;
    if (!bad) out += c;
    if (bad && !replaced) out += "__";
    replaced = bad;
  }
  return out.empty() || out.front() == '.' ? "_" + out : out;
}

std::string date_of(const storage::run_info& run) {
  auto date = iso_utc(run.started_unix_ns);
  if (!date.empty()) date.pop_back();
  std::replace(date.begin(), date.end(), ':', '-');
  return date.empty() ? "undated" : date;
}

std::string metric_of(const judge_setup& judge) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> known{
      {{"exact", "exact_match"},
       {"gsm8k-strict", "exact_match"},
       {"gsm8k-flexible", "exact_match"},
       {"squad-em", "exact_match"},
       {"squad-f1", "f1"},
       {"drop", "f1"},
       {"choice", "acc"},
       {"mmlu-simple", "acc"},
       {"numeric", "acc"}}};
  if (judge.counts_chances()) return "pass@" + std::to_string(judge.k);
  for (const auto& [type, metric] : known)
    if (type == judge.type) return std::string(metric);
  return "score";
}

std::string text_of(const ordered_json& value, int indent) {
  return value.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json generation_of(const chat_request& request) {
  ordered_json options = {{"until", request.stop}};
  options["do_sample"] = request.temperature.value_or(1) > 0;
  if (request.temperature) options["temperature"] = *request.temperature;
  if (request.top_p) options["top_p"] = *request.top_p;
  if (request.max_tokens) options["max_gen_toks"] = *request.max_tokens;
  return options;
}

namespace {

/// Chat prompts are JSON text in the harness.
std::string prompt_of(const chat_request& request) {
  auto messages = ordered_json::array();
  for (const auto& message : request.messages)
    messages.push_back(
        {{"role", std::string(to_string(message.who))}, {"content", message.content}});
  return text_of(messages);
}

ordered_json document_of(const sample& item) {
  ordered_json doc = ordered_json::object();
  for (const auto& [name, value] : item.fields) doc[name] = value;
  if (doc.empty()) doc = {{"id", item.id}, {"input", item.input}, {"targets", item.targets}};
  return doc;
}

}  // namespace

ordered_json sample_line(const storage::ledger_row& row, const verdict& v,
                         const std::string& metric, std::size_t doc_id) {
  const auto& [asked, got] = row.what;
  const auto target = asked.item.targets.empty() ? std::string() : asked.item.targets.front();
  auto doc = document_of(asked.item);
  const auto prompt = prompt_of(asked.request);
  const auto doc_hash = sha256_hex(text_of(doc, 2));
  ordered_json arguments;
  arguments["gen_args_0"] = {{"arg_0", prompt}, {"arg_1", generation_of(asked.request)}};
  ordered_json line = {{"doc_id", doc_id},
                       {"doc", std::move(doc)},
                       {"target", target},
                       {"arguments", std::move(arguments)},
                       {"resps", {ordered_json::array({got.reply.text})}},
                       {"filtered_resps", ordered_json::array({v.extracted})},
                       {"filter", v.judge},
                       {"metrics", ordered_json::array({metric})},
                       {"doc_hash", doc_hash},
                       {"prompt_hash", sha256_hex(prompt)},
                       {"target_hash", sha256_hex(target)}};
  line[metric] = v.score;
  return line;
}

}  // namespace assay::report::lm_eval
