#include "app/demo/folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>

#include "app/demo/experiment_file.hpp"
#include "app/nodes/networking.hpp"
#include "remoting/certificates.hpp"

namespace assay::demo {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::days valid{365};

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

expected<void> write(const fs::path& path, const std::string& text, bool is_private) {
  const auto file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                           is_private ? S_IRUSR | S_IWUSR : 0666);
  auto whole =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  auto why = errno;
  if (file >= 0) whole = ::close(file) == 0 && whole;
  if (whole) return {};
  return fail(path, std::string("cannot be written: ") + std::strerror(why),
              "choose another --output-dir");
}

}  // namespace

fs::path folder::experiment() const { return top / experiment_file; }

expected<void> fill(const folder& where, const wishes& w) {
  std::error_code error;
  fs::create_directories(where.of_mode(), error);
  if (error)
    return fail(where.of_mode(), "cannot be made: " + error.message(),
                "choose another --output-dir");
  for (const auto& [name, text] : files_of(w)) {
    const auto path = where.top / name;
    if (!fs::exists(path, error)) {
      if (auto written = write(path, text, name == key_file); !written) return written;
    } else if (text_of(path) != text) {
      return fail(path, "is of another demo, or has been changed",
                  "choose another --output-dir; `assay run` runs a changed " +
                      std::string(experiment_file));
    }
  }
  return {};
}

expected<void> make_certificates(const folder& where, const std::vector<std::string>& nodes) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto certs = where.certificates();
  if (!fs::exists(certs / "ca.pem"))
    if (auto made = remoting::init_authority(certs, valid, now); !made)
      return tl::make_unexpected(made.error());
  auto names = nodes;
  names.emplace_back(app::coordinator_name);
  for (const auto& name : names) {
    if (fs::exists(remoting::credentials_in(certs, name).certificate)) continue;
    if (auto made = remoting::issue_certificate(certs, name, valid, now); !made)
      return tl::make_unexpected(made.error());
  }
  return {};
}

}  // namespace assay::demo
