#include "evaluation/sandbox/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/mman.h>

namespace assay::sandbox {

int memory_file(std::string_view content) {
  file_descriptor file(::memfd_create("assay", MFD_CLOEXEC));
  while (file && !content.empty()) {
    auto written = ::write(file.get(), content.data(), content.size());
    if (written <= 0) return -1;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file) ::lseek(file.get(), 0, SEEK_SET);
  return file.release();
}

pipe_ends make_pipe() {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  return {file_descriptor(ends[0]), file_descriptor(ends[1])};
}

}  // namespace assay::sandbox
