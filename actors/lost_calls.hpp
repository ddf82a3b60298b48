#pragma once

#include <map>
#include <string>

#include "providers/limits/account.hpp"

namespace assay::actors {

/// Exchanges that nobody here waits for any more but that may still be under way: at nodes that
/// were lost, and begun by somebody who is no more. They keep their places at the API until they
/// are over for sure.
class lost_calls {
 public:
  /// `longest`: from its admission until an exchange has met its time-out.
  lost_calls(limits::account& mirror, duration longest) : mirror_(mirror), longest_(longest) {}

  /// Nobody knows whether a lost node has sent the request, or when it will end: its permit counts
  /// as used.
  void lost(const limits::charge& reserved, instant admitted, const std::string& node);

  /// So many of before are on their way from the node to the API: nothing is sent until they must
  /// have arrived, and then they are charged.
  void of_before(const std::string& node, std::uint32_t calls, std::uint32_t address,
                 instant arrive);

  /// One of before has ended there.
  void ended_of_before(const std::string& node, instant now);
  /// The node is about to say itself what it still has under way.
  void forget(const std::string& node, instant now);

  /// Charges what has arrived, and frees the places of what is over.
  void look(instant now);
  /// When to look again; `instant::max()` if nothing is left.
  instant next() const;
  bool empty() const { return calls_.empty() && arriving_.empty(); }
  /// When the last one will be over.
  instant last() const { return calls_.empty() ? instant{} : calls_.rbegin()->first; }

 private:
  struct call {
    limits::charge reserved;
    instant admitted;
    std::string node;
    bool of_before = false;
  };
  struct arrival {
    std::string node;
    std::uint32_t calls = 0;
    std::uint32_t address = 0;
  };

  void free_place(const call&, instant now);

  limits::account& mirror_;
  duration longest_;
  std::multimap<instant, call> calls_;  ///< by when they are over
  std::multimap<instant, arrival> arriving_;
};

}  // namespace assay::actors
