#pragma once

#include <cstdint>
#include <filesystem>

namespace assay::bench {

/// One run: `samples` sums, `in_flight` at a time, asked of the server on `port`.
struct load {
  std::uint16_t port = 0;
  int samples = 10'000;
  int in_flight = 50;
  bool stream = true;
  double qps = 0;  ///< configured limit; 0: none
  double burst = 1;
};

/// A folder of its own under `parent`, removed in the end.
class scratch_folder {
 public:
  explicit scratch_folder(const std::filesystem::path& parent);
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Writes the dataset and the experiment file into the folder; the path of the latter.
std::filesystem::path write_experiment(const std::filesystem::path& folder, const load&);

}  // namespace assay::bench
