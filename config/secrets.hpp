#pragma once

#include <string_view>

#include "config/node.hpp"
#include "config/report.hpp"

namespace assay::config {

/// Whether the text holds what looks like a key of a known API: `sk-...`, `gsk_...`, `AIza...`.
bool looks_like_key(std::string_view text);

/// Whether the text can be the name of an environment variable: letters, digits, `_`.
bool variable_name(std::string_view text);

/// Refuses keys that are written into the declaration of a provider, whatever they are called: as
/// `api_key = ...`, in a header, in a URL, in place of a variable's name. What is refused is taken
/// out of the tree, so that no later message can show it.
void refuse_keys_in_provider(report&, node& provider);

/// Refuses texts anywhere below `n` that look like a key.
void refuse_key_like_texts(report&, node& n);

}  // namespace assay::config
