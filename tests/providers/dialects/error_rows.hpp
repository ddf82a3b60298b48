#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "play.hpp"

/// Rows of the formats' error tables.
namespace assay::tests {

using enum error_class;

/// An answer of the API and the class it has to get.
struct row {
  std::string_view dialect;
  int status;
  std::string_view body;
  error_class kind;
};

inline void check(std::span<const row> rows) {
  for (const auto& row : rows) {
    CAPTURE(row.dialect);
    CAPTURE(row.status);
    CAPTURE(row.body);
    auto r = play(row.dialect, json_of(std::string(row.body), row.status));
    CHECK_MESSAGE(r.tried.error.kind == row.kind,
                  "got " << to_string(r.tried.error.kind) << ", expected " << to_string(row.kind));
    CHECK(r.tried.http_status == row.status);
    CHECK(r.reply.text == "");
  }
}

inline api_error error_of(std::string_view dialect, int status, std::string_view body,
                          header_list headers = {}) {
  return play(dialect, wire{status, std::move(headers), std::string(body)}).tried.error;
}

}  // namespace assay::tests
