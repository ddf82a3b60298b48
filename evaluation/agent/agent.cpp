#include "evaluation/agent/agent.hpp"

#include <algorithm>

#include "evaluation/agent/library.hpp"
#include "evaluation/agent/offer.hpp"
#include "evaluation/sandbox/sandbox.hpp"
#include "evaluation/text/number.hpp"

namespace assay::evaluation {

namespace {

constexpr std::size_t calls_per_answer = 64;

/// Adds what was reported; absent stays absent.
void add(std::optional<std::int64_t>& total, const std::optional<std::int64_t>& more) {
  if (more) total = total.value_or(0) + *more;
}

void add(token_usage& total, const token_usage& more) {
  add(total.input, more.input);
  add(total.cached_input, more.cached_input);
  add(total.cache_write, more.cache_write);
  add(total.output, more.output);
  add(total.reasoning, more.reasoning);
  if (more.billed_usd) total.billed_usd = total.billed_usd.value_or(0) + *more.billed_usd;
}

/// One sample. The conversation grows by an answer and the results of its calls.
class agent : public procedure {
 public:
  agent(const task& asked, std::shared_ptr<const toolbox> tools, const agent_settings& limits)
      : model_(asked.where.model),
        request_(asked.request),
        tools_(std::move(tools)),
        limits_(limits),
        place_(asked.item, limits.documents) {
    request_.tools = tools_->declared();
  }

  std::vector<wanted_call> begin() override { return {next_step()}; }

  std::vector<wanted_call> take(const call_result& r) override {
    count(r);
    end_.status = r.status;
    end_.error = r.error;
    end_.reply = r.reply;
    if (r.status != outcome_status::answered || r.reply.calls.empty()) return {};
    if (reached_limit()) return {};
    use_tools(r.reply);
    if (reached_limit()) return {};
    return {next_step()};
  }

  procedure_end end() override {
    end_.reply.usage = used_;
    if (!limit_.empty()) end_.reply.finish_reason = limit_;
    return std::move(end_);
  }

 private:
  wanted_call next_step() { return {"step " + std::to_string(++steps_), model_, request_}; }

  void count(const call_result& r) {
    tokens_ += r.tokens;
    cost_ += r.cost;
    worked_ += r.service;
    add(used_, r.reply.usage);
  }

  bool reached_limit() {
    if (steps_ >= limits_.max_steps)
      limit_ = "max_steps";
    else if (limits_.max_tokens && tokens_ >= *limits_.max_tokens)
      limit_ = "max_tokens";
    else if (limits_.max_cost_usd && cost_.value >= *limits_.max_cost_usd)
      limit_ = "max_cost_usd";
    else if (worked_ >= limits_.max_working_time)
      limit_ = "max_working_time";
    return !limit_.empty();
  }

  void use_tools(const answer& said) {
    request_.messages.push_back({role::assistant, said.text, said.calls, {}, said.thinking});
    for (std::size_t i = 0; i < said.calls.size(); ++i) {
      auto result = i < calls_per_answer
                        ? tools_->answer(said.calls[i], place_)
                        : tool_result::error("Error: not done, more than 64 calls in one answer");
      worked_ += result.time;
      request_.messages.push_back({role::tool, std::move(result.text), {}, said.calls[i].id});
    }
  }

  std::string model_;
  chat_request request_;
  std::shared_ptr<const toolbox> tools_;
  agent_settings limits_;
  workplace place_;
  int steps_ = 0;
  std::int64_t tokens_ = 0;
  usd cost_;
  std::chrono::nanoseconds worked_{0};
  token_usage used_;
  std::string limit_;  ///< that was reached
  outcome end_;
};

class agent_maker : public procedure_maker {
 public:
  agent_maker(toolbox tools, agent_settings limits, unsigned workers)
      : tools_(std::make_shared<const toolbox>(std::move(tools))),
        limits_(std::move(limits)),
        workers_(workers) {}

  procedure_ptr make(const record& of) const override {
    return std::make_shared<agent>(of.asked, tools_, limits_);
  }
  unsigned blocks() const override { return workers_; }

 private:
  std::shared_ptr<const toolbox> tools_;
  agent_settings limits_;
  unsigned workers_;
};

}  // namespace

checked<std::vector<tool_declaration>> agent_tools(const settings& all,
                                                   const experiment_settings& experiment) {
  auto offered = make_offer(all, experiment, offer::declarations_only);
  if (!offered) return tl::make_unexpected(std::move(offered.error()));
  return offered->declared();
}

checked<std::vector<std::string>> agent_terms(const settings& all,
                                              const experiment_settings& experiment) {
  auto offered = make_offer(all, experiment, offer::declarations_only);
  if (!offered) return tl::make_unexpected(std::move(offered.error()));
  const auto& limits = experiment.agent;
  std::vector<std::string> terms{
      std::to_string(limits.max_steps),
      limits.max_tokens ? std::to_string(*limits.max_tokens) : std::string(),
      limits.max_cost_usd ? python_repr(*limits.max_cost_usd) : std::string(),
      std::to_string(limits.max_working_time.count()),
  };
  for (auto& term : offered->terms()) terms.push_back(std::move(term));
  return terms;
}

checked<procedure_maker_ptr> make_agent(const settings& all,
                                        const experiment_settings& experiment) {
  auto offered = make_offer(all, experiment, offer::usable);
  if (!offered) return tl::make_unexpected(std::move(offered.error()));
  return std::make_shared<const agent_maker>(std::move(*offered), experiment.agent,
                                             sandbox::workers(all.sandbox));
}

}  // namespace assay::evaluation
