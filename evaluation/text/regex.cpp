#define PCRE2_CODE_UNIT_WIDTH 8
#include "evaluation/text/regex.hpp"

#include <pcre2.h>

#include <vector>

namespace assay::evaluation {

namespace {

/// More groups than this in one pattern are refused, so that one block of offsets serves all.
constexpr unsigned max_groups = 63;
constexpr std::uint32_t match_limit = 1'000'000;
constexpr std::uint32_t heap_limit_kib = 16 * 1024;
constexpr std::size_t jit_stack_bytes = 16 * 1024 * 1024;  // reserved, not used unless needed
constexpr std::size_t max_pattern_bytes = 64 * 1024;

/// What a thread needs to match; none of it belongs to a pattern.
class match_space {
 public:
  match_space()
      : data(pcre2_match_data_create(max_groups + 1, nullptr)),
        context(pcre2_match_context_create(nullptr)),
        stack_(pcre2_jit_stack_create(32 * 1024, jit_stack_bytes, nullptr)) {
    pcre2_set_match_limit(context, match_limit);
    pcre2_set_heap_limit(context, heap_limit_kib);
    pcre2_jit_stack_assign(context, nullptr, stack_);
  }
  match_space(const match_space&) = delete;
  match_space& operator=(const match_space&) = delete;
  ~match_space() {
    pcre2_jit_stack_free(stack_);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
  }

  pcre2_match_data* data;
  pcre2_match_context* context;

 private:
  pcre2_jit_stack* stack_;
};

match_space& this_thread() {
  thread_local match_space space;
  return space;
}

/// Python's `\Z` is PCRE2's `\z`.
std::string from_python(std::string_view pattern) {
  std::string out;
  out.reserve(pattern.size());
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    out += pattern[i];
    if (pattern[i] != '\\' || i + 1 == pattern.size()) continue;
    ++i;
    out += pattern[i] == 'Z' ? 'z' : pattern[i];
  }
  return out;
}

std::string message_of(int error) {
  PCRE2_UCHAR text[160];
  pcre2_get_error_message(error, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

struct free_compile_context {
  void operator()(pcre2_compile_context* c) const { pcre2_compile_context_free(c); }
};

constexpr std::uint32_t options =
    PCRE2_UTF | PCRE2_UCP | PCRE2_ALT_BSUX | PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C;

bool is_limit(int status) {
  return status == PCRE2_ERROR_MATCHLIMIT || status == PCRE2_ERROR_DEPTHLIMIT ||
         status == PCRE2_ERROR_HEAPLIMIT || status == PCRE2_ERROR_JIT_STACKLIMIT;
}

}  // namespace

/// Walks over all matches as `re.finditer` does: after an empty match the next one must not be
/// empty at the same place.
struct regex::scanner {
  const pcre2_code* code;
  std::string_view subject;
  std::size_t at = 0;
  bool must_advance = false;

  search_status next() {
    if (at > subject.size()) return search_status::none;
    auto& space = this_thread();
    auto flags = PCRE2_NO_UTF_CHECK | (must_advance ? PCRE2_NOTEMPTY_ATSTART : 0u);
    auto status = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(),
                              at, flags, space.data, space.context);
    if (status == PCRE2_ERROR_NOMATCH) return search_status::none;
    if (status < 0) return is_limit(status) ? search_status::gave_up : search_status::none;
    must_advance = end() == begin();
    at = end();
    return search_status::found;
  }

  std::size_t begin() const { return pcre2_get_ovector_pointer(this_thread().data)[0]; }
  std::size_t end() const { return pcre2_get_ovector_pointer(this_thread().data)[1]; }

  std::string_view group(unsigned i) const {
    auto offsets = pcre2_get_ovector_pointer(this_thread().data);
    if (i >= pcre2_get_ovector_count(this_thread().data)) return {};
    if (offsets[2 * i] == PCRE2_UNSET || offsets[2 * i + 1] < offsets[2 * i]) return {};
    return subject.substr(offsets[2 * i], offsets[2 * i + 1] - offsets[2 * i]);
  }

  std::string_view first_group_with_text(unsigned groups) const {
    if (groups == 0) return group(0);
    for (unsigned i = 1; i <= groups; ++i)
      if (auto text = group(i); !text.empty()) return text;
    return {};
  }
};

expected<regex> regex::compile(std::string_view pattern, std::string_view where) {
  if (pattern.size() > max_pattern_bytes)
    return fail(std::string(where), "the pattern is longer than 64 KiB");
  std::unique_ptr<pcre2_compile_context, free_compile_context> context(
      pcre2_compile_context_create(nullptr));
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto translated = from_python(pattern);
  auto code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                            options, &error, &offset, context.get());
  if (!code)
    return fail(std::string(where), "the pattern '" + std::string(pattern) +
                                        "' does not compile: " + message_of(error) + " at offset " +
                                        std::to_string(offset));
  regex made;
  made.code_ = {code, [](void* c) { pcre2_code_free(static_cast<pcre2_code*>(c)); }};
  std::uint32_t groups = 0;
  pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
  if (groups > max_groups)
    return fail(std::string(where), "the pattern has " + std::to_string(groups) +
                                        " groups; at most " + std::to_string(max_groups) +
                                        " are possible");
  made.groups_ = groups;
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  return made;
}

search_result regex::find(std::string_view subject, int select) const {
  scanner scan{static_cast<const pcre2_code*>(code_.get()), subject};
  std::vector<std::string_view> tail;  // for select < -1
  std::string_view last;
  long seen = 0;
  search_status status;
  while ((status = scan.next()) == search_status::found) {
    last = scan.first_group_with_text(groups_);
    if (select >= 0 && seen == select) break;
    if (select < -1) tail.push_back(last);
    ++seen;
  }
  if (status == search_status::gave_up) return {status, {}};
  bool enough = select >= 0 ? status == search_status::found : seen >= -static_cast<long>(select);
  if (!enough) return {};
  if (select < -1) last = tail[tail.size() + static_cast<std::size_t>(static_cast<long>(select))];
  if (groups_ > 1 && last.empty()) return {};
  return {search_status::found, last};
}

bool regex::replace_all(std::string& subject, std::string_view replacement) const {
  scanner scan{static_cast<const pcre2_code*>(code_.get()), subject};
  auto status = scan.next();
  if (status != search_status::found) return status == search_status::none;
  std::string out;
  out.reserve(subject.size());
  std::size_t copied = 0;
  for (; status == search_status::found; status = scan.next()) {
    out.append(subject, copied, scan.begin() - copied);
    for (std::size_t i = 0; i < replacement.size(); ++i) {
      bool escape = replacement[i] == '\\' && i + 1 < replacement.size();
      if (!escape) {
        out += replacement[i];
        continue;
      }
      auto c = replacement[++i];
      if (c >= '1' && c <= '9')
        out += scan.group(static_cast<unsigned>(c - '0'));
      else
        out += c;
    }
    copied = scan.end();
  }
  if (status == search_status::gave_up) return false;
  out.append(subject, copied);
  subject = std::move(out);
  return true;
}

}  // namespace assay::evaluation
