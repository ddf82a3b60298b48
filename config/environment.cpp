#include "config/environment.hpp"

#include <cstdlib>

#include "config/secrets.hpp"
#include "config/text.hpp"

namespace assay::config {

namespace {

/// Appends the value of a variable.
bool append(const std::string& name, const environment& env, report& problems, place at,
            std::string& filled) {
  auto value = env(name);
  if (!value) {
    problems.add(at, "environment variable " + name + " is not set",
                 "set it before the start: export " + name + "=...");
  } else if (bad_character(*value)) {
    problems.add(at, "environment variable " + name + " is not UTF-8 text");
  } else {
    filled += *value;
    return true;
  }
  return false;
}

}  // namespace

environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (!value) return std::nullopt;
    return value;
  };
}

bool fill_in(std::string_view raw, const environment& env, report& problems, place at,
             std::string& filled) {
  bool good = true;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    auto rest = raw.substr(i);
    if (rest.starts_with("$$")) {
      filled += '$';
      ++i;
    } else if (rest.starts_with("${")) {
      auto end = rest.find('}');
      if (end == std::string_view::npos || !variable_name(rest.substr(2, end - 2))) {
        problems.add(at, "${ is not followed by the name of an environment variable and }",
                     "write ${NAME}, or $${ for the two characters themselves");
        return false;
      }
      good = append(std::string(rest.substr(2, end - 2)), env, problems, at, filled) && good;
      i += end;
    } else {
      filled += raw[i];
    }
  }
  return good;
}

}  // namespace assay::config
