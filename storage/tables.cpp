#include "storage/tables.hpp"

#include <sstream>

namespace assay::storage {

namespace {

/// Each line: a table and its columns; `:t` a text, `:r` a real number, `:k` a hash, else an
/// integer; `>table` the id of a row there. `!`: what tells rows apart, whatever their ids.
constexpr const char* layouts[] = {
    "runs id experiment:t! fingerprint:t! file:t setup:t state started_ns opened_ns ended_ns "
    "summary:t",
    "cells id dataset:t! model:t! prompt:t! task_type:t! difficulty:t! mode:t!",
    "samples id hash:k! sample_id:t task_type:t difficulty:t tags:t",
    "sample_texts sample>samples input:t targets:t choices:t fields:t",
    "conversations id hash:k! messages:t",
    "parameters id hash:k! model:t max_tokens temperature:r top_p:r seed stop:t reasoning extra:t "
    "stream providers:t tools:t endpoint",
    "tasks id key:k! epoch conversation>conversations parameters>parameters input_tokens",
    "run_tasks run>runs position task>tasks cell>cells sample>samples",
    "steps parent>tasks task>tasks cell>cells sample>samples",
    "outcomes task>tasks run>runs status error_class error_code:t error_type:t error_message:t "
    "retry_after_ms limited finish finish_reason:t provider:t model:t response_id:t "
    "system_fingerprint:t service_tier:t input_tokens cached_input_tokens cache_write_tokens "
    "output_tokens reasoning_tokens billed_usd:r cost_usd:r sent_ns done_ns items cached "
    "copied_from>tasks node:t text_digest",
    "answers task>tasks text:t reasoning:t refusal:t calls:t thinking:t",
    "attempts run>runs task>tasks began_ns number cell>cells provider:t http_status request_id:t "
    "error_class "
    "error_code:t error_type:t error_message:t retry_after_ms limited input_tokens "
    "cached_input_tokens cache_write_tokens output_tokens reasoning_tokens billed_usd:r "
    "cost_usd:r intended_ns admitted_ns sent_ns first_byte_ns first_event_ns first_reasoning_ns "
    "first_content_ns last_content_ns done_ns bytes_received content_events new_connection "
    "limits:t items hedge batched node:t clock_offset_ns clock_error_ns egress:t",
    "verdicts task>tasks judge:t version:t scored score:r extracted:t explanation:t",
    "known_limits run>runs provider:t account:t limits:t saved_ns",
    "provider_batches id run>runs provider:t batch_id:t state announced_ns changed_ns tasks:t",
};

column_type type_named(char letter) {
  if (letter == 't') return column_type::text;
  if (letter == 'r') return column_type::real;
  return letter == 'k' ? column_type::key : column_type::integer;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : between) + word;
  return all;
}

void read_column(const std::string& word, table_layout& table) {
  auto name = word.substr(0, word.find_first_of(":>!"));
  auto rest = word.substr(name.size());
  auto type = rest.starts_with(':') ? rest[1] : 'i';
  auto target = rest.find('>');
  if (word.ends_with('!')) table.tells_apart.push_back(static_cast<int>(table.columns.size()));
  table.refers_to.push_back(target == rest.npos ? "" : rest.substr(target + 1));
  table.columns.push_back(std::move(name));
  table.types.push_back(type_named(type));
}

table_layout read_layout(const char* text) {
  table_layout table;
  std::istringstream words(text);
  words >> table.name;
  for (std::string word; words >> word;) read_column(word, table);
  auto names = joined(table.columns, ", ");
  std::vector<std::string> equal;
  for (auto i : table.tells_apart) equal.push_back(table.columns[i] + " = ?");
  table.select = "SELECT " + names + " FROM " + table.name;
  table.insert = "INSERT INTO " + table.name + " (" + names + ") VALUES (" +
                 joined(std::vector<std::string>(table.columns.size(), "?"), ", ") +
                 ") ON CONFLICT DO NOTHING";
  table.find = "SELECT id FROM " + table.name + " WHERE " + joined(equal, " AND ");
  table.largest = "SELECT max(id) FROM " + table.name;
  return table;
}

}  // namespace

const std::vector<table_layout>& tables_of_a_ledger() {
  static const auto all = [] {
    std::vector<table_layout> tables;
    for (auto text : layouts) tables.push_back(read_layout(text));
    return tables;
  }();
  return all;
}

}  // namespace assay::storage
