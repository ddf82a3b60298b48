#pragma once

#include <filesystem>

#include "app/demo/wishes.hpp"

namespace assay::demo {

/// Where a demo lives: its experiment file and what that refers to at the top, what a mode brings
/// in a folder of its own.
struct folder {
  std::filesystem::path top;
  std::string mode;

  std::filesystem::path experiment() const;
  std::filesystem::path certificates() const { return top / "certs"; }
  std::filesystem::path of_mode() const { return top / mode; }
  std::filesystem::path ledger() const { return of_mode() / "ledger.db"; }
  std::filesystem::path results() const { return top / "results.json"; }
};

/// Writes the files of the demo, or finds them there as they would be written; another demo's are
/// left alone and are a problem. Problems: not writable.
expected<void> fill(const folder&, const wishes&);

/// Sees to it that the folder has a certificate authority, and certificates of it for the
/// coordinator and these nodes.
expected<void> make_certificates(const folder&, const std::vector<std::string>& nodes);

}  // namespace assay::demo
