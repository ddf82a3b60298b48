#include "app/compare/sides.hpp"

#include <algorithm>
#include <map>

#include "app/report/setup.hpp"

namespace assay::compare {

namespace {

/// Fills the material row by row.
class gatherer {
 public:
  gatherer(material& into, subject what) : into_(into), rows_(into, what) {}

  void begin(const storage::run_info& run) { rows_.begin(run); }

  void add(const storage::score_row& in) {
    const auto side = rows_.add(in);
    if (into_.names.size() <= side) into_.names.resize(side + 1);
    into_.names[side].push_back({in.key, in.sample_id, tag_list_number(in.tags)});
  }

 private:
  std::uint32_t tag_list_number(const std::vector<std::string>& tags) {
    auto [at, added] = tag_lists_.try_emplace(tags, into_.tag_lists.size());
    if (added) into_.tag_lists.push_back(tags);
    return at->second;
  }

  material& into_;
  ranking::gatherer rows_;
  std::map<std::vector<std::string>, std::uint32_t> tag_lists_;
};

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "none" : list;
}

void add_new(std::vector<std::string>& to, std::string name) {
  if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(std::move(name));
}

/// The judges that left verdicts, in any of the runs.
expected<std::vector<std::string>> judges_with_verdicts(const std::vector<source>& sources) {
  std::vector<std::string> judges;
  for (const auto& from : sources) {
    auto names = from.ledger->judges_of(from.run.id);
    if (!names) return tl::make_unexpected(names.error());
    for (auto& name : *names) add_new(judges, std::move(name));
  }
  return judges;
}

/// The judges of the runs' own setups: a task may have verdicts that another run wanted.
expected<std::vector<std::string>> judges_of_setups(const std::vector<source>& sources) {
  std::vector<std::string> judges;
  for (const auto& from : sources) {
    auto made_with = report::setup_from_json(from.run.setup_json);
    if (!made_with) return tl::make_unexpected(made_with.error());
    for (auto& judge : made_with->judges) add_new(judges, std::move(judge.name));
  }
  return judges;
}

expected<std::vector<std::string>> choose_judges(const std::vector<source>& sources,
                                                 std::vector<std::string> wanted) {
  auto known = judges_with_verdicts(sources);
  if (!known) return known;
  if (known->empty())
    return fail({}, "these runs have no verdicts", "name a judge in the experiment and run it");
  for (const auto& name : wanted)
    if (std::find(known->begin(), known->end(), name) == known->end())
      return fail("--judge", "no verdicts of `" + name + "`", "there are: " + listed(*known));
  if (!wanted.empty()) return wanted;
  auto own = judges_of_setups(sources);
  return own && own->empty() ? std::move(known) : std::move(own);
}

/// Sides of one name are told apart by their run.
void tell_apart(std::vector<side>& sides) {
  std::map<std::string, int> times;
  for (const auto& s : sides) ++times[s.name];
  for (auto& s : sides)
    if (times[s.name] > 1) s.name += " (run " + std::to_string(s.run) + ")";
}

problem one_side_only(const material& read, subject what) {
  if (what == subject::run)
    return {{}, "one run alone compares with nothing", "name another, or `--by model|prompt`"};
  const char* kind = what == subject::model ? "model" : "prompt";
  return {"--by",
          std::string("there is but one ") + kind +
              (read.sides.empty() ? "" : ", `" + read.sides.front().name + "`"),
          "name another run, or compare by something else"};
}

}  // namespace

expected<material> gather(const std::vector<source>& sources, subject what,
                          std::vector<std::string> judges) {
  material result;
  auto chosen = choose_judges(sources, std::move(judges));
  if (!chosen) return tl::make_unexpected(chosen.error());
  result.judges = std::move(*chosen);
  gatherer rows(result, what);
  for (const auto& from : sources) {
    rows.begin(from.run);
    auto read = from.ledger->score_rows(from.run.id, result.judges,
                                        [&](const storage::score_row& row) { rows.add(row); });
    if (!read) return tl::make_unexpected(read.error());
  }
  result.names.resize(result.sides.size());
  if (result.sides.size() < 2) return tl::make_unexpected(one_side_only(result, what));
  tell_apart(result.sides);
  return result;
}

}  // namespace assay::compare
