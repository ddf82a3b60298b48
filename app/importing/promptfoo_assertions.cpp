#include <algorithm>

#include "app/importing/files.hpp"
#include "app/importing/promptfoo.hpp"
#include "evaluation/judges/assertion.hpp"

namespace assay::importing {

namespace {

using nlohmann::ordered_json;

class reader {
 public:
  reader(const tree& root, const std::string& file, draft& to)
      : root_(root), file_(file), to_(to) {}

  /// The assertion that is meant: it may be one of the file's templates.
  const tree& meant(const tree& stated) const {
    auto ref = stated.find("$ref");
    return ref ? *referenced(ref->text, stated) : stated;
  }

  /// As the judge reads it. Notes what no judge will understand.
  ordered_json read(const tree& stated, bool within_a_set) {
    auto& source = meant(stated);
    auto where = at_line(file_, stated);
    ordered_json out = ordered_json::object();
    for (auto key : {"type", "value", "threshold", "weight", "transform"})
      if (auto found = source.find(key)) out[key] = value_of(*found, where);
    if (auto members = source.find("assert")) {
      out["assert"] = ordered_json::array();
      for (auto& member : members->items) out["assert"].push_back(read(member, true));
    }
    auto type = source.find("type");
    note_unknown(type ? type->text : std::string(), where, within_a_set);
    for (auto key : {"transform", "rubricPrompt"})
      if (source.find(key))
        to_.not_understood(where, "'" + std::string(key) + "' of an assertion is not understood");
    return out;
  }

 private:
  void note_unknown(const std::string& name, const std::string& where, bool within_a_set) {
    auto plain = name.starts_with("not-") ? name.substr(4) : name;
    auto known = evaluation::assertion_types();
    bool by_rule =
        name == "assert-set" || std::find(known.begin(), known.end(), plain) != known.end();
    if (by_rule || (is_model_graded(name) && !within_a_set)) return;
    auto place = is_model_graded(name) ? " within an assert-set" : "";
    to_.not_understood(where, "assertion '" + name + "' is not understood" + place,
                       "samples that pass the others stay unscored");
  }

  /// `#/assertionTemplates/NAME`.
  const tree* referenced(const std::string& path, const tree& otherwise) const {
    constexpr std::string_view before = "#/assertionTemplates/";
    auto templates = root_.find("assertionTemplates");
    if (!templates || !path.starts_with(before)) return &otherwise;
    auto found = templates->find(path.substr(before.size()));
    return found ? found : &otherwise;
  }

  /// A value; that of a file if it names one of texts or JSON.
  ordered_json value_of(const tree& value, const std::string& where) {
    if (value.is != tree::kind::text || !value.text.starts_with("file://")) return value.json();
    auto path = path_beside(value.text, to_.source);
    auto ending = ending_of(path);
    if (ending != ".json" && ending != ".yaml" && ending != ".yml" && ending != ".txt")
      return value.json();
    auto text = read_file(path);
    if (!text) {
      to_.not_understood(where, render(text.error()));
      return value.json();
    }
    if (ending == ".txt") return *text;
    auto parsed = read_yaml(*text, path);
    if (!parsed) to_.not_understood(where, render(parsed.error()));
    return parsed ? parsed->json() : value.json();
  }

  const tree& root_;
  const std::string& file_;
  draft& to_;
};

}  // namespace

stated_assertion read_assertion(const tree& stated, const tree& root, const std::string& file,
                                model_graded& graded, draft& to) {
  reader from(root, file, to);
  stated_assertion out{from.read(stated, false), at_line(file, stated)};
  if (auto provider = from.meant(stated).find("provider"))
    out.grader = graded.grader(*provider, file);
  return out;
}

}  // namespace assay::importing
