#include "storage/postgres_statement.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <numeric>

#include "storage/postgres_text.hpp"

namespace assay::storage {

namespace {

// OIDs of types: PostgreSQL's pg_type.dat; they never change.
constexpr Oid bool_type = 16, bytes_type = 17, int8_type = 20, int2_type = 21, int4_type = 23,
              text_type = 25, real_type = 701;
constexpr Oid bytes_array = 1001, text_array = 1009, int8_array = 1016, real_array = 1022;

Oid array_of(Oid type) {
  switch (type) {
    case int8_type:
      return int8_array;
    case real_type:
      return real_array;
    case text_type:
      return text_array;
    default:
      return bytes_array;
  }
}

Oid oid_of(column_type type) {
  switch (type) {
    case column_type::integer:
      return int8_type;
    case column_type::real:
      return real_type;
    case column_type::text:
      return text_type;
    default:
      return bytes_type;
  }
}

template <class Int>
std::array<char, sizeof(Int)> big_endian(Int value) {
  std::array<char, sizeof(Int)> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(value >> 8 * (bytes.size() - 1 - i));
  return bytes;
}

std::int64_t read_integer(std::string_view bytes) {
  std::int64_t value = !bytes.empty() && (bytes[0] & 0x80) && bytes.size() > 1 ? -1 : 0;
  for (unsigned char byte : bytes)
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8 | byte);
  return value;
}

double read_real(std::string_view bytes) {
  auto bits = read_integer(bytes);
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <class Int>
void append(std::string& out, Int value) {
  auto bytes = big_endian(value);
  out.append(bytes.data(), bytes.size());
}

/// The rows of a result, from whatever way it was asked for.
class postgres_statement : public prepared {
 public:
  postgres_statement(postgres_connection& db, std::string sql, int first_column)
      : db_(db), sql_(std::move(sql)), first_column_(first_column) {}

  bool is_null(int column) const override {
    return PQgetisnull(result_.get(), row(), column + first_column_);
  }

  std::int64_t integer(int column) const override {
    switch (type(column)) {
      case bool_type:
      case int2_type:
      case int4_type:
      case int8_type:
        return read_integer(bytes(column));
      case real_type:
        return static_cast<std::int64_t>(real(column));
      default:
        return 0;
    }
  }

  double real(int column) const override {
    if (type(column) != real_type) return static_cast<double>(integer(column));
    return is_null(column) ? 0 : read_real(bytes(column));
  }

  std::string_view text(int column) const override {
    auto stored = bytes(column);
    auto meant = unescape_text(stored);
    return meant ? std::string_view(texts_.emplace_back(std::move(*meant))) : stored;
  }

  task_key key(int column) const override {
    task_key key;
    auto stored = bytes(column);
    if (stored.size() == key.bytes.size())
      std::memcpy(key.bytes.data(), stored.data(), stored.size());
    return key;
  }

 protected:
  void clear() {
    result_.reset();
    texts_.clear();
    at_ = -1;
  }

  bool next_row() {
    texts_.clear();
    return result_ && ++at_ < PQntuples(result_.get());
  }

  /// The current row's place in the result.
  virtual int row() const { return at_; }

  Oid type(int column) const { return PQftype(result_.get(), column + first_column_); }
  std::string_view bytes(int column) const { return bytes_at(row(), column + first_column_); }
  std::string_view bytes_at(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }

  postgres_connection& db_;
  std::string sql_;
  int first_column_;
  result_ptr result_;
  int at_ = -1;

 private:
  mutable std::deque<std::string> texts_;  ///< of the current row, unescaped
};

/// One set of parameters. What has many rows is read through a cursor that outlives transactions,
/// so that other statements can be executed meanwhile.
class single_statement final : public postgres_statement {
 public:
  single_statement(postgres_connection& db, const char* sql, use how)
      : postgres_statement(db, to_postgres(sql, how), 0), streams_(how == use::stream) {}

  void reset() override {
    clear();
    values_.clear();
    kept_.clear();
    executed_ = false;
    if (open_) db_.try_execute("CLOSE " + cursor_);
    open_ = false;
  }

  void bind(int index, std::int64_t value) override {
    keep(index, int8_type, big_endian(static_cast<std::uint64_t>(value)));
  }

  void bind(int index, double value) override {
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    keep(index, real_type, big_endian(bits));
  }

  void bind(int index, std::string_view value) override {
    auto escaped = escape_text(value);
    if (escaped) value = kept_.emplace_back(std::move(*escaped));
    if (!value.data()) value = "";
    at(index) = {text_type, false, value};
  }

  void bind(int index, const task_key& value) override {
    at(index) = {
        bytes_type, false, {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()}};
  }

  void bind_null(int index, column_type type) override { at(index) = {oid_of(type), true, {}}; }

  bool step() override {
    if (!executed_) {
      executed_ = true;
      if (!streams_)
        result_ = db_.execute(sql_, values_);
      else if (open_cursor())
        fetch();
    }
    if (next_row()) return true;
    if (!open_ || !result_ || PQntuples(result_.get()) < portion) return false;
    fetch();
    return next_row();
  }

 private:
  static constexpr int portion = 1'000;

  postgres_value& at(int index) {
    if (values_.size() < static_cast<std::size_t>(index)) values_.resize(index);
    return values_[index - 1];
  }

  void keep(int index, Oid type, std::array<char, 8> bytes) {
    at(index) = {type, false, kept_.emplace_back(bytes.data(), bytes.size())};
  }

  bool open_cursor() {
    static thread_local std::uint64_t count = 0;
    cursor_ = "assay_" + std::to_string(++count);
    open_ = db_.execute("DECLARE " + cursor_ + " NO SCROLL CURSOR WITH HOLD FOR " + sql_,
                        values_) != nullptr;
    return open_;
  }

  void fetch() {
    clear();
    result_ = db_.execute("FETCH " + std::to_string(portion) + " FROM " + cursor_, {});
  }

  bool streams_;
  std::vector<postgres_value> values_;
  std::deque<std::string> kept_;  ///< bytes of values
  bool executed_ = false;
  bool open_ = false;  ///< the cursor
  std::string cursor_;
};

/// Many sets of parameters, one array for each parameter.
class many_statement final : public postgres_statement {
 public:
  many_statement(postgres_connection& db, const char* sql)
      : postgres_statement(db, to_postgres(sql, use::many), 1) {}

  void reset() override {
    clear();
    executed_ = false;
    order_.clear();
    // of non-gathered sets, too
    for (auto& c : columns_) c = {};
    sets_ = 0;
  }

  void bind(int index, std::int64_t value) override {
    auto& out = element(index, int8_type);
    append(out, std::uint32_t{8});
    append(out, static_cast<std::uint64_t>(value));
  }

  void bind(int index, double value) override {
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    auto& out = element(index, real_type);
    append(out, std::uint32_t{8});
    append(out, bits);
  }

  void bind(int index, std::string_view value) override {
    auto escaped = escape_text(value);
    add_bytes(element(index, text_type), escaped ? *escaped : value);
  }

  void bind(int index, const task_key& value) override {
    add_bytes(element(index, bytes_type),
              {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
  }

  void bind_null(int index, column_type type) override {
    auto& out = element(index, oid_of(type));
    append(out, ~std::uint32_t{0});
    columns_[index - 1].nulls = true;
  }

  void end_set() override { ++sets_; }

  std::size_t held_bytes() const override {
    std::size_t sum = 0;
    for (const auto& c : columns_) sum += c.elements.size();
    return sum;
  }

  bool step() override {
    if (!executed_) execute();
    return next_row();
  }

  std::size_t set() const override { return set_of(row()); }

 private:
  struct column {
    Oid type = 0;
    bool nulls = false;
    std::string elements;
  };

  std::string& element(int index, Oid type) {
    if (columns_.size() < static_cast<std::size_t>(index)) columns_.resize(index);
    auto& c = columns_[index - 1];
    c.type = type;
    return c.elements;
  }

  static void add_bytes(std::string& out, std::string_view bytes) {
    append(out, static_cast<std::uint32_t>(bytes.size()));
    out += bytes;
  }

  std::size_t set_of(int row) const {
    return static_cast<std::size_t>(read_integer(bytes_at(row, 0))) - 1;
  }

  void execute() {
    executed_ = true;
    if (sets_ == 0) return;
    std::vector<std::string> arrays;
    std::vector<postgres_value> values;
    for (auto& c : columns_) {
      auto& array = arrays.emplace_back();
      array.reserve(20 + c.elements.size());
      append(array, std::uint32_t{1});  // dimensions
      append(array, static_cast<std::uint32_t>(c.nulls));
      append(array, static_cast<std::uint32_t>(c.type));
      append(array, static_cast<std::uint32_t>(sets_));
      append(array, std::uint32_t{1});  // first index
      array += c.elements;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i)
      values.push_back({array_of(columns_[i].type), false, arrays[i]});
    result_ = db_.execute(sql_, values);
    if (result_) put_in_order();
  }

  /// The server may join in any order; rows of one set keep theirs.
  void put_in_order() {
    order_.resize(PQntuples(result_.get()));
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(),
                     [&](int a, int b) { return set_of(a) < set_of(b); });
  }

  int row() const override { return order_[at_]; }

  std::vector<column> columns_;
  std::size_t sets_ = 0;
  bool executed_ = false;
  std::vector<int> order_;
};

}  // namespace

std::unique_ptr<prepared> make_postgres_statement(postgres_connection& db, const char* sql,
                                                  use how) {
  if (how == use::many) return std::make_unique<many_statement>(db, sql);
  return std::make_unique<single_statement>(db, sql, how);
}

}  // namespace assay::storage
