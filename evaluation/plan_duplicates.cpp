#include <algorithm>
#include <iterator>
#include <utility>

#include "evaluation/plan_content.hpp"

namespace assay::evaluation {

/// Equal requests are found in two steps: samples and prompts that come to the same text, by hash
/// and then by the text itself; and models that are called the same way.
class plan::equal_requests {
 public:
  equal_requests(const content& of, const std::vector<std::uint32_t>& positions,
                 const cache_settings& cache)
      : content_(of), wanted_(of.size()), across_accounts_(cache.across_accounts) {
    for (auto position : positions) wanted_[position] = true;
  }

  std::vector<shared_request> find() {
    classify_models();
    std::vector<std::pair<std::uint64_t, std::uint32_t>> by_text;
    by_text.reserve(content_.texts.size());
    for (std::uint32_t q = 0; q < content_.texts.size(); ++q)
      by_text.emplace_back(content_.texts[q], q);
    std::sort(by_text.begin(), by_text.end());
    for (std::size_t from = 0, to = 0; from < by_text.size(); from = to) {
      while (to < by_text.size() && by_text[to].first == by_text[from].first) ++to;
      take_same_hash(by_text.data() + from, by_text.data() + to);
    }
    std::sort(found_.begin(), found_.end(),
              [](const auto& a, const auto& b) { return a.leader < b.leader; });
    return std::move(found_);
  }

 private:
  using entry = std::pair<std::uint64_t, std::uint32_t>;
  using questions = std::vector<std::uint32_t>;

  /// Models that are called the same way, each in one class.
  void classify_models() {
    for (std::uint32_t m = 0; m < content_.models.size(); ++m) {
      auto same = std::find_if(models_.begin(), models_.end(),
                               [&](const auto& c) { return called_alike(c.front(), m); });
      if (same == models_.end()) same = models_.emplace(same);
      same->push_back(m);
    }
    twins_ = models_.size() < content_.models.size();
  }

  bool called_alike(std::uint32_t a, std::uint32_t b) const {
    if (content_.identities[a] != content_.identities[b]) return false;
    return across_accounts_ || content_.models[a].providers == content_.models[b].providers;
  }

  /// Splits questions of one hash by their texts: nearly always there is one only.
  void take_same_hash(const entry* from, const entry* to) {
    if (to - from == 1) {
      if (twins_) take_questions({from->second});
      return;
    }
    std::vector<std::pair<std::vector<chat_message>, questions>> groups;
    for (; from != to; ++from) {
      auto text = render(from->second);
      auto same = std::find_if(groups.begin(), groups.end(),
                               [&](const auto& g) { return g.first == text; });
      if (same == groups.end()) same = groups.insert(same, {std::move(text), {}});
      same->second.push_back(from->second);
    }
    for (const auto& group : groups) take_questions(group.second);
  }

  std::vector<chat_message> render(std::uint32_t question) const {
    auto prompts = content_.prompts.size();
    return content_.prompts[question % prompts].text.render(content_.samples[question / prompts]);
  }

  void take_questions(const questions& same) {
    auto prompts = static_cast<std::uint32_t>(content_.prompts.size());
    auto models = static_cast<std::uint32_t>(content_.models.size());
    for (const auto& alike : models_)
      for (std::uint32_t epoch = 0; epoch < content_.epochs; ++epoch) {
        std::vector<std::uint32_t> tasks;
        for (auto question : same)
          for (auto model : alike) {
            auto variant = (question / prompts * models + model) * prompts + question % prompts;
            auto position = variant * content_.epochs + epoch;
            if (wanted_[position]) tasks.push_back(position);
          }
        take_tasks(std::move(tasks));
      }
  }

  void take_tasks(std::vector<std::uint32_t> tasks) {
    if (tasks.size() < 2) return;
    std::sort(tasks.begin(), tasks.end());
    found_.push_back({tasks.front(), {std::next(tasks.begin()), tasks.end()}});
  }

  const content& content_;
  std::vector<bool> wanted_;
  bool across_accounts_;
  std::vector<std::vector<std::uint32_t>> models_;  ///< classes of those that are called alike
  bool twins_ = false;                              ///< some class has two
  std::vector<shared_request> found_;
};

std::vector<shared_request> plan::duplicates(const std::vector<std::uint32_t>& positions,
                                             const cache_settings& cache) const {
  if (!cache.on || positions.size() < 2 || !content_->tools.empty()) return {};
  return equal_requests(*content_, positions, cache).find();
}

}  // namespace assay::evaluation
