#pragma once

#include <string>
#include <vector>

#include "bench/limits/table.hpp"

namespace assay::bench {

/// A server that already runs, with a bucket that we know.
struct outside_server {
  std::string url;  ///< `http://HOST:PORT/v1`; empty: none
  double per_second = 0;
  double burst = 1;
  double latency_s = 0;
};

/// A few of the limiters over real HTTP: the code of `assay run` from an experiment file to the
/// ledger, against `assay mock` in a process of its own (`assay_program`), and against the server
/// outside. Each row is followed by the same load in virtual time: the goal is its ratio + 0.01.
/// `only` as for the table: part of a name, or a shape. Takes about half a minute a row. Ends the
/// program with a message if it cannot.
std::vector<row> measure_over_http(const std::string& assay_program, const outside_server&,
                                   const std::string& only);

}  // namespace assay::bench
