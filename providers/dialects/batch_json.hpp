#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "messages/problem.hpp"
#include "providers/dialects/batch_api.hpp"

/// Reading the answers of batch endpoints: foreign bytes, from which nothing is believed.
namespace assay::dialects {

/// A JSON object nested at most 64 levels deep, or what came instead.
expected<nlohmann::json> read_object(std::string_view text);

/// A member that is there with the right type, else nothing.
std::string text_in(const nlohmann::json& object, const char* name);
std::optional<std::int64_t> count_in(const nlohmann::json& object, const char* name);
const nlohmann::json* object_in(const nlohmann::json& object, const char* name);
const nlohmann::json* list_in(const nlohmann::json& object, const char* name);

/// How an API tells of a batch, as a report.
using read_report = batch_report (*)(const nlohmann::json&);

/// One batch, or what is wrong with it.
expected<batch_report> batch_in(std::string_view body, read_report);
/// A page of a list under `data`; what is no batch is passed over.
expected<batch_page> page_in(std::string_view body, read_report);

/// Lets the reader of single calls read an answer that stands in a result line.
exchange_result read_inner(const dialect&, int status, const std::string& request_id,
                           const nlohmann::json& body);

/// An item that nobody processed.
exchange_result unanswered(error_class, std::string code, std::string message);

}  // namespace assay::dialects
