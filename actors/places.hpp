#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "messages/protocols.hpp"

namespace assay::actors {

/// Where the exchanges of an account may run: in this process (the place without a name) and at
/// nodes; and which place gets the next one. That is the one whose answers have the least work
/// before them: its load, times how long answers take there. So every node gets its share, and a
/// slow one less.
class places {
 public:
  static constexpr auto unlimited = std::numeric_limits<std::uint32_t>::max();

  struct place {
    std::uint32_t most = 0;  ///< exchanges at the same time
    std::uint32_t under_way = 0;
    double mean_s = 0;          ///< service time
    place_actor handle;         ///< null: this process
    std::string egress;         ///< the address that its requests leave by; empty: ours
    std::uint32_t address = 0;  ///< ... as limits count them

    std::uint32_t free() const { return most > under_way ? most - under_way : 0; }
  };

  /// If there can be nodes, no exchange starts before `wait_for` has told of them.
  explicit places(std::uint32_t here, bool nodes = false) : awaits_word_(nodes) {
    set({"", here}, {});
  }

  /// No exchange starts until each of these has taken part, or is removed.
  void wait_for(const std::vector<std::string>& nodes);
  /// A node takes part, or its offer changes. `address`: that its requests leave by.
  void set(const node_offer&, const place_actor& handle, std::uint32_t address = 0);
  /// It gets nothing more. What is under way there ends by `ended`.
  void remove(const std::string& node);

  /// Addresses by which exchanges may start now, with how many; none if that is none.
  const std::map<std::uint32_t, std::uint64_t>& free() const {
    static const std::map<std::uint32_t, std::uint64_t> nothing;
    return awaits_word_ || !awaited_.empty() ? nothing : free_;
  }
  /// Whether anything can run anywhere, now or when there is room.
  bool any() const;
  /// Takes a place for the next exchange. REQUIRES: one of this address is free.
  const std::string& take(std::uint32_t address = 0);
  /// How long something takes to the farthest node that has ever taken part. Requests that leave
  /// all nodes so long after their permit keep their distances. It never sinks: what is on its way
  /// would be overtaken.
  duration farthest() const { return farthest_; }
  const place& at(const std::string& node) const { return places_.at(node); }
  /// An exchange has ended there; 0 if it tells nothing of how long answers take.
  void ended(const std::string& node, double service_s);

 private:
  /// Changes a place, and with it what is free at its address.
  template <class Change>
  void change(place&, Change);

  std::map<std::string, place> places_;
  bool awaits_word_;
  std::set<std::string> awaited_;
  std::map<std::uint32_t, std::uint64_t> free_;  ///< by address, those with some
  duration farthest_{};
};

}  // namespace assay::actors
