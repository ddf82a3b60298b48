#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>

namespace assay::bench {

/// `assay mock FILE` in a process of its own, from construction to destruction.
class mock_process {
 public:
  /// Ends this program with a message if the mock does not come up.
  mock_process(const std::string& assay_program, const std::filesystem::path& file);
  ~mock_process();
  mock_process(const mock_process&) = delete;
  mock_process& operator=(const mock_process&) = delete;

  /// `http://127.0.0.1:PORT` of the mock with this name.
  const std::string& url(const std::string& name) const { return urls_.at(name); }

 private:
  pid_t child_ = -1;
  std::map<std::string, std::string> urls_;
};

}  // namespace assay::bench
