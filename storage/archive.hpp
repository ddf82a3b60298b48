#pragma once

#include <functional>
#include <string>

#include "storage/archive_format.hpp"

namespace assay::storage {

/// Writes all records of a run (`run_scope`) to a compressed file at `path`, reads it back and
/// compares it with the ledger before it gets its name. What has that name already stays if it
/// holds the same, is replaced if it is an earlier archive of the run, and else is a problem.
///
/// REQUIRES: the run's lock. Memory does not grow with the run, but for the ids of its tasks.
expected<archive_header> write_archive(ledger&, run_id, const std::string& path);

/// Reads an archive from its beginning to its end. A problem, with file and line: it is not one, it
/// is damaged, or its rows are not those that its header announces.
expected<archive_header> read_archive(
    const std::string& path, const std::function<expected<void>(archived_row)>& visit =
                                 [](archived_row) { return expected<void>{}; });

/// The same for the lines of an archive: `next` moves to the next one, `line` gives it, `where`
/// says where it is.
struct archive_lines {
  std::function<bool()> next;
  std::function<std::string_view()> line;
  std::function<std::string()> where;
};
expected<archive_header> read_archive_lines(
    const archive_lines&, const std::function<expected<void>(archived_row)>& visit);

/// What the archive of a run has to say at its beginning.
expected<archive_header> describe_run(ledger&, run_id);

}  // namespace assay::storage
