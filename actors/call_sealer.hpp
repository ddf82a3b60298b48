#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "messages/node.hpp"

struct evp_mac_ctx_st;

namespace assay::actors {

/// What a node was given.
struct sealed_call {
  std::int64_t run = 0;
  task_key key;
  std::string provider;
  std::string node;
};

/// Marks what a node was given with the first half of an HMAC-SHA256 (RFC 2104, FIPS 180-4) under a
/// secret of the ledger. So a coordinator that was started again, or another one on the same
/// ledger, believes a late result only of the node that was asked, without any list of what was
/// asked.
class call_sealer {
 public:
  explicit call_sealer(const std::string& secret);

  call_seal seal(const sealed_call&) const;
  /// In a time that does not tell how much of the seal is right.
  bool is_right(const call_seal&, const sealed_call&) const;

 private:
  struct freed {
    void operator()(evp_mac_ctx_st*) const;
  };
  std::unique_ptr<evp_mac_ctx_st, freed> keyed_;
};

}  // namespace assay::actors
