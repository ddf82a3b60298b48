#include "providers/dialects/sse.hpp"

namespace assay::dialects {

void sse_parser::field(std::string_view line) {
  auto colon = line.find(':');
  auto name = line.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (name == "data") {
    add_data(value);
  } else if (name == "event") {
    name_.clear();
    keep(name_, value);
  }
}

void sse_parser::add_data(std::string_view value) {
  if (!has_data_) {
    has_data_ = true;
    view_ = value.data() ? value : std::string_view("");
    if (value.size() > max_event) overflow_ = true;
    return;
  }
  settle();
  keep(data_, "\n");
  keep(data_, value);
}

void sse_parser::settle() {
  if (!view_.data()) return;
  auto view = view_;
  view_ = {};
  keep(data_, view);
}

void sse_parser::keep(std::string& where, std::string_view bytes) {
  if (where.size() + bytes.size() > max_event)
    overflow_ = true;
  else
    where.append(bytes);
}

}  // namespace assay::dialects
