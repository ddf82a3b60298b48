#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/protocols.hpp"

namespace assay::actors {

/// The answers that wait for the verdict of a judge that blocks, the places where programs run
/// (this process, the place without a name, and nodes), and which place gets the next one: that
/// with the least work before it, by the time that its verdicts have taken. A node is handed
/// somewhat more than it can run at the same time, so that its way costs nothing. When nothing
/// waits any more, an idle place also gets what another one holds and would end later.
///
/// Invariant: every answer that was added is waiting, or held by one or two places, until exactly
/// one `end` says that it counts.
class examinations {
 public:
  /// An answer in a batch.
  struct subject {
    record_batch batch;
    std::uint32_t index = 0;

    const record& what() const { return (*batch)[index]; }
  };
  struct handing {
    std::string place;
    std::uint64_t ticket = 0;
  };
  struct moves {
    std::vector<handing> hand_over;
    std::vector<handing> ask_back;  ///< unless it has begun there: another place has it now
  };
  /// What an ended examination means.
  struct end {
    bool counts = false;              ///< it is settled: by its verdict, or since it is `hopeless`
    bool hopeless = false;            ///< too many nodes were lost that held it
    subject of{};                     ///< if it counts
    std::vector<handing> call_off{};  ///< where it is no longer wanted
  };

  explicit examinations(std::uint32_t here) { places_[""].programs = here; }

  void add(subject);
  /// A node takes part, or its offer changes.
  void set(const node_offer&);
  /// It gets nothing more. What it holds ends all the same.
  void remove(const std::string& node);

  /// What is to be handed to whom now.
  moves hand_out(instant now);
  /// REQUIRES: it was handed to a place, and not all of them have told its end.
  const subject& at(std::uint64_t ticket) const { return open_.at(ticket).of; }
  /// To be told once for all that is handed over. What nobody holds and nobody has settled waits
  /// again.
  end ended(const std::string& place, std::uint64_t ticket, examination_end, instant now);

  /// Some wait, and there is no place for them.
  bool stuck() const;
  /// A place has nothing to do while others hold some: time may tell that one of those is slow.
  bool idle() const;

 private:
  struct place {
    std::uint32_t programs = 0;  ///< at the same time
    duration round_trip{};
    double interval_s = 0;              ///< mean time between two verdicts, while it is busy
    std::vector<std::uint64_t> held{};  ///< in the order in which they were handed over
  };
  struct hold {
    std::string place;
    instant since;
    std::size_t rank = 0;  ///< how many the place held then, this one included
  };
  struct waiting {
    subject of;
    std::uint32_t losses = 0;
    bool only_here = false;
  };
  struct open : waiting {
    std::vector<hold> at{};
    bool settled = false;
  };
  /// One that another place may end earlier.
  struct candidate {
    std::uint64_t ticket = 0;
    double left_s = 0;
    bool begun = false;
  };

  bool may_take(const std::string& name, const place&, bool only_here) const;
  std::uint32_t most(const std::string& name, const place&) const;
  double guess_s(const place&) const;
  std::optional<std::string> best_place(bool only_here) const;
  void hand(std::uint64_t ticket, const std::string& place, instant now, moves&);
  void share_the_rest(instant now, moves&);
  std::vector<candidate> candidates(instant now) const;
  void measure(place&, const hold&, instant now);

  std::map<std::string, place> places_;
  std::deque<waiting> waiting_;
  std::deque<waiting> only_here_;
  std::map<std::uint64_t, open> open_;
  std::uint64_t next_ticket_ = 1;
};

}  // namespace assay::actors
