#include "actors/modelled_transport.hpp"
#include "app/plan/follow_ups.hpp"
#include "providers/simulated/draws.hpp"

namespace assay::planning {

namespace {

std::uint64_t hash_of(const task_key& key, std::uint64_t start) {
  return simulated::hash_bytes({reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()},
                               start);
}

/// The tokens of an answer as far as they are known.
std::int64_t said(const outcome& got) {
  if (got.reply.usage.output) return *got.reply.usage.output;
  return got.attempts.empty() ? 0 : got.attempts.back().usage.output.value_or(0);
}

class sized_procedure : public evaluation::procedure {
 public:
  sized_procedure(const record& about, std::string purpose, bool judges, procedure_shape shape)
      : asked_(about.asked),
        purpose_(std::move(purpose)),
        judges_(judges),
        shape_(std::move(shape)) {
    if (judges) talk_ = said(about.got);
  }

  std::vector<evaluation::wanted_call> begin() override { return next_round(); }

  std::vector<evaluation::wanted_call> take(const evaluation::call_result& result) override {
    if (result.status == outcome_status::error) {
      error_ = result.error;
      ++failed_;
    }
    talk_ += result.reply.usage.output.value_or(0);
    return --open_ == 0 && (failed_ == 0 || judges_) ? next_round()
                                                     : std::vector<evaluation::wanted_call>{};
  }

  evaluation::procedure_end end() override {
    if (judges_ && failed_ > 0 && failed_ == made_)
      return evaluation::no_verdict{"all calls failed"};
    if (judges_) return verdict{};
    outcome got;
    got.status = failed_ > 0 ? outcome_status::error : outcome_status::answered;
    got.error = error_;
    got.reply.usage.output = talk_;
    return got;
  }

 private:
  std::vector<evaluation::wanted_call> next_round() {
    std::vector<evaluation::wanted_call> calls;
    if (round_ == shape_.size()) return calls;
    for (const auto& size : shape_[round_]) calls.push_back(call_of(size, calls.size()));
    ++round_;
    open_ = calls.size();
    made_ += open_;
    return calls;
  }

  /// As long as the real one, so that what is estimated of it is right.
  evaluation::wanted_call call_of(const sized_call& size, std::size_t number) const {
    constexpr std::size_t bytes_a_token = 4;
    evaluation::wanted_call call;
    call.label = label_of(round_, number);
    call.model = size.model.empty() ? asked_.where.model : size.model;
    auto tokens = size.input_tokens + (size.with_sample ? asked_.input_tokens : 0) +
                  (size.with_talk ? talk_ : 0);
    auto text = actors::modelled_text(tokens, content_of(asked_.key, purpose_, call.label),
                                      bytes_a_token * static_cast<std::size_t>(tokens));
    call.request.messages = {{role::user, std::move(text)}};
    call.request.max_tokens = size.max_tokens;
    return call;
  }

  task asked_;
  std::string purpose_;
  bool judges_;
  procedure_shape shape_;
  std::size_t round_ = 0;
  std::size_t open_ = 0;
  std::size_t made_ = 0;
  std::size_t failed_ = 0;
  std::int64_t talk_ = 0;  ///< tokens
  api_error error_;
};

class sized_maker : public evaluation::procedure_maker {
 public:
  sized_maker(procedure_sizes sizes, std::uint64_t seed) : sizes_(std::move(sizes)), seed_(seed) {}

  evaluation::procedure_ptr make(const record& about) const override {
    bool read = about.got.status == outcome_status::answered;
    auto shape = read ? shape_of(sizes_, about.asked.key, seed_) : procedure_shape{};
    return std::make_shared<sized_procedure>(about, sizes_.purpose, sizes_.judges,
                                             std::move(shape));
  }

 private:
  procedure_sizes sizes_;
  std::uint64_t seed_;
};

}  // namespace

const procedure_shape& shape_of(const procedure_sizes& sizes, const task_key& key,
                                std::uint64_t seed) {
  static const procedure_shape none;
  if (sizes.shapes.empty()) return none;
  return sizes.shapes[hash_of(key, seed) % sizes.shapes.size()];
}

std::uint64_t content_of(const task_key& key, const std::string& purpose,
                         const std::string& label) {
  return hash_of(key, simulated::hash_bytes(purpose + "/" + label, 0));
}

std::string label_of(std::size_t round, std::size_t call) {
  return "round " + std::to_string(round + 1) + " call " + std::to_string(call + 1);
}

evaluation::procedure_maker_ptr make_sized(const procedure_sizes& sizes, std::uint64_t seed) {
  return std::make_shared<const sized_maker>(sizes, seed);
}

}  // namespace assay::planning
