#include "storage/history.hpp"

#include "storage/columns.hpp"

namespace assay::storage {

expected<std::vector<past_exchange>> newest_exchanges(connection& db, std::size_t most) {
  // The order of the primary key: nothing is sorted.
  statement line(db,
                 "SELECT a.provider, c.model, a.error_class, t.input_tokens, a.input_tokens, "
                 "a.output_tokens, a.first_content_ns, a.sent_ns, a.done_ns FROM attempts a "
                 "CROSS JOIN tasks t ON t.id = a.task CROSS JOIN cells c ON c.id = a.cell "
                 "WHERE a.sent_ns > 0 AND a.done_ns >= a.sent_ns AND a.items = 1 "
                 "AND a.batched = 0 "
                 "ORDER BY a.run DESC, a.task DESC LIMIT ?",
                 use::stream);
  std::vector<past_exchange> rows;
  line.start(most);
  while (line.step()) {
    past_exchange row;
    row.provider = line.text(0);
    row.model = line.text(1);
    row.kind = stored_error_class(db, line.integer(2));
    row.estimated_input_tokens = static_cast<double>(line.integer(3));
    row.input_tokens = static_cast<double>(line.integer(4));
    row.output_tokens = static_cast<double>(line.integer(5));
    auto sent = line.integer(7);
    row.total_s = static_cast<double>(line.integer(8) - sent) / 1e9;
    auto first = line.integer(6);
    row.first_content_s = first >= sent ? static_cast<double>(first - sent) / 1e9 : row.total_s;
    rows.push_back(std::move(row));
  }
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return rows;
}

expected<std::vector<past_sample>> newest_samples(connection& db, std::size_t most) {
  // Steps lie in the order of their parents: nothing is sorted.
  statement line(db,
                 "SELECT c.dataset, c.model, c.mode, count(*) FROM steps s "
                 "CROSS JOIN cells c ON c.id = s.cell CROSS JOIN outcomes o ON o.task = s.parent "
                 "WHERE c.mode <> 'judge' AND o.status = 0 "
                 "GROUP BY s.parent, c.dataset, c.model, c.mode ORDER BY s.parent DESC LIMIT ?");
  std::vector<past_sample> rows;
  line.start(most);
  while (line.step())
    rows.push_back({std::string(line.text(0)), std::string(line.text(1)), std::string(line.text(2)),
                    static_cast<int>(line.integer(3))});
  if (auto read = db.result(); !read) return tl::make_unexpected(read.error());
  return rows;
}

}  // namespace assay::storage
