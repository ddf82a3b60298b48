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
/// Where the order is to be kept, one that was tried goes behind so many others.
constexpr std::size_t few = 16;

bool lists(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

run_queue::run_queue(work_ptr w) : work_(std::move(w)) {
  for (const auto& c : work_->classes) {
    auto& l = lines_.emplace_back(line{c});
    l.mean_s = l.ranked_s = c.expected_s;
  }
  for (auto position : work_->positions)
    lines_[work_->class_of(position)].positions.push_back(position);
  pending_ = work_->positions.size();
}

std::uint32_t run_queue::add(follow_up f) {
  auto position = next_added_++;
  auto& l = line_for(f.kind);
  added_.emplace(position, added{std::move(f.what), &l});
  l.positions.push_back(position);
  ++pending_;
  return position;
}

run_queue::line& run_queue::line_for(const task_class& c) {
  for (auto& l : lines_)
    if (static_cast<const task_class&>(l) == c) return l;
  auto& made = lines_.emplace_back(line{c});
  made.mean_s = made.ranked_s = c.expected_s;
  order_.clear();
  return made;
}

run_queue::line& run_queue::line_of(std::uint32_t position) {
  if (auto found = added_.find(position); found != added_.end()) return *found->second.of;
  return lines_[work_->class_of(position)];
}

task run_queue::make(std::uint32_t position) const {
  auto found = added_.find(position);
  auto made = found == added_.end() ? work_->make(position) : found->second.what;
  made.position = position;
  return made;
}

const std::vector<run_queue::line*>& run_queue::lines_for(const std::string& provider) {
  auto& order = order_[provider];
  if (!order.empty()) return order;
  for (auto& l : lines_)
    if (lists(l.providers, provider) || lists(l.fallback, provider)) order.push_back(&l);
  std::stable_sort(order.begin(), order.end(), [](const line* a, const line* b) {
    auto place = [](const line* l) {
      return std::tuple{l->providers.size(), !l->scarce, -l->ranked_s};
    };
    return place(a) < place(b);
  });
  return order;
}

std::uint32_t run_queue::take(const task_class& c, bool shortest) {
  auto& positions = const_cast<line&>(static_cast<const line&>(c)).positions;
  const bool from_the_back = shortest && !in_order();
  auto position = from_the_back ? positions.back() : positions.front();
  from_the_back ? positions.pop_back() : positions.pop_front();
  --pending_;
  return position;
}

void run_queue::put_back(std::uint32_t position, bool tried) {
  auto& positions = line_of(position).positions;
  auto behind = tried ? std::min(positions.size(), in_order() ? few : positions.size()) : 0;
  positions.insert(positions.begin() + static_cast<std::ptrdiff_t>(behind), position);
  ++pending_;
}

void run_queue::remove(std::uint32_t position) {
  pending_ -= std::erase(line_of(position).positions, position);
}

void run_queue::scarce(const std::string& model) {
  for (auto& l : lines_) {
    if (l.model != model || l.scarce) continue;
    l.scarce = true;
    order_.clear();
  }
}

void run_queue::measured(std::uint32_t position, double service_s) {
  auto& l = line_of(position);
  l.mean_s = l.mean_s == 0 ? service_s : l.mean_s + learning * (service_s - l.mean_s);
  if (std::abs(l.mean_s - l.ranked_s) <= reorder * l.ranked_s) return;
  l.ranked_s = l.mean_s;
  order_.clear();
}

}  // namespace assay::actors
