#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/problem.hpp"

namespace assay {

/// Vectors as the text of an answer: a line for each, the base64 of its 32-bit floats, lowest byte
/// first (the form in which OpenAI's API gives them).
std::string embedding_text(const std::vector<std::vector<float>>&);

/// Reads what `embedding_text` writes. A problem names the line that is not of that form.
expected<std::vector<std::vector<float>>> read_embeddings(std::string_view text);

/// The floats of one line; none if the text is not the base64 of whole floats.
std::vector<float> read_embedding(std::string_view base64);

}  // namespace assay
