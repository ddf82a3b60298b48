#include "actors/run_queue.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace assay::actors {

namespace {

/// How much one answer moves the mean of its class.
constexpr double learning = 0.1;
/// Classes are put in order again when a mean has moved by so much of itself.
constexpr double reorder = 0.1;

bool lists(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

run_queue::run_queue(work_ptr w) : work_(std::move(w)), lines_(work_->classes.size()) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    lines_[i].what = &work_->classes[i];
    lines_[i].mean_s = lines_[i].ranked_s = work_->classes[i].expected_s;
  }
  for (auto position : work_->positions)
    lines_[work_->class_of(position)].positions.push_back(position);
  pending_ = work_->positions.size();
}

const std::vector<run_queue::line*>& run_queue::in_order(const std::string& provider) {
  auto& order = order_[provider];
  if (!order.empty()) return order;
  for (auto& l : lines_)
    if (lists(l.what->providers, provider) || lists(l.what->fallback, provider))
      order.push_back(&l);
  std::stable_sort(order.begin(), order.end(), [](const line* a, const line* b) {
    auto rivals = [](const line* l) { return l->what->providers.size(); };
    return std::tuple{rivals(a), !a->scarce, -a->ranked_s} <
           std::tuple{rivals(b), !b->scarce, -b->ranked_s};
  });
  return order;
}

std::uint32_t run_queue::take(const task_class& c, bool shortest) {
  auto& positions = line_of(c).positions;
  auto position = shortest ? positions.back() : positions.front();
  shortest ? positions.pop_back() : positions.pop_front();
  --pending_;
  return position;
}

void run_queue::put_back(std::uint32_t position, bool tried) {
  auto& positions = line_of(class_of(position)).positions;
  tried ? positions.push_back(position) : positions.push_front(position);
  ++pending_;
}

void run_queue::remove(std::uint32_t position) {
  pending_ -= std::erase(line_of(class_of(position)).positions, position);
}

void run_queue::scarce(const std::string& model) {
  for (auto& l : lines_) {
    if (l.what->model != model || l.scarce) continue;
    l.scarce = true;
    order_.clear();
  }
}

void run_queue::measured(std::uint32_t position, double service_s) {
  auto& l = line_of(class_of(position));
  l.mean_s = l.mean_s == 0 ? service_s : l.mean_s + learning * (service_s - l.mean_s);
  if (std::abs(l.mean_s - l.ranked_s) <= reorder * l.ranked_s) return;
  l.ranked_s = l.mean_s;
  order_.clear();
}

}  // namespace assay::actors
