#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/paired.hpp"
#include "app/ranking/material.hpp"

namespace assay::ranking {

/// What two tasks must agree in to be a pair, besides dataset, sample and epoch: each of these that
/// is not what is compared, unless every side knows only one.
struct pairing {
  bool model = false;
  bool prompt = false;
  bool mode = false;
};

pairing pairing_of(const material&, subject);

/// `dataset, sample, epoch, prompt`
std::string to_string(const pairing&);

/// A task of one side and its partner on the other, as indices into the rows.
struct match {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
};

/// The pairs of two sides; pairs of one sample are neighbours.
std::vector<match> match_rows(const material&, const side& a, const side& b, const pairing&);

/// One entry a sample that a judge scored on both sides: the means over its pairs.
std::vector<analysis::paired_score> scores_of(const material&, const side& a, const side& b,
                                              std::size_t judge, const std::vector<match>&);

}  // namespace assay::ranking
