#include "providers/transport/readiness.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace assay::transport {

namespace {

constexpr std::size_t batch = 512;

int tell_kernel(int epoll, int operation, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(epoll, operation, fd, &event);
}

int checked_fd(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return fd;
}

}  // namespace

readiness::readiness()
    : epoll_(checked_fd(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wakeup_(checked_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  tell_kernel(epoll_, EPOLL_CTL_ADD, wakeup_, EPOLLIN);
}

readiness::~readiness() {
  ::close(wakeup_);
  ::close(epoll_);
}

readiness::interest& readiness::of(int fd) {
  auto index = static_cast<std::size_t>(fd);
  if (index >= interests_.size()) interests_.resize(index + 64);
  return interests_[index];
}

void readiness::opened(int fd) { of(fd) = {.ours = true}; }

void readiness::want(int fd, bool in, bool out) {
  auto& its = of(fd);
  its.wanted = (in ? std::uint32_t{EPOLLIN} : 0u) | (out ? std::uint32_t{EPOLLOUT} : 0u);
  if (its.wanted == its.armed) return;
  if (its.wanted != 0 || !its.ours) arm(fd, its, its.wanted);
}

void readiness::arm(int fd, interest& its, std::uint32_t events) {
  if (events == 0) {
    tell_kernel(epoll_, EPOLL_CTL_DEL, fd, 0);
  } else if (its.armed == 0 || tell_kernel(epoll_, EPOLL_CTL_MOD, fd, events) != 0) {
    if (tell_kernel(epoll_, EPOLL_CTL_ADD, fd, events) != 0 && errno == EEXIST)
      tell_kernel(epoll_, EPOLL_CTL_MOD, fd, events);
  }
  its.armed = events;
}

int readiness::close(int fd) {
  of(fd) = {};
  return ::close(fd);
}

void readiness::wait(milliseconds timeout) {
  std::array<epoll_event, batch> events;
  ready_.clear();
  int n = epoll_wait(epoll_, events.data(), batch, static_cast<int>(timeout.count()));
  for (int i = 0; i < n; ++i) {
    int fd = events[i].data.fd;
    if (fd == wakeup_) {
      eventfd_t count;
      eventfd_read(wakeup_, &count);
    } else if (auto& its = of(fd); its.wanted == 0) {
      arm(fd, its, 0);
    } else {
      auto what = events[i].events;
      ready_.push_back({fd, (what & (EPOLLIN | EPOLLHUP | EPOLLRDHUP)) != 0, (what & EPOLLOUT) != 0,
                        (what & (EPOLLERR | EPOLLHUP)) != 0});
    }
  }
}

void readiness::wake() { eventfd_write(wakeup_, 1); }

}  // namespace assay::transport
