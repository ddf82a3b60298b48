#pragma once

#include <string>
#include <string_view>

#include "providers/http.hpp"
#include "providers/simulated/wire.hpp"

namespace assay::simulated {

enum class route_kind : std::uint8_t {
  answer,
  models,
  files,          ///< OpenAI: takes the file of a batch
  file_content,   ///< OpenAI: gives a file back
  batches,        ///< makes a batch, or lists them
  batch,          ///< how one stands
  batch_results,  ///< Anthropic: its result lines
  unknown,
  wrong_method,
};

/// What a method, a path with its query, and headers ask for. Any prefix before the part that
/// decides is accepted, so that base URLs with and without `/v1`, `/openai/v1` ... work.
struct route {
  route_kind kind = route_kind::unknown;
  const wire_format* format =
      nullptr;        ///< never null: unknown paths are answered in some shape too
  std::string path;   ///< without the query
  std::string model;  ///< where the path names it (Azure, Gemini)
  endpoint to = endpoint::chat;
  bool stream = false;    ///< the path asks for a stream (Gemini)
  bool as_array = false;  ///< Gemini's stream without `alt=sse`: a JSON array of answers
  std::string id;         ///< of the file or batch
  std::string cursor;     ///< of a list of batches: what comes after this one
  std::size_t limit = 0;  ///< of a list of batches; 0: none is named
  std::string key;        ///< the API key the request carries; empty if none
};

route find_route(std::string_view method, std::string_view target, const header_list& headers);

}  // namespace assay::simulated
