#pragma once

#include <string>
#include <vector>

#include "messages/chat.hpp"
#include "messages/problem.hpp"
#include "messages/settings.hpp"

namespace assay::bench {

/// What is to be asked of whom, from the command line.
struct subject_wishes {
  std::string model;
  std::string provider;  ///< empty: the first that serves the model
  std::string prompt = "Count from one to ten.";
  std::string dataset;  ///< instead of the prompt
  std::uint32_t rounds = 1;
};

/// The settings narrowed to one model at one provider; their only experiment asks it the dataset,
/// if one is named. Problems: names that are not declared, a model that the provider does not
/// serve.
expected<settings> narrow(settings, const subject_wishes&);

/// What rounds ask in turn, with the model's parameters: the prompt, or the first samples of the
/// dataset as they are. REQUIRES: the settings are narrowed. Problems: those of the dataset.
checked<std::vector<chat_request>> prompts_of(const settings&, const subject_wishes&);

}  // namespace assay::bench
