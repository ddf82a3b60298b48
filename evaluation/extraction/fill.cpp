#include <algorithm>
#include <map>

#include "evaluation/extraction/extraction.hpp"
#include "evaluation/extraction/form.hpp"
#include "messages/embedding_text.hpp"

namespace assay::evaluation {

namespace {

using nlohmann::ordered_json;

/// Texts of a call to an embeddings endpoint: the least that a provider takes is 96.
constexpr std::size_t texts_per_call = 64;

std::int64_t sum(const std::optional<std::int64_t>& a, const std::optional<std::int64_t>& b) {
  return a.value_or(0) + b.value_or(0);
}

class extraction : public procedure {
 public:
  extraction(std::shared_ptr<const extraction_job> job, std::string model, std::string instructions)
      : job_(std::move(job)),
        model_(std::move(model)),
        instructions_(std::move(instructions)),
        search_(job_->what, job_->from),
        form_(job_->checks, job_->from, job_->how.asks) {}

  std::vector<wanted_call> begin() override {
    return job_->how.embedding_model.empty() ? next_round() : ask_for_vectors();
  }

  std::vector<wanted_call> take(const call_result& result) override {
    if (auto found = vectors_.find(result.label); found != vectors_.end())
      return take_vectors(found->second, result);
    if (result.status == outcome_status::error) failures_.emplace(result.label, result.error);
    take_fields(result);
    return --open_calls_ == 0 ? next_round() : std::vector<wanted_call>{};
  }

  procedure_end end() override {
    outcome got;
    got.reply.text = result().dump(2);
    got.reply.why = finish::stop;
    got.reply.usage = usage_;
    if (!failures_.empty()) {
      got.status = outcome_status::error;
      got.error = failures_.begin()->second;
    } else if (form_.empty() && declined_ != outcome_status::answered) {
      got.status = declined_;
    }
    return got;
  }

 private:
  // -- vectors ------------------------------------------------------------------------------------

  std::vector<wanted_call> ask_for_vectors() {
    std::vector<std::string> texts;
    for (const auto& field : job_->what.fields) texts.push_back(query_of(field));
    for (std::size_t i = 0; i < job_->from.passages().size(); ++i)
      texts.emplace_back(job_->from.text(i));
    std::vector<wanted_call> calls;
    for (std::size_t at = 0; at < texts.size(); at += texts_per_call) {
      wanted_call call;
      call.label = "vectors " + std::to_string(calls.size() + 1);
      call.model = job_->how.embedding_model;
      call.request.to = endpoint::embeddings;
      for (auto i = at; i < std::min(at + texts_per_call, texts.size()); ++i)
        call.request.messages.push_back({role::user, texts[i]});
      vectors_[call.label] = {calls.size(), call.request.messages.size(), {}};
      calls.push_back(std::move(call));
    }
    open_calls_ = calls.size();
    return calls;
  }

  struct vector_call {
    std::size_t number = 0;
    std::size_t texts = 0;
    std::vector<std::vector<float>> vectors;
    std::string fault;  ///< why there are none
  };

  std::vector<wanted_call> take_vectors(vector_call& call, const call_result& result) {
    add_usage(result.reply.usage);
    auto read = read_embeddings(result.reply.text);
    if (result.status == outcome_status::error)
      call.fault = why_failed(result.error);
    else if (result.status != outcome_status::answered || !read || read->size() != call.texts)
      call.fault = "the answer is not a vector for each text";
    else
      call.vectors = std::move(*read);
    if (--open_calls_ > 0) return {};
    rank_by_vectors();
    return next_round();
  }

  /// If a call brought none, words are ranked alone.
  void rank_by_vectors() {
    std::map<std::size_t, const vector_call*> in_order;
    for (const auto& [label, call] : vectors_) in_order[call.number] = &call;
    std::vector<std::vector<float>> all;
    for (const auto& [number, call] : in_order) {
      without_vectors_ = call->fault;
      if (!without_vectors_.empty()) return;
      all.insert(all.end(), call->vectors.begin(), call->vectors.end());
    }
    auto passages = all.begin() + static_cast<std::ptrdiff_t>(job_->what.fields.size());
    search_.add_vectors({all.begin(), passages}, {passages, all.end()});
    by_vectors_ = true;
  }

  // -- fields -------------------------------------------------------------------------------------

  /// The open fields, spread evenly over as few calls as possible.
  std::vector<wanted_call> next_round() {
    auto fields = form_.open();
    if (fields.empty()) return {};
    ++round_;
    auto most = static_cast<std::size_t>(job_->how.fields_per_call);
    auto calls = (fields.size() + most - 1) / most;
    std::vector<wanted_call> wanted;
    for (std::size_t i = 0; i < calls; ++i) {
      auto from = fields.begin() + static_cast<std::ptrdiff_t>(fields.size() * i / calls);
      auto to = fields.begin() + static_cast<std::ptrdiff_t>(fields.size() * (i + 1) / calls);
      wanted.push_back(ask_for({from, to}, i + 1));
    }
    open_calls_ = wanted.size();
    return wanted;
  }

  /// A field that is asked for again is shown more passages.
  wanted_call ask_for(std::vector<asked_field> fields, std::size_t number) {
    question q{std::move(fields), {}};
    std::vector<std::size_t> indices;
    for (const auto& asked : q.fields) indices.push_back(asked.field);
    auto per_field = static_cast<std::size_t>(job_->how.passages_per_field) * round_;
    q.passages = search_.passages_for(indices, per_field);
    wanted_call call;
    call.label = "round " + std::to_string(round_) + " call " + std::to_string(number);
    call.model = model_;
    call.request.messages = ask(q, job_->what, job_->from, instructions_);
    asked_.push_back({call.label, std::move(q), outcome_status::answered});
    return call;
  }

  void take_fields(const call_result& result) {
    auto made = std::find_if(asked_.begin(), asked_.end(),
                             [&](const auto& call) { return call.label == result.label; });
    made->status = result.status;
    add_usage(result.reply.usage);
    switch (result.status) {
      case outcome_status::answered:
        return form_.take(made->about,
                          read_answers(result.reply.text, made->about, job_->checks, job_->from));
      case outcome_status::error:
        return form_.fail(made->about, why_failed(result.error), search_);
      case outcome_status::refused:
      case outcome_status::filtered:
        declined_ = result.status;
        return form_.decline(made->about, "the call was " + std::string(to_string(result.status)));
    }
  }

  static std::string why_failed(const api_error& error) {
    auto why = "the call failed: " + std::string(to_string(error.kind));
    return error.message.empty() ? why : why + ", " + error.message;
  }

  // -- the result ---------------------------------------------------------------------------------

  void add_usage(const token_usage& more) {
    if (more.input) usage_.input = sum(usage_.input, more.input);
    if (more.output) usage_.output = sum(usage_.output, more.output);
  }

  ordered_json result() const {
    ordered_json out{{"template", job_->what.name}};
    out.update(form_.to_json());
    out["calls"] = asked_.size();
    out["embedding_calls"] = vectors_.size();
    out["asked"] = asked_json();
    out["ranking"] = by_vectors_ ? "words and vectors" : "words";
    if (!without_vectors_.empty()) out["without_vectors"] = without_vectors_;
    out["documents"] = job_->from.documents().size();
    out["passages_searched"] = job_->from.passages().size();
    out["passages_repeated"] = job_->from.repeated();
    out["left_out"] = ordered_json::array();
    for (const auto& p : job_->from.left_out()) out["left_out"].push_back(render(p));
    return out;
  }

  ordered_json asked_json() const {
    auto list = ordered_json::array();
    for (const auto& call : asked_)
      list.push_back({{"call", call.label},
                      {"fields", call.about.fields.size()},
                      {"passages", call.about.passages.size()},
                      {"status", to_string(call.status)}});
    return list;
  }

  struct asked_call {
    std::string label;
    question about;
    outcome_status status;
  };

  std::shared_ptr<const extraction_job> job_;
  std::string model_;
  std::string instructions_;
  field_search search_;
  form form_;
  std::map<std::string, vector_call> vectors_;
  std::vector<asked_call> asked_;
  std::map<std::string, api_error> failures_;  ///< by label: the first is the same in every order
  std::size_t open_calls_ = 0;
  std::size_t round_ = 0;
  bool by_vectors_ = false;
  std::string without_vectors_;  ///< why words are ranked alone
  outcome_status declined_ = outcome_status::answered;
  token_usage usage_;
};

}  // namespace

procedure_ptr fill(std::shared_ptr<const extraction_job> job, std::string model,
                   std::string instructions) {
  return std::make_shared<extraction>(std::move(job), std::move(model), std::move(instructions));
}

}  // namespace assay::evaluation
