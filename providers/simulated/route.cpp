#include "providers/simulated/route.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace assay::simulated {

namespace {

constexpr std::string_view deployments = "/openai/deployments/";
constexpr std::string_view gemini_models = "/models/";

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

std::string_view header(const header_list& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (equal_ignoring_case(key, name)) return value;
  return {};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decode(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                       hex_value(text[i + 2]) >= 0;
    plain +=
        coded ? static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return plain;
}

std::string parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto item = query.substr(0, query.find('&'));
    const auto equals = item.find('=');
    if (item.substr(0, equals) == name && equals != std::string_view::npos)
      return percent_decode(item.substr(equals + 1));
    query.remove_prefix(std::min(query.size(), item.size() + 1));
  }
  return {};
}

std::string key_of(std::string_view query, const header_list& headers) {
  for (const auto* name : {"x-api-key", "x-goog-api-key", "api-key"})
    if (const auto value = header(headers, name); !value.empty()) return std::string(value);
  const auto bearer = header(headers, "authorization");
  constexpr std::string_view scheme = "bearer ";
  if (bearer.size() > scheme.size() && equal_ignoring_case(bearer.substr(0, scheme.size()), scheme))
    return std::string(bearer.substr(scheme.size()));
  return parameter(query, "key");
}

/// `/models/M:generateContent`, `/models/M:streamGenerateContent`, `/models/M:batchEmbedContents`.
bool read_gemini(std::string_view path, std::string_view query, route& r) {
  const auto at = path.rfind(gemini_models);
  const auto colon = path.rfind(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon < at) return false;
  const auto verb = path.substr(colon + 1);
  const bool embeds = verb == "batchEmbedContents";
  if (!embeds && verb != "generateContent" && verb != "streamGenerateContent") return false;
  if (embeds) r.to = endpoint::embeddings;
  const auto begin = at + gemini_models.size();
  r.model = percent_decode(path.substr(begin, colon - begin));
  r.format = &gemini_wire();
  r.as_array = verb == "streamGenerateContent" && parameter(query, "alt") != "sse";
  r.stream = verb == "streamGenerateContent" && !r.as_array;
  return true;
}

void read_deployment(std::string_view path, route& r) {
  const auto at = path.find(deployments);
  if (at == std::string_view::npos) return;
  const auto rest = path.substr(at + deployments.size());
  r.model = percent_decode(rest.substr(0, rest.find('/')));
}

/// The segment of `path` after `before`, up to the next slash; empty if `before` is not there.
std::string segment_after(std::string_view path, std::string_view before) {
  const auto at = path.rfind(before);
  if (at == std::string_view::npos) return {};
  const auto rest = path.substr(at + before.size());
  return percent_decode(rest.substr(0, rest.find('/')));
}

std::size_t page_size(const std::string& text) {
  std::size_t size = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
  return read.ec == std::errc() ? std::min<std::size_t>(size, 1'000) : 0;
}

/// `/files`, `/files/F/content`, `/batches`, `/batches/B`, `/batches/B/results`; Anthropic's
/// batches stand below `/messages`.
bool read_batches(std::string_view path, std::string_view query, route& r) {
  const bool anthropic = path.find("/messages/batches") != std::string_view::npos;
  if (path.ends_with("/files")) {
    r.kind = route_kind::files;
  } else if (path.ends_with("/content") && !segment_after(path, "/files/").empty()) {
    r.kind = route_kind::file_content;
    r.id = segment_after(path, "/files/");
  } else if (path.ends_with("/batches")) {
    r.kind = route_kind::batches;
    r.cursor = parameter(query, anthropic ? "after_id" : "after");
    r.limit = page_size(parameter(query, "limit"));
  } else if (r.id = segment_after(path, "/batches/"); !r.id.empty()) {
    r.kind =
        anthropic && path.ends_with("/results") ? route_kind::batch_results : route_kind::batch;
  } else {
    return false;
  }
  r.format = anthropic ? &anthropic_wire() : &openai_wire();
  return true;
}

const wire_format& format_by_habit(std::string_view path, const header_list& headers) {
  if (path.find("/v1beta") != std::string_view::npos) return gemini_wire();
  if (!header(headers, "anthropic-version").empty()) return anthropic_wire();
  return openai_wire();
}

}  // namespace

route find_route(std::string_view method, std::string_view target, const header_list& headers) {
  const auto path = target.substr(0, target.find('?'));
  const auto query = path.size() < target.size() ? target.substr(path.size() + 1) : "";
  route r;
  r.path = path;
  r.key = key_of(query, headers);
  r.format = &format_by_habit(path, headers);
  std::string_view expected = "POST";
  if (path.ends_with("/chat/completions") || path.ends_with("/embeddings")) {
    r.format = &openai_wire();
    if (path.ends_with("/embeddings")) r.to = endpoint::embeddings;
    read_deployment(path, r);
    r.kind = route_kind::answer;
  } else if (path.ends_with("/messages")) {
    r.format = &anthropic_wire();
    r.kind = route_kind::answer;
  } else if (read_gemini(path, query, r)) {
    r.kind = route_kind::answer;
  } else if (path.ends_with("/models")) {
    r.kind = route_kind::models;
    expected = "GET";
  } else if (read_batches(path, query, r)) {
    const bool lists = r.kind == route_kind::batches && method == "GET";
    if (lists || (r.kind != route_kind::files && r.kind != route_kind::batches)) expected = "GET";
  }
  if (r.kind != route_kind::unknown && method != expected) r.kind = route_kind::wrong_method;
  return r;
}

}  // namespace assay::simulated
