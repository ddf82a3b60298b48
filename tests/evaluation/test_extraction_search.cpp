// Which passages are found for a field, and which of them a call shows.

#include <doctest/doctest.h>

#include <limits>

#include "evaluation/extraction/field_search.hpp"

using namespace assay;
using namespace assay::evaluation;

namespace {

using indices = std::vector<std::size_t>;

template_field named(std::string name, std::string description = {}) {
  template_field field;
  field.name = std::move(name);
  field.description = std::move(description);
  return field;
}

corpus corpus_of(const std::vector<std::string>& texts) {
  document_set set;
  for (std::size_t i = 0; i < texts.size(); ++i)
    set.documents.push_back({"d" + std::to_string(i), texts[i]});
  return corpus::make(std::move(set), {});
}

}  // namespace

TEST_CASE("rankings are fused by the sum of 1 / (60 + rank)") {
  auto fused = fuse({{7, 3, 5}, {3, 9}}, 10);
  REQUIRE(fused.size() == 4);
  CHECK(fused[0].index == 3);
  CHECK(fused[0].score == doctest::Approx(1 / 62.0 + 1 / 61.0));
  CHECK(fused[1].index == 7);
  CHECK(fused[1].score == doctest::Approx(1 / 61.0));
  CHECK(fused[2].index == 9);
  CHECK(fused[3].index == 5);
  CHECK(fuse({{7, 3, 5}, {3, 9}}, 2).size() == 2);
  CHECK(fuse({}, 5).empty());
  auto equal = fuse({{2}, {1}}, 2);
  CHECK(equal[0].index == 1);
}

TEST_CASE("vectors are near by their direction, whatever their length") {
  std::vector<std::vector<float>> vectors{{0, 1}, {9, 1}, {1, 1}, {0, 0}, {-1, 0}, {1, 0, 0}};
  CHECK(nearest_vectors({1, 0}, vectors, 3) == indices{1, 2, 0});
  CHECK(nearest_vectors({1, 0}, vectors, 9) == indices{1, 2, 0, 4, 3, 5});
  constexpr auto infinite = std::numeric_limits<float>::infinity();
  CHECK(nearest_vectors({1, 0}, {{infinite, 1}, {0, 1}, {1, 0}}, 3) == indices{2, 1, 0});
}

TEST_CASE("a field is searched by its name in words, its description and its values") {
  auto field = named("net-revenue_total", "money earned");
  field.values = {"low", "high"};
  CHECK(query_of(field) == "net revenue total. money earned low high");
}

TEST_CASE("a call shows the best passages of its fields, each once, the most useful first") {
  extraction_template what{
      "t", "", {named("alpha"), named("beta"), named("gamma"), named("omega")}};
  auto from = corpus_of({"gamma ray", "alpha and beta", "beta max, beta min", "delta"});
  field_search search(what, from);
  CHECK(search.passages_for({0}, 3) == indices{1});
  CHECK(search.passages_for({0, 1}, 1) == indices{1, 2});
  CHECK(search.passages_for({0, 1}, 2) == indices{1, 2});
  CHECK(search.passages_for({0, 1, 2}, 2) == indices{1, 0, 2});
  CHECK(search.ranking(1) == indices{2, 1, 0, 3});
}

TEST_CASE("a call for fields that nothing speaks for shows the first passages") {
  extraction_template what{"t", "", {named("omega")}};
  auto from = corpus_of({"one", "two", "three"});
  CHECK(field_search(what, from).passages_for({0}, 2) == indices{0, 1});
  CHECK(field_search(what, from).passages_for({0}, 9) == indices{0, 1, 2});
}

TEST_CASE("vectors find what shares no word, and both rankings count") {
  extraction_template what{"t", "", {named("turnover")}};
  auto from = corpus_of({"staff turnover", "sales of the year", "weather"});
  field_search search(what, from);
  CHECK(search.passages_for({0}, 2) == indices{0});
  search.add_vectors({{1, 0}}, {{0.5F, 0.5F}, {1, 0}, {0, 1}});
  CHECK(search.passages_for({0}, 2) == indices{0, 1});
}
