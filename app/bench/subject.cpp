#include "app/bench/subject.hpp"

#include <algorithm>

#include "app/run/selection.hpp"
#include "evaluation/model_request.hpp"
#include "evaluation/plan.hpp"

namespace assay::bench {

namespace {

constexpr auto plain_prompt = "baseline";

}  // namespace

expected<settings> narrow(settings all, const subject_wishes& wanted) {
  if (auto known = app::must_exist("--model", app::names_of(all.models), wanted.model); !known)
    return tl::make_unexpected(known.error());
  auto model = *find_named(all.models, wanted.model);
  auto provider = wanted.provider.empty() ? model.providers.front() : wanted.provider;
  if (auto known = app::must_exist("--provider", model.providers, provider); !known)
    return tl::make_unexpected(known.error());
  model.providers = {provider};
  model.fallback.clear();
  all.models = {model};
  experiment_settings asked;
  asked.name = "bench";
  asked.models = {model.name};
  if (!wanted.dataset.empty()) {
    auto known = app::must_exist("--dataset", app::names_of(all.datasets), wanted.dataset);
    if (!known) return tl::make_unexpected(known.error());
    asked.datasets = {wanted.dataset};
    asked.prompts = {plain_prompt};
    if (!find_named(all.prompts, plain_prompt)) {
      prompt_settings plain;
      plain.name = plain.library = plain_prompt;
      all.prompts.push_back(std::move(plain));
    }
  }
  all.experiments = {std::move(asked)};
  return all;
}

checked<std::vector<chat_request>> prompts_of(const settings& all, const subject_wishes& wanted) {
  if (wanted.dataset.empty()) {
    chat_request request;
    request.messages = {{role::user, wanted.prompt}};
    evaluation::take_from_model(request, all.models.front());
    return std::vector{std::move(request)};
  }
  auto plan = evaluation::plan::make(all, all.experiments.front());
  if (!plan) return tl::make_unexpected(plan.error());
  std::vector<chat_request> prompts;
  for (std::size_t i = 0; i < std::min<std::size_t>(plan->size(), wanted.rounds); ++i)
    prompts.push_back(plan->make_task(i).request);
  return prompts;
}

}  // namespace assay::bench
