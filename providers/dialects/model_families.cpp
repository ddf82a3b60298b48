#include "providers/dialects/model_families.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace assay::dialects {

namespace {

/// All models called `prefix` + version, from a version on.
struct family {
  std::string_view prefix;
  int major;
  int minor;
};

constexpr std::array openai_reasoning{family{"o", 1, 0}, family{"gpt-", 5, 0}};
constexpr std::array anthropic_without_sampling{family{"claude-opus-", 4, 7}};

// Names that look like one of the family and are not: gpt-3.5 at Azure, the chat variants of gpt-5.
constexpr std::array<std::string_view, 2> openai_exceptions{"gpt-35", "-chat"};

std::string_view bare(std::string_view model) {
  if (auto slash = model.rfind('/'); slash != std::string_view::npos)
    model.remove_prefix(slash + 1);
  if (model.starts_with("ft:")) model.remove_prefix(3);
  return model;
}

/// The number that `text` begins with, which is cut off; -1 if there is none. More than three
/// digits are a date, not a version.
int number_at(std::string_view& text) {
  auto length = std::min(text.find_first_not_of("0123456789"), text.size());
  if (length == 0 || length > 3) return -1;
  int value = 0;
  std::from_chars(text.data(), text.data() + length, value);
  text.remove_prefix(length);
  return value;
}

bool belongs(std::string_view model, const family& f) {
  if (!model.starts_with(f.prefix)) return false;
  model.remove_prefix(f.prefix.size());
  int major = number_at(model);
  bool more = model.starts_with('.') || model.starts_with('-');
  if (more) model.remove_prefix(1);
  int minor = more ? std::max(0, number_at(model)) : 0;
  return major > f.major || (major == f.major && minor >= f.minor);
}

bool belongs(std::string_view model, std::span<const family> families) {
  return std::any_of(families.begin(), families.end(),
                     [&](const family& f) { return belongs(model, f); });
}

}  // namespace

bool is_openai_reasoning(std::string_view model) {
  model = bare(model);
  bool exception = std::any_of(
      openai_exceptions.begin(), openai_exceptions.end(),
      [&](std::string_view part) { return model.find(part) != std::string_view::npos; });
  return !exception && belongs(model, openai_reasoning);
}

bool is_anthropic_without_sampling(std::string_view model) {
  return belongs(bare(model), anthropic_without_sampling);
}

}  // namespace assay::dialects
