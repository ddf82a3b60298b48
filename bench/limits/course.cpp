#include "bench/limits/course.hpp"

#include <cmath>
#include <deque>
#include <numeric>
#include <queue>

#include "providers/simulated/admission.hpp"

namespace assay::bench {

namespace {

using std::chrono::hours;

constexpr double give_up_s = 20'000;

enum class happens : std::uint8_t { arrival, first_byte, service_ends, answer, no, retry, wake };

struct event {
  instant at;
  std::uint64_t number;
  happens what;
  std::uint32_t task;

  bool operator<(const event& other) const {  // the earliest on top
    return at != other.at ? at > other.at : number > other.number;
  }
};

/// A task as the client and the network see it.
struct flight {
  instant sent;
  std::vector<rate_header> headers;
  std::optional<milliseconds> retry_after;
  int refusals = 0;
};

class world {
 public:
  world(const scenario& s, knowledge k, const load& work, const contender& c, std::uint64_t seed)
      : knowledge_(k),
        work_(work),
        limiter_(s.server, start_, s.habits),
        head_after_(from_seconds(s.around.head_after_s)),
        network_(s.around, seed * 7 + 3),
        policy_(c.make(client_limits(s, k, start_), start_, seed)),
        flights_(work.service.size()) {
    if (policy_->longest_first()) {
      const auto order = longest_first(work, k != knowledge::configured);
      queue_.assign(order.begin(), order.end());
    } else {
      queue_.resize(work.service.size());
      std::iota(queue_.begin(), queue_.end(), 0u);
    }
  }

  course run() {
    course c;
    send_what_may_go();
    while (unanswered_ > 0) {
      const auto next = events_.top();
      events_.pop();
      now_ = next.at;
      c.makespan_s = seconds(now_ - start_);
      if (c.makespan_s > give_up_s) {
        c.finished = false;
        break;
      }
      handle(next);
      send_what_may_go();
    }
    c.refused = refused_;
    return c;
  }

 private:
  void after(duration d, happens what, std::uint32_t task) {
    events_.push({now_ + d, ++number_, what, task});
  }

  void send_what_may_go() {
    while (!queue_.empty()) {
      const auto at = policy_->earliest(now_);
      if (at > now_) {
        if (at < instant::max() && (wake_ <= now_ || at < wake_)) {
          wake_ = at;
          events_.push({at, ++number_, happens::wake, 0});
        }
        return;
      }
      const auto task = queue_.front();
      queue_.pop_front();
      send(task);
    }
  }

  void send(std::uint32_t task, bool again = false) {
    policy_->sent(now_, again);
    flights_[task].sent = now_;
    after(network_.one_way(), happens::arrival, task);
  }

  void handle(const event& e) {
    switch (e.what) {
      case happens::arrival:
        return arrive(e.task);
      case happens::first_byte:
        return begin_answer(flights_[e.task]);
      case happens::service_ends:
        return limiter_.release();
      case happens::answer:
        --unanswered_;
        return policy_->answered(flights_[e.task].headers, flights_[e.task].sent, now_);
      case happens::no:
        return refuse(e.task);
      case happens::retry:
        if (policy_->manner() == policy::waiting::keeps_its_place) return send(e.task, true);
        queue_.push_front(e.task);
        return;
      case happens::wake:
        return;
    }
  }

  void begin_answer(flight& f) {
    if (policy_->first_byte(f.headers, f.sent, now_)) f.headers.clear();
  }

  void arrive(std::uint32_t task) {
    auto& f = flights_[task];
    const auto no = limiter_.ask({}, now_);
    f.headers = visible_headers();
    f.retry_after.reset();
    if (no) {
      if (knowledge_ != knowledge::blind && no->retry_after)
        f.retry_after = std::chrono::ceil<milliseconds>(*no->retry_after);
      return after(network_.one_way(), happens::no, task);
    }
    const auto service = work_.service[task];
    const auto head = std::min(head_after_, service) + network_.one_way();
    after(service, happens::service_ends, task);
    after(head, happens::first_byte, task);
    after(std::max(head, service + network_.one_way()), happens::answer, task);
  }

  std::vector<rate_header> visible_headers() {
    std::vector<rate_header> headers;
    if (knowledge_ != knowledge::headers) return headers;
    for (const auto& l : limiter_.levels(now_, {}))
      headers.push_back({l.counts, l.limit, std::floor(l.remaining),
                         std::chrono::ceil<milliseconds>(l.reset), std::nullopt});
    return headers;
  }

  void refuse(std::uint32_t task) {
    ++refused_;
    auto& f = flights_[task];
    const auto wait = policy_->refused({f.headers, f.retry_after, ++f.refusals}, f.sent, now_);
    after(wait, happens::retry, task);
  }

  const instant start_{hours(1)};
  instant now_ = start_;
  instant wake_{};
  knowledge knowledge_;
  const load& work_;
  simulated::admission limiter_;
  duration head_after_;
  network network_;
  std::unique_ptr<policy> policy_;
  std::vector<flight> flights_;
  std::deque<std::uint32_t> queue_;
  std::priority_queue<event> events_;
  std::uint64_t number_ = 0;
  std::size_t unanswered_ = flights_.size();
  std::size_t refused_ = 0;
};

}  // namespace

course play(const scenario& s, knowledge k, const load& work, const contender& c,
            std::uint64_t seed) {
  return world(s, k, work, c, seed).run();
}

}  // namespace assay::bench
