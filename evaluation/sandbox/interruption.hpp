#pragma once

#include "evaluation/sandbox/file_descriptor.hpp"

namespace assay::sandbox {

/// By this another thread ends what a thread runs in a sandbox.
class interruption {
 public:
  interruption();
  interruption(const interruption&) = delete;
  interruption& operator=(const interruption&) = delete;

  /// What runs under it is killed, and nothing under it starts any more. From any thread.
  void raise();
  bool raised() const;
  /// Readable once it is raised.
  int descriptor() const { return raised_.get(); }

  /// While this lives, what its thread runs in a sandbox is under the interruption.
  class scope {
   public:
    explicit scope(const interruption&);
    ~scope();
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
  };
  /// That of this thread, or null.
  static const interruption* current();

 private:
  file_descriptor raised_;
};

}  // namespace assay::sandbox
