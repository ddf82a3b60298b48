#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/importing/draft.hpp"
#include "app/importing/importing.hpp"
#include "app/importing/yaml.hpp"

namespace assay::importing {

/// Declares what a provider of promptfoo's stands for, `openai:chat:gpt-4o` with its `config`, as a
/// provider and a model of `to`, and names the model. An option that is not understood is noted;
/// nothing is declared, with a note and an empty name, if the provider is not one that can be
/// called. What promptfoo sends if nothing is said, is said.
struct model_wish {
  std::string spec;
  std::string label;             ///< empty: the model's own name
  const tree* config = nullptr;  ///< may be null
  std::string where;
  bool as_declared = false;  ///< a model that is declared alike will do
};
std::string declare_model(draft& to, const model_wish&, const config::environment&);

/// Declares the models that are asked for by the command line. A problem names what is unknown.
expected<void> declare_models(draft& to, const request&);

}  // namespace assay::importing
