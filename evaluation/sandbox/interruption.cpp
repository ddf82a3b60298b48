#include "evaluation/sandbox/interruption.hpp"

#include <poll.h>
#include <sys/eventfd.h>

namespace assay::sandbox {

namespace {

thread_local const interruption* of_thread = nullptr;

}  // namespace

interruption::interruption() : raised_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void interruption::raise() { ::eventfd_write(raised_.get(), 1); }

bool interruption::raised() const {
  pollfd look{raised_.get(), POLLIN, 0};
  return ::poll(&look, 1, 0) > 0;
}

interruption::scope::scope(const interruption& i) { of_thread = &i; }
interruption::scope::~scope() { of_thread = nullptr; }

const interruption* interruption::current() { return of_thread; }

}  // namespace assay::sandbox
