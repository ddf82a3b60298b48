#include "app/mock/line_file.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace assay::app {

line_file::~line_file() {
  if (file_ >= 0) ::close(file_);
}

expected<void> line_file::open(const std::string& path) {
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) return fail(path, std::string("cannot be written: ") + std::strerror(errno));
  return {};
}

void line_file::add(std::string line) {
  line += '\n';
  const auto written = ::write(file_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size()) || failed_) return;
  failed_ = true;
  spdlog::error("truth_log_failed error=\"{}\"", std::strerror(errno));
}

}  // namespace assay::app
