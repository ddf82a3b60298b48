#include "config/report.hpp"

#include <algorithm>

namespace assay::config {

std::uint32_t report::add_file(std::string path) {
  files_.push_back(std::move(path));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void report::add(place at, std::string what, std::string fix) {
  found_.emplace_back(at, problem{where(at), std::move(what), std::move(fix)});
}

std::string report::where(place at) const {
  return files_[at.file] + ':' + std::to_string(at.line) + ':' + std::to_string(at.column);
}

std::vector<problem> report::sorted() const {
  auto in_order = found_;
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<problem> out;
  for (auto& [at, found] : in_order)
    if (out.empty() || out.back() != found) out.push_back(std::move(found));
  return out;
}

}  // namespace assay::config
