#include "evaluation/prompts/mustache_program.hpp"

#include <algorithm>
#include <exception>
#include <kainjow/mustache.hpp>

namespace assay::evaluation {

namespace {

namespace mustache = kainjow::mustache;
using component = mustache::component<std::string>;

constexpr std::size_t max_template_bytes = 4 * 1024 * 1024;
constexpr std::size_t max_sections = 500;

/// One piece of the template, with what decides about standalone lines.
struct piece {
  instruction what;
  bool newline = false;
  bool blank = false;  ///< white space within a line
  bool tag = false;    ///< a section tag or comment: may stand alone on its line
  bool dropped = false;
};

bool is_section(mustache::tag_type type) {
  return type == mustache::tag_type::section_begin ||
         type == mustache::tag_type::section_begin_inverted;
}

/// Lays the tree that kainjow's parser built out as a sequence. False at a partial.
bool flatten(const component& from, std::vector<piece>& out) {
  for (auto& child : from.children) {
    piece p;
    p.what.position = child.position;
    p.what.text = child.is_text() ? child.text : child.tag.name;
    auto type = child.tag.type;
    if (type == mustache::tag_type::partial) return false;
    if (child.is_text()) {
      p.newline = child.is_newline();
      p.blank = child.is_non_newline_whitespace();
    } else if (is_section(type)) {
      p.tag = true;
      p.what.kind = type == mustache::tag_type::section_begin ? instruction_kind::section
                                                              : instruction_kind::inverted;
    } else if (type == mustache::tag_type::comment || type == mustache::tag_type::set_delimiter) {
      p.tag = true;
      p.what.text.clear();
    } else {
      p.what.kind = instruction_kind::variable;
    }
    auto end = p;
    out.push_back(std::move(p));
    if (!is_section(type)) continue;
    if (!flatten(child, out)) return false;
    end.what.kind = instruction_kind::end;
    out.push_back(std::move(end));
  }
  return true;
}

/// Drops the white space and line end of lines that hold tags and nothing else.
void drop_standalone_lines(std::vector<piece>& pieces) {
  for (std::size_t start = 0; start < pieces.size();) {
    auto end = start;
    bool any_tag = false, other = false;
    for (; end < pieces.size() && !pieces[end].newline; ++end) {
      any_tag |= pieces[end].tag;
      other |= !pieces[end].tag && !pieces[end].blank;
    }
    auto past = std::min(end + 1, pieces.size());
    if (any_tag && !other)
      for (auto i = start; i < past; ++i) pieces[i].dropped = !pieces[i].tag;
    start = past;
  }
}

/// Joins neighbouring texts and links sections to their ends.
std::vector<instruction> link(std::vector<piece> pieces) {
  std::vector<instruction> program;
  std::vector<std::size_t> open;
  for (auto& p : pieces) {
    auto kind = p.what.kind;
    if (p.dropped || (kind == instruction_kind::text && p.what.text.empty())) continue;
    bool join = kind == instruction_kind::text && !program.empty() &&
                program.back().kind == instruction_kind::text;
    if (join) {
      program.back().text += p.what.text;
      continue;
    }
    program.push_back(std::move(p.what));
    if (kind == instruction_kind::section || kind == instruction_kind::inverted)
      open.push_back(program.size() - 1);
    if (kind != instruction_kind::end) continue;
    program[open.back()].jump = program.size() - 1;
    program.back().jump = open.back();
    open.pop_back();
  }
  return program;
}

/// kainjow says `... at OFFSET`.
problem syntax_problem(const std::string& text, const std::string& where,
                       const std::string& message) {
  auto at = message.rfind(" at ");
  if (at == std::string::npos) return {where, message, ""};
  auto offset = std::strtoul(message.c_str() + at + 4, nullptr, 10);
  return {where, message.substr(0, at) + " at " + place_in(text, offset), ""};
}

std::size_t count_sections(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < text.size(); ++i)
    count += (text[i] == '#' || text[i] == '^') && text[i - 1] == '{';
  return count;
}

}  // namespace

std::string place_in(std::string_view text, std::size_t offset) {
  auto before = text.substr(0, std::min(offset, text.size()));
  auto line = 1 + std::count(before.begin(), before.end(), '\n');
  auto start = before.rfind('\n');
  auto column = start == std::string_view::npos ? before.size() + 1 : before.size() - start;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

expected<std::vector<instruction>> parse_mustache(const std::string& text,
                                                  const std::string& where) {
  if (text.size() > max_template_bytes) return fail(where, "the template is longer than 4 MiB");
  if (count_sections(text) > max_sections)
    return fail(where, "the template has more than 500 sections");
  component root;
  std::string message;
  try {
    mustache::context<std::string> none;
    mustache::context_internal<std::string> state{none};
    mustache::parser<std::string> parse{text, state, root, message};
  } catch (const std::exception&) {
    message = "A tag is not complete";
  }
  if (!message.empty()) return tl::make_unexpected(syntax_problem(text, where, message));
  std::vector<piece> pieces;
  if (!flatten(root, pieces))
    return fail(where, "the template includes a partial ({{> name}}), which is not supported",
                "write the text in place");
  drop_standalone_lines(pieces);
  return link(std::move(pieces));
}

}  // namespace assay::evaluation
