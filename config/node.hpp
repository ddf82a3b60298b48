#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A settings file as a tree of values that know where they stand. Only `toml.cpp` knows the
/// library that reads TOML.
namespace assay::config {

/// A character of one of the files being read; line and column count from 1.
struct place {
  std::uint32_t file = 0;  ///< number given by `report::add_file`
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  auto operator<=>(const place&) const = default;
};

enum class node_kind : std::uint8_t {
  broken,  ///< already reported; whoever reads it stays silent
  text,
  integer,
  real,
  boolean,
  date,
  list,
  table,
};

struct entry;

struct node {
  node_kind kind = node_kind::broken;
  place at;
  std::string text;  ///< with `${NAME}` replaced
  std::string raw;   ///< as it stands in the file: the only form that may be shown
  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;
  std::vector<node> items;     ///< of a list
  std::vector<entry> entries;  ///< of a table
};

struct entry {
  std::string key;
  place at;  ///< of the key
  node value;
};

/// The entry called `key`, or null.
const entry* find(const node& table, std::string_view key);

/// Where the `index`-th text of a list (or a single text) under `key` stands; the place of the
/// table if there is no such thing.
place item_place(const node& table, place otherwise, std::string_view key, std::size_t index);

/// What was found, in words: `"text"`, `12`, `a list`, `a table`. A text that looks like a key of
/// an API is not shown.
std::string describe(const node&);

/// A number as a person writes it: `1000000`, `0.5`.
std::string in_digits(double);

/// `section.key`, the key in quotes where TOML wants them.
std::string dotted(std::string_view section, std::string_view key);

/// `text` in quotes, shortened, control characters made visible.
std::string in_quotes(std::string_view text);

}  // namespace assay::config
