#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/two_samples.hpp"

/// Watches streams of answers for changes, a window at a time. The promise: a stream in which
/// nothing changes ever fires with a probability of at most `significance`, however long it is
/// watched. Window i is tested at the level significance / (i (i + 1)), which sum up to it, by
/// tests that hold for any exchangeable stream. Memory does not grow with the stream.
namespace assay::analysis {

struct watch_rule {
  std::size_t window = 100;     ///< observations; at least 2
  double significance = 0.001;  ///< chance of a false alarm in the whole life of a stream
};

/// `pending`: the last window looks odd, but could be chance. `resolved`: it fired, and the last
/// window is like those before the change again.
enum class watch_state : std::uint8_t { quiet, pending, firing, resolved };

std::string_view to_string(watch_state);

/// What is compared: a window with what came before it, or any two groups of observations.
struct comparison {
  double before = 0;  ///< mean
  double now = 0;     ///< mean
  std::size_t before_n = 0;
  std::size_t now_n = 0;
  double p = 1;
};

/// How a stream stands, with the evidence of the window that decided.
struct watch_finding : comparison {
  watch_state state = watch_state::quiet;
  std::string since;  ///< label of the first observation of the window in which it began
};

/// `a` of `n` now against `b` of `m` before.
comparison compare_shares(std::size_t a, std::size_t n, std::size_t b, std::size_t m);
comparison compare_sizes(const size_buckets& now, const size_buckets& before);

/// One test at this level, without a stream: firing, pending or quiet.
watch_finding judged_once(const comparison&, double level);

/// From one comparison a window to states. Windows that fire do not become part of what is normal.
class watch_states {
 public:
  explicit watch_states(const watch_rule& rule) : rule_(rule) {}

  /// Takes the comparison of a window that begins with the observation `first`. True if it belongs
  /// to what is normal.
  bool take(const comparison&, const std::string& first);
  const watch_finding& standing() const { return standing_; }

 private:
  watch_rule rule_;
  std::size_t tested_ = 0;
  watch_finding standing_;
};

/// Drift of a share: right answers, refusals, empty or cut-off answers, disagreements of judges.
class share_watch {
 public:
  explicit share_watch(const watch_rule& rule) : rule_(rule), states_(rule) {}

  void add(bool yes, std::string_view label = {});
  const watch_finding& standing() const { return states_.standing(); }

 private:
  watch_rule rule_;
  watch_states states_;
  std::string first_;                              ///< of the open window
  std::size_t yes_ = 0, count_ = 0;                ///< of the open window
  std::size_t normal_yes_ = 0, normal_count_ = 0;  ///< of the windows before
};

/// Drift of a positive size such as the length of answers, by ranks.
class size_watch {
 public:
  explicit size_watch(const watch_rule& rule) : rule_(rule), states_(rule) {}

  void add(double size, std::string_view label = {});
  const watch_finding& standing() const { return states_.standing(); }

 private:
  watch_rule rule_;
  watch_states states_;
  std::string first_;
  size_buckets open_, normal_;
};

/// The same answer given to different questions: in how many groups of four answers in a row two
/// are equal. The groups of a stream without change are independent of each other, which answers
/// that repeat earlier ones are not.
class repetition_watch {
 public:
  explicit repetition_watch(const watch_rule& rule);

  /// `text`: a hash of the answer. REQUIRES: neighbours answer different questions.
  void add(std::uint64_t text, std::string_view label = {});
  /// The figures count groups.
  const watch_finding& standing() const { return groups_.standing(); }

 private:
  share_watch groups_;
  std::string first_;
  std::vector<std::uint64_t> open_;
};

/// A share that depends on where the answer was made: each place against all others, all answers
/// so far, looked at once a window.
class place_watch {
 public:
  explicit place_watch(const watch_rule& rule) : rule_(rule) {}

  void add(const std::string& place, bool yes, std::string_view label = {});

  struct standing_of_place {
    std::string place;
    watch_finding finding;  ///< `before`: all other places, `now`: this one
  };
  /// The place with the smallest p of the last look; of two alike the one with the lower share.
  const standing_of_place& standing() const { return standing_; }

 private:
  struct tally {
    std::size_t yes = 0, count = 0;
    std::string first;
  };

  void look();

  watch_rule rule_;
  std::map<std::string, tally> places_;
  std::size_t seen_ = 0, yes_ = 0, looks_ = 0;
  standing_of_place standing_;
};

}  // namespace assay::analysis
