#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "messages/problem.hpp"
#include "providers/dialects/dialect.hpp"

/// Reading the answers of batch endpoints: foreign bytes, from which nothing is believed.
namespace assay::dialects {

/// A JSON object nested at most 64 levels deep, or what came instead.
expected<nlohmann::json> read_object(std::string_view text);

/// A member that is there with the right type, else nothing.
std::string text_in(const nlohmann::json& object, const char* name);
std::optional<std::int64_t> count_in(const nlohmann::json& object, const char* name);
const nlohmann::json* object_in(const nlohmann::json& object, const char* name);
const nlohmann::json* list_in(const nlohmann::json& object, const char* name);

/// The batches of a list under `data`; what is no batch is passed over.
template <class Read>
auto batches_in(const nlohmann::json& page, Read read) {
  std::vector<decltype(read(page))> out;
  if (const auto* data = list_in(page, "data"))
    for (const auto& each : *data)
      if (each.is_object() && !text_in(each, "id").empty()) out.push_back(read(each));
  return out;
}

/// Lets the reader of single calls read an answer that stands in a result line.
exchange_result read_inner(const dialect&, int status, const std::string& request_id,
                           const nlohmann::json& body);

/// An item that nobody processed.
exchange_result unanswered(error_class, std::string code, std::string message);

}  // namespace assay::dialects
