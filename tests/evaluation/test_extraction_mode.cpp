// Samples of the mode extraction.

#include "tests/evaluation/extraction_desk.hpp"
#include "tests/folder.hpp"

using namespace assay;
using namespace assay::tests;

// -- the mode -------------------------------------------------------------------------------------

namespace {

/// An experiment of the mode in a folder of its own.
struct experiment_folder {
  tests::folder in;
  settings all;
  experiment_settings experiment;

  explicit experiment_folder(const std::string& rows) {
    in.write("data/rows.jsonl", rows);
    in.write("data/docs/a.txt", "field1: value 1");
    dataset_settings data;
    data.name = "d";
    data.path = (in.path / "data/rows.jsonl").string();
    data.fields.input = "q";
    all.datasets = {data};
    experiment.datasets = {"d"};
    experiment.mode = "extraction";
  }

  checked<procedure_maker_ptr> make() const {
    return make_extraction(all, experiment, [this](const std::string& path) { return read(path); });
  }

  checked<extraction_template> read(const std::string& path) const {
    extraction_template what{"form", "", {field("field1")}};
    if (path == (in.path / "data/form.toml").string()) return what;
    what.fields[0].pattern = "a(";
    what.fields[0].pattern_at = "bad.toml:3:1";
    if (path.ends_with("bad.toml")) return what;
    return tl::make_unexpected(std::vector<problem>{{path, "cannot be read", {}}});
  }
};

record asked(const std::string& template_path, const std::string& documents,
             const std::string& input = "q") {
  record r;
  r.asked.where.dataset = "d";
  r.asked.where.model = "m";
  r.asked.item.id = "7";
  r.asked.item.input = input;
  r.asked.item.fields = {{"template", template_path}};
  if (!documents.empty()) r.asked.item.fields.emplace_back("documents", documents);
  return r;
}

}  // namespace

TEST_CASE("a sample names its template and documents by paths from its dataset's file") {
  experiment_folder e(R"({"q": "q", "template": "form.toml", "documents": "docs"})");
  auto maker = e.make();
  REQUIRE(maker);
  CHECK((*maker)->blocks() == 0);
  auto r = asked("form.toml", "docs");
  r.asked.request.messages = {{role::system, "Be exact."}, {role::user, "q"}};
  auto calls = (*maker)->make(r)->begin();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].model == "m");
  CHECK(calls[0].request.messages[0].content.starts_with("Be exact.\n\n"));
  CHECK(passage_with(calls[0], "field1: value 1") == 1);
}

TEST_CASE("the input of a sample that names no documents is the document") {
  experiment_folder e(R"({"q": "field1 is here", "template": "form.toml"})");
  auto maker = e.make();
  REQUIRE(maker);
  auto calls = (*maker)->make(asked("form.toml", "", "field1 is here"))->begin();
  CHECK(passage_with(calls.at(0), "field1 is here") == 1);
}

TEST_CASE("all problems of an experiment's templates and documents come in one go") {
  experiment_folder e(
      R"({"q": "q", "template": "form.toml", "documents": "nowhere"}
{"q": "q", "template": "bad.toml", "documents": "docs"}
{"q": "q", "template": "bad.toml", "documents": "docs"}
{"q": "q", "template": "none.toml", "documents": "docs"}
{"q": "q"}
)");
  auto maker = e.make();
  REQUIRE_FALSE(maker);
  auto at = (e.in.path / "data").string() + "/";
  REQUIRE(maker.error().size() == 4);
  CHECK(render(maker.error()[0]) == at + "nowhere: there is no such folder or file");
  CHECK(render(maker.error()[1]).starts_with("bad.toml:3:1: the pattern 'a(' does not compile"));
  CHECK(render(maker.error()[2]) == at + "none.toml: cannot be read");
  CHECK(render(maker.error()[3]) ==
        at + "rows.jsonl: sample 5 has no field `template` (extraction fills the template whose "
             "path stands there)");
}
