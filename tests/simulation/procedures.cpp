#include "tests/simulation/procedures.hpp"

namespace assay::tests {

using namespace evaluation;

namespace {

class chain final : public procedure {
 public:
  chain(chat_request first, int calls) : request_(std::move(first)), left_(calls) {}

  std::vector<wanted_call> begin() override { return {next()}; }

  std::vector<wanted_call> take(const call_result& r) override {
    end_.status = r.status;
    end_.error = r.error;
    end_.reply = r.reply;
    if (left_ == 0 || r.status == outcome_status::error) return {};
    request_.messages.push_back({role::assistant, r.reply.text, {}, {}});
    request_.messages.push_back({role::user, "and then?", {}, {}});
    return {next()};
  }

  procedure_end end() override { return end_; }

 private:
  wanted_call next() { return {"step " + std::to_string(++made_), "model", (--left_, request_)}; }

  chat_request request_;
  int left_;
  int made_ = 0;
  outcome end_;
};

class question final : public procedure {
 public:
  explicit question(std::string answer) : answer_(std::move(answer)) {}

  std::vector<wanted_call> begin() override {
    chat_request asked;
    asked.messages = {{role::user, "Is this right? " + answer_, {}, {}}};
    return {{"ask 1", "model", asked}};
  }
  std::vector<wanted_call> take(const call_result& r) override {
    if (r.status == outcome_status::error) failed_ = r.error.message;
    return {};
  }
  procedure_end end() override {
    if (failed_) return no_verdict{*failed_};
    verdict v;
    v.scored = true;
    v.score = 1;
    return v;
  }

 private:
  std::string answer_;
  std::optional<std::string> failed_;
};

class chain_maker final : public procedure_maker {
 public:
  explicit chain_maker(int calls) : calls_(calls) {}
  procedure_ptr make(const record& r) const override {
    return std::make_shared<chain>(r.asked.request, calls_);
  }

 private:
  int calls_;
};

class question_maker final : public procedure_maker {
 public:
  procedure_ptr make(const record& r) const override {
    return std::make_shared<question>(r.got.reply.text);
  }
};

bool has_answer(const std::map<task_key, outcome>& outcomes, const task_key& key) {
  auto found = outcomes.find(key);
  return found != outcomes.end() && found->second.status != outcome_status::error;
}

}  // namespace

procedure_maker_ptr chain_of(int calls) { return std::make_shared<chain_maker>(calls); }

procedure_maker_ptr asking_judge() { return std::make_shared<question_maker>(); }

std::vector<actors::conductor_config> conductors_of(const scenario& s,
                                                    std::shared_ptr<memory_store> store,
                                                    std::function<task(std::uint32_t)> make) {
  actors::conductor_config any;
  model_settings model{.name = "model"};
  for (const auto& a : s.accounts) model.providers.push_back(a.client.name);
  model.fallback = s.fallback;
  model.max_tokens = 50;
  any.models = {{"model", model}};
  any.most_open = 30;
  any.recall = [store]() -> expected<actors::conductor_memory> {
    actors::conductor_memory memory;
    for (const auto& [key, got] : store->steps)
      if (got.status != outcome_status::error) memory.steps.emplace(key, got);
    return memory;
  };
  std::vector<actors::conductor_config> conductors;
  if (s.calls > 1) {
    any.maker = chain_of(s.calls);
    any.purpose = chained;
    conductors.push_back(any);
  }
  if (s.asking_judge) {
    any.maker = asking_judge();
    any.purpose = "asking";
    any.judge_version = [](const sample&) { return std::string{"1"}; };
    any.recall = [store, make, steps = any.recall]() {
      auto memory = steps();
      for (const auto& [key, position] : store->position)
        if (has_answer(store->outcomes, key) && !store->graded.count(key))
          memory->owed.push_back({make(position), store->outcomes.at(key)});
      return memory;
    };
    conductors.push_back(any);
  }
  return conductors;
}

}  // namespace assay::tests
