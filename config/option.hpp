#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/values.hpp"

/// Tables of options. An option is declared once, with all that is known about it: the reader, the
/// messages about wrong values and docs/configuration.md come from that declaration.
namespace assay::config {

/// One key of a table that is read into a `Draft`.
template <class Draft>
struct option {
  std::string name;
  std::string type;      ///< what is expected, with the range
  std::string fallback;  ///< the default; empty for none
  std::string help;
  std::function<void(reading&, const node&, Draft&)> read;
  std::vector<option> inner;  ///< a table within the table; `read` is then not used
  bool required = false;
};

template <class Draft>
using options = std::vector<option<Draft>>;

/// An option whose type, reader and default follow from the field that `at` gives.
template <class Draft, class Access>
option<Draft> field(std::string name, Access at, std::string help, rule r = {}) {
  using value = std::remove_cvref_t<decltype(at(std::declval<Draft&>()))>;
  if constexpr (std::unsigned_integral<value>)
    if (!std::isfinite(r.min)) r.min = 0;
  Draft blank{};
  auto read = [name, at, r](reading& in, const node& n, Draft& d) { take(in, n, name, r, at(d)); };
  return {name, phrase<value>(r), show(at(blank)), std::move(help), std::move(read), {}, false};
}

/// An option whose text is one of a list of names.
template <class Draft, class Access, class List>
option<Draft> named(std::string name, Access at, const List& names, std::string help) {
  Draft blank{};
  std::vector<std::string_view> known(names.begin(), names.end());
  auto read = [name, at, known](reading& in, const node& n, Draft& d) {
    if (auto index = take_name(in, n, name, known)) at(d) = std::string(known[*index]);
  };
  auto type = one_of(known.data(), known.data() + known.size());
  return {name, type, show(at(blank)), std::move(help), std::move(read), {}, false};
}

/// An option that is read in its own way.
template <class Draft, class Read>
option<Draft> special(std::string name, std::string type, std::string help, Read read) {
  return {std::move(name), std::move(type), {}, std::move(help), std::move(read), {}, false};
}

/// A table within the table.
template <class Draft>
option<Draft> group(std::string name, std::string help, options<Draft> inner) {
  return {std::move(name), "a table", {}, std::move(help), {}, std::move(inner), false};
}

template <class Draft>
option<Draft> required(option<Draft> o) {
  o.required = true;
  return o;
}

template <class Draft>
std::vector<std::string_view> names(const options<Draft>& known) {
  std::vector<std::string_view> out;
  for (const auto& o : known) out.push_back(o.name);
  return out;
}

/// Reads the table `n` (called `section` in messages, declared at `at`) into the draft, in the
/// order of the options. Reports unknown keys, wrong values and missing keys.
template <class Draft>
void apply(reading& in, const node& n, place at, const std::string& section,
           const options<Draft>& known, Draft& draft) {
  if (n.kind != node_kind::table) return mismatch(in, n, section, "a table");
  for (const auto& o : known) {
    const auto* found = find(n, o.name);
    if (found && !o.inner.empty()) {
      apply(in, found->value, found->at, section + "." + o.name, o.inner, draft);
    } else if (found) {
      o.read(in, found->value, draft);
    } else if (o.required) {
      in.problems.add(at, section + ": " + o.name + " is missing, expected " + o.type);
    }
  }
  for (const auto& e : n.entries) {
    auto same = [&](const option<Draft>& o) { return o.name == e.key; };
    if (std::none_of(known.begin(), known.end(), same)) unknown_key(in, e, section, names(known));
  }
}

}  // namespace assay::config
