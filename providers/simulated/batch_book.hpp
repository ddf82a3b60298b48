#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "providers/simulated/route.hpp"
#include "providers/simulated/wire.hpp"

namespace assay::simulated {

/// What a request of a batch comes to.
struct item_answer {
  int status = 200;
  std::string body;  ///< JSON, as a single call gets it
  bool expired = false;
};

/// The files and batches of a simulated account, in OpenAI's and in Anthropic's words. A batch ends
/// so long after its creation as the settings say; its requests are answered when its results are
/// first fetched.
class batch_book {
 public:
  struct response {
    std::string body;
    std::string content_type = "application/json";
    std::uint32_t created_items = 0;  ///< requests of the batch that was just created
  };
  using answerer = std::function<item_answer(std::string_view body)>;

  explicit batch_book(mock_batch habits) : habits_(habits) {}

  /// REQUIRES: `where.kind` is one of the batch endpoints. `unix_s`: `now` on the calendar.
  tl::expected<response, rejection> handle(const route& where, std::string_view method,
                                           const header_list&, std::string_view body, instant now,
                                           std::int64_t unix_s, const answerer&);

 private:
  struct item {
    std::string custom_id;
    std::string body;
  };
  struct batch {
    std::string id;
    bool anthropic = false;
    instant ends{};
    std::int64_t created_unix_s = 0;
    std::string input_file;
    std::string metadata = "{}";
    std::string trouble;  ///< OpenAI: why it failed at once
    std::vector<item> items;
    bool answered = false;
    std::string output;  ///< result lines
    std::string errors;  ///< OpenAI: those of requests that failed
    std::size_t succeeded = 0, errored = 0, expired = 0;
  };
  using result = tl::expected<response, rejection>;

  result take_file(const header_list&, std::string_view body);
  result create_openai(std::string_view body, instant now, std::int64_t unix_s);
  result create_anthropic(std::string_view body, instant now, std::int64_t unix_s);
  result content_of_file(const std::string& id, instant now, const answerer&);
  result page(const route&, instant now, const answerer&);
  batch& add(bool anthropic, instant now, std::int64_t unix_s);
  batch* find(const std::string& id, bool anthropic);
  void settle(batch&, instant now, const answerer&);
  static void add_line(batch&, const item&, const item_answer&);
  static std::string describe(const batch&, instant now);
  static std::string read_lines(std::string_view file, std::vector<item>& into);

  mock_batch habits_;
  std::map<std::string, std::string> files_;
  std::vector<batch> batches_;  ///< oldest first
};

}  // namespace assay::simulated
