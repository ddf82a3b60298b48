#pragma once

#include <deque>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "actors/examiner.hpp"
#include "messages/node_protocols.hpp"

namespace assay::actors {

/// How a node examines.
struct examinations_config {
  std::uint32_t programs = 0;  ///< at the same time
  spawn_examiner examiners = spawn_examiner_thread;
  std::function<expected<std::shared_ptr<const evaluation::rule_judge>>(
      const judge_settings&, const evaluation::judge_files&)>
      make_rule = [](const auto& settings, const auto& files) {
        return evaluation::make_judge(settings, files);
      };
};

/// What a node examines for the judges of its coordinator: as many answers at the same time as it
/// runs programs, the judges in turn. It forgets everything when the connection ends: no verdict
/// has been paid for, so the judges have it done elsewhere.
///
/// Invariant: as long as the connection stands, every examination has exactly one end.
class examinations_here {
 public:
  examinations_here(workshop_actor::pointer self, examinations_config config)
      : self_(self), config_(std::move(config)) {}
  ~examinations_here() { forget_all(); }

  judge_ability learn(const node_judge&);
  void forget(std::uint64_t judge);
  /// The connection has ended.
  void forget_all();

  /// Examines them, now or later. What cannot be has ended at once.
  void take(std::vector<examination>&);
  void call_off(const std::vector<std::uint64_t>& tickets, bool even_if_begun);
  /// An examiner is free again.
  void examined(std::uint64_t number, verdict&);
  /// Ends that the coordinator has not been told.
  std::vector<ended_examination> take_ended() { return std::exchange(ended_, {}); }

  /// Begun or not.
  std::uint32_t count() const;

 private:
  struct judge {
    std::shared_ptr<const evaluation::rule_judge> rule;
    std::deque<examination> waiting{};
    std::uint64_t last = 0;  ///< turn
  };
  struct running {
    std::uint64_t ticket = 0;
    bool wanted = true;  ///< by whoever is connected
    examination_job_ptr job{};
  };

  judge* next();
  void begin();
  void end(std::uint64_t ticket, examination_end, verdict = {});

  workshop_actor::pointer self_;
  examinations_config config_;
  std::map<std::uint64_t, judge> judges_;
  std::unordered_map<std::uint64_t, running> running_;  ///< by our number
  std::vector<examiner_actor> idle_;
  std::vector<ended_examination> ended_;
  std::uint64_t next_number_ = 1;
  std::uint64_t turn_ = 0;
};

}  // namespace assay::actors
