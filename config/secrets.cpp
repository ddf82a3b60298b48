#include "config/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace assay::config {

namespace {

constexpr std::array<std::string_view, 11> key_prefixes{
    "sk-", "sk_", "gsk_", "AIza", "hf_", "xai-", "tgp_v1_", "pplx-", "AKIA", "ghp_", "nvapi-"};

/// Names under which people write keys, in lower case without `-` and `_`.
constexpr std::array<std::string_view, 9> key_names{"apikey",      "key",       "token",
                                                    "secret",      "password",  "bearer",
                                                    "accesstoken", "authtoken", "apitoken"};

/// Ends of the names of headers that carry credentials, in lower case without `-` and `_`.
constexpr std::array<std::string_view, 5> key_headers{"authorization", "key", "token", "secret",
                                                      "cookie"};

constexpr std::string_view right_way =
    "put it into an environment variable and write api_key_env = \"NAME\", or into a file that "
    "only "
    "you can read and write api_key_file = \"PATH\"";

bool key_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
}

/// Whether a key of at least 16 characters with a digit follows the prefix that ends at `begin`.
bool key_body(std::string_view text, std::size_t begin) {
  auto end = begin;
  bool digit = false;
  for (; end < text.size() && key_character(text[end]); ++end)
    digit = digit || std::isdigit(static_cast<unsigned char>(text[end]));
  return digit && end - begin >= 16;
}

std::string folded(std::string_view name) {
  std::string out;
  for (char c : name)
    if (c != '-' && c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

template <class List>
bool has(const List& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool key_name(std::string_view name) {
  auto word = folded(name);
  return has(key_names, word) || (word.size() > 6 && word.ends_with("apikey"));
}

bool from_environment(const node& n) { return n.raw.find("${") != std::string::npos; }

void break_node(node& n) {
  n.kind = node_kind::broken;
  n.text.clear();
  n.raw.clear();
}

/// A hexadecimal or base-64 key where the name of a variable belongs.
bool too_random_for_a_name(std::string_view text) {
  auto any = [&](auto test) {
    return std::any_of(text.begin(), text.end(), [&](unsigned char c) { return test(c) != 0; });
  };
  return text.size() >= 24 && any([](int c) { return std::islower(c); }) &&
         any([](int c) { return std::isdigit(c); });
}

void check_variable_name(report& problems, node& value) {
  if (value.kind != node_kind::text) return;
  if (from_environment(value)) {
    problems.add(
        value.at, "api_key_env: found ${...}, expected the name of the variable alone",
        "write api_key_env = \"NAME\" without ${ }: the key itself stays out of the settings");
  } else if (!variable_name(value.raw) || too_random_for_a_name(value.raw)) {
    problems.add(value.at,
                 "api_key_env: found a text that is no name of an environment variable (not shown: "
                 "it may be a key)",
                 "write the variable's name, for example api_key_env = \"OPENAI_API_KEY\"");
  } else {
    return;
  }
  break_node(value);
}

void check_headers(report& problems, node& headers) {
  for (auto& header : headers.entries) {
    auto& value = header.value;
    if (value.kind != node_kind::text || from_environment(value)) continue;
    auto name = folded(header.key);
    bool secret = std::any_of(key_headers.begin(), key_headers.end(),
                              [&](std::string_view end) { return name.ends_with(end); });
    if (!secret) continue;
    problems.add(value.at, "header " + in_quotes(header.key) + " holds a key (not shown)",
                 std::string(right_way));
    break_node(value);
  }
}

/// `user:password@` or `?key=...` in a URL.
bool key_in_url(std::string_view url) {
  auto scheme = url.find("://");
  auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  auto end = std::min(url.find('/', begin), url.size());
  auto user = url.substr(begin, end - begin);
  if (auto at = user.find('@'); at != std::string_view::npos)
    return user.substr(0, at).find(':') != std::string_view::npos;
  auto query = url.find('?');
  if (query == std::string_view::npos) return false;
  auto parameters = folded(url.substr(query));
  return parameters.find("key=") != std::string::npos ||
         parameters.find("token=") != std::string::npos;
}

void check_url(report& problems, entry& e) {
  auto& value = e.value;
  if (value.kind != node_kind::text || !key_in_url(value.raw)) return;
  if (e.key == "proxy" && from_environment(value)) return;
  problems.add(value.at, e.key + ": the URL holds a key or a password (not shown)",
               e.key == "proxy" ? "take the whole URL from the environment: proxy = \"${NAME}\""
                                : std::string(right_way));
  break_node(value);
}

}  // namespace

bool variable_name(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0]))) return false;
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c < 0x80 && std::isalnum(c)) || c == '_'; });
}

bool looks_like_key(std::string_view text) {
  for (auto prefix : key_prefixes) {
    for (auto at = text.find(prefix); at != std::string_view::npos;
         at = text.find(prefix, at + 1)) {
      bool word = at == 0 || !key_character(text[at - 1]);
      if (word && key_body(text, at + prefix.size())) return true;
    }
  }
  return false;
}

void refuse_key_like_texts(report& problems, node& n) {
  if (n.kind == node_kind::text && looks_like_key(n.raw)) {
    problems.add(n.at, "the file holds what looks like a key (not shown)", std::string(right_way));
    break_node(n);
  }
  for (auto& item : n.items) refuse_key_like_texts(problems, item);
  for (auto& e : n.entries) refuse_key_like_texts(problems, e.value);
}

void refuse_keys_in_provider(report& problems, node& provider) {
  auto refused = [&](entry& e) {
    if (!key_name(e.key)) return false;
    problems.add(e.at,
                 "key " + in_quotes(e.key) + ": the file would hold the key itself (not shown)",
                 std::string(right_way));
    return true;
  };
  auto& entries = provider.entries;
  entries.erase(std::remove_if(entries.begin(), entries.end(), refused), entries.end());
  for (auto& e : entries) {
    refuse_key_like_texts(problems, e.value);
    if (e.key == "api_key_env") check_variable_name(problems, e.value);
    if (e.key == "headers") check_headers(problems, e.value);
    if (e.key == "base_url" || e.key == "proxy") check_url(problems, e);
  }
}

}  // namespace assay::config
