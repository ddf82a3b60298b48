#include "app/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <mutex>

namespace assay::app {

namespace {

/// Standard error, shared with the progress display.
class console_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void redirect(std::function<void(const std::string&)> print) {
    std::lock_guard<std::mutex> hold(mutex_);
    print_ = std::move(print);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    std::string line(text.data(), text.size());
    if (print_)
      print_(line);
    else
      std::fwrite(line.data(), 1, line.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }

 private:
  std::function<void(const std::string&)> print_;
};

std::shared_ptr<console_sink> console() {
  static auto sink = std::make_shared<console_sink>();
  return sink;
}

}  // namespace

expected<void> start_logging(const std::string& level, const std::string& file) {
  auto chosen = spdlog::level::from_str(level);
  if (chosen == spdlog::level::off && level != "off")
    return fail("--log-level", "'" + level + "' is not a level",
                "use trace, debug, info, warn, error or off");
  spdlog::sink_ptr sink = console();
  if (!file.empty()) {
    try {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    } catch (const spdlog::spdlog_ex& e) {
      return fail("--log-file " + file, e.what());
    }
  }
  auto logger = std::make_shared<spdlog::logger>("assay", sink);
  logger->set_level(chosen);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
  return {};
}

void redirect_log(std::function<void(const std::string& line)> print) {
  console()->redirect(std::move(print));
}

}  // namespace assay::app
