#include "config/load.hpp"

#include <array>
#include <cctype>
#include <deque>
#include <filesystem>
#include <map>
#include <set>

#include "config/document.hpp"
#include "config/files.hpp"
#include "config/secrets.hpp"
#include "config/toml.hpp"
#include "messages/known_names.hpp"

namespace assay::config {

namespace {

constexpr std::size_t most_files = 100;
constexpr std::size_t longest_name = 100;

/// The keys of a file; `general_options` are beside them.
constexpr std::array<std::string_view, 12> sections{
    "include", "providers", "models",     "datasets", "prompts", "judges",
    "sandbox", "nodes",     "extraction", "tools",    "mocks",   "experiments"};

bool good_name(std::string_view name) {
  auto allowed = [](unsigned char c) {
    return c >= 0x80 || std::isalnum(c) ||
           std::string_view("_-./:+@").find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(), allowed);
}

/// Reads a file and what it includes into one document.
class loader {
 public:
  loader(const environment& env, const file_reader& files) : in_{problems_, env, files} {}

  /// `path` is the file that `text` came from.
  void read(const std::string& text, const std::string& path) {
    auto file = problems_.add_file(path);
    auto parsed = read_toml(text, file, in_.env, problems_);
    if (!parsed) {
      incomplete_ = true;
      return;
    }
    trees_.push_back(std::move(*parsed));
    auto& root = trees_.back();
    chain_.push_back(path);
    read_general(root);
    read_sections(root);
    if (const auto* include = find(root, "include")) read_includes(include->value, path);
    chain_.pop_back();
  }

  checked<settings> finish() {
    if (problems_.empty() && all_.empty())
      problems_.add({}, "the file declares nothing", "`assay init` writes a file to start from");
    if (!incomplete_) check_references(problems_, all_);
    if (!problems_.empty()) return tl::make_unexpected(problems_.sorted());
    return to_settings(problems_, std::move(all_));
  }

 private:
  void read_general(const node& root) {
    auto known = names(general_options());
    known.insert(known.end(), sections.begin(), sections.end());
    for (const auto& e : root.entries)
      if (std::find(known.begin(), known.end(), e.key) == known.end()) {
        unknown_key(in_, e, "the file", known);
        incomplete_ = incomplete_ || e.value.kind == node_kind::table;
      }
    for (const auto& o : general_options())
      if (const auto* found = find(root, o.name)) read_once(*found, o);
  }

  /// False for what may stand in one of the files only, and stood in another one before.
  bool is_first(const entry& e) {
    auto [first, fresh] = general_places_.emplace(e.key, e.at);
    if (!fresh)
      problems_.add(e.at, e.key + " is set twice", "first at " + problems_.where(first->second));
    return fresh;
  }

  void read_once(const entry& e, const option<general_draft>& o) {
    if (!is_first(e)) return;
    general_draft stated;
    o.read(in_, e.value, stated);
    const auto& file = problems_.path(e.at.file);
    const bool on_server = stated.ledger.find("://") != std::string::npos;
    if (!stated.ledger.empty())
      all_.general.ledger = on_server ? stated.ledger : resolve_path(stated.ledger, file, in_.env);
    if (!stated.report_dir.empty())
      all_.general.report_dir = resolve_path(stated.report_dir, file, in_.env);
  }

  void read_sections(node& root) {
    for (auto& e : root.entries) {
      if (e.key == "providers")
        for (auto& provider : e.value.entries) refuse_keys_in_provider(problems_, provider.value);
      if (e.key == "models") refuse_key_like_texts(problems_, e.value);
    }
    read_section(root, "providers", provider_options(), all_.providers);
    read_section(root, "models", model_options(), all_.models);
    read_section(root, "datasets", dataset_options(), all_.datasets);
    read_section(root, "prompts", prompt_options(), all_.prompts);
    read_section(root, "judges", judge_options(), all_.judges);
    if (const auto* found = find(root, "sandbox"); found && is_first(*found))
      apply(in_, found->value, found->at, "sandbox", sandbox_options(), all_.sandbox);
    if (const auto* found = find(root, "nodes"); found && is_first(*found)) read_nodes(*found);
    if (const auto* found = find(root, "extraction"); found && is_first(*found))
      read_extraction(*found);
    read_section(root, "tools", tool_options(), all_.tools);
    read_section(root, "mocks", mock_options(), all_.mocks);
    read_section(root, "experiments", experiment_options(), all_.experiments);
  }

  void read_nodes(const entry& e) {
    apply(in_, e.value, e.at, "nodes", node_options(), all_.nodes);
    auto& folder = all_.nodes.certificates;
    if (!folder.empty()) folder = resolve_path(folder, problems_.path(e.at.file), in_.env);
  }

  void read_extraction(const entry& e) {
    auto& draft = all_.extraction;
    draft.table = &e.value;
    draft.at = e.at;
    auto before = problems_.count();
    apply(in_, e.value, e.at, "extraction", extraction_options(), draft);
    if (problems_.count() == before) complete(in_, draft);
  }

  template <class Draft>
  void read_section(const node& root, const std::string& section, const options<Draft>& all,
                    std::vector<Draft>& out) {
    const auto* found = find(root, section);
    if (!found) return;
    if (found->value.kind != node_kind::table)
      return mismatch(in_, found->value, section, "tables [" + section + ".NAME]");
    for (const auto& e : found->value.entries) {
      if (e.value.kind != node_kind::table) {
        mismatch(in_, e.value, dotted(section, e.key), "a table",
                 "a name comes first: [" + section + ".NAME]");
      } else if (const auto* rest = rest_of_name(e.value, all)) {
        unknown_key(in_, *rest, section + "." + e.key, names(all));
        incomplete_ = true;
      } else if (check_name(e, section, out)) {
        read_entry(e, section, all, out);
      }
    }
  }

  /// `[models.gpt-4.1]` without quotes is a table `1` in a table `gpt-4`; that one, or null.
  template <class Draft>
  static const entry* rest_of_name(const node& table, const options<Draft>& all) {
    if (table.entries.size() != 1 || table.entries[0].value.kind != node_kind::table)
      return nullptr;
    const auto& only = table.entries[0];
    return known::contains(names(all), only.key) ? nullptr : &only;
  }

  template <class Draft>
  bool check_name(const entry& e, const std::string& section, const std::vector<Draft>& before) {
    if (!good_name(e.key))
      problems_.add(e.at, section + ": " + in_quotes(e.key) + " cannot be a name",
                    "use up to 100 letters, digits and _ - . / : + @");
    for (const auto& d : before) {
      if (d.value.name != e.key) continue;
      problems_.add(e.at, dotted(section, e.key) + " is declared twice",
                    "first at " + problems_.where(d.at));
      return false;
    }
    return true;
  }

  template <class Draft>
  void read_entry(const entry& e, const std::string& section, const options<Draft>& all,
                  std::vector<Draft>& out) {
    Draft d;
    d.value.name = e.key;
    d.table = &e.value;
    d.at = e.at;
    apply(in_, e.value, e.at, dotted(section, e.key), all, d);
    complete(in_, d);
    out.push_back(std::move(d));
  }

  void read_includes(const node& n, const std::string& from) {
    std::vector<std::string> paths;
    take(in_, n, "include", {}, paths);
    incomplete_ = incomplete_ || paths.empty() || known::contains(paths, "");
    for (std::size_t i = 0; i < paths.size(); ++i)
      if (!paths[i].empty())
        include(resolve_path(paths[i], from, in_.env),
                n.kind == node_kind::list ? n.items[i].at : n.at);
  }

  void include(const std::string& path, place at) {
    if (auto begin = std::find(chain_.begin(), chain_.end(), path); begin != chain_.end()) {
      std::string circle;
      for (; begin != chain_.end(); ++begin) circle += *begin + " -> ";
      problems_.add(at, "include: the files include each other: " + circle + path);
      return;
    }
    if (!included_.insert(path).second) return;
    auto text = included_.size() < most_files
                    ? in_.files(path)
                    : fail({}, "more than " + std::to_string(most_files) + " files");
    if (text) return read(*text, path);
    problems_.add(at, "include: " + text.error().what, text.error().fix);
    incomplete_ = true;
  }

  report problems_;
  reading in_;
  document all_;
  std::deque<node> trees_;  ///< drafts point into them
  std::vector<std::string> chain_;
  std::set<std::string> included_;
  std::map<std::string, place> general_places_;
  bool incomplete_ = false;  ///< a file is missing from the picture: names may be declared there
};

}  // namespace

checked<settings> parse(const std::string& text, const std::string& path, const environment& env,
                        const file_reader& files) {
  loader all(env, files);
  all.read(text, std::filesystem::path(path).lexically_normal().string());
  return all.finish();
}

checked<settings> parse(const std::string& text, const std::string& path, const environment& env) {
  return parse(text, path, env, disk());
}

checked<settings> load(const std::string& path, const environment& env) {
  auto files = disk();
  auto text = files(path);
  if (text) return parse(*text, path, env, files);
  return tl::make_unexpected(std::vector{problem{path, text.error().what, text.error().fix}});
}

}  // namespace assay::config
