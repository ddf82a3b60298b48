// The limits that a provider's keys come to.

#include "tests/config/reading.hpp"

namespace assay::tests {
namespace {

using namespace std::chrono_literals;

TEST_CASE("each limit key has its dimension, window and name") {
  auto rates = read_provider(
                   "qps = 5\nrpm = 600\nrpd = 10000\ntpm = 60000\ntpd = 1000000\n"
                   "itpm = 30000\notpm = 12000\n")
                   .limits.rates;
  REQUIRE(rates.size() == 7);
  struct expectation {
    const char* key;
    dimension counts;
    double amount;
    int window_s;
    double burst;
    limit_shape shape;
  };
  const expectation table[] = {
      {"qps", dimension::requests, 5, 1, 1, limit_shape::bucket},
      {"rpm", dimension::requests, 600, 60, 10, limit_shape::bucket},
      {"rpd", dimension::requests, 10'000, 86'400, 1, limit_shape::sliding_log},
      {"tpm", dimension::tokens, 60'000, 60, 8'192, limit_shape::bucket},
      {"tpd", dimension::tokens, 1e6, 86'400, 8'192, limit_shape::sliding_log},
      {"itpm", dimension::input_tokens, 30'000, 60, 8'192, limit_shape::bucket},
      {"otpm", dimension::output_tokens, 12'000, 60, 8'192, limit_shape::bucket},
  };
  for (std::size_t i = 0; i < rates.size(); ++i) {
    CHECK(rates[i].key == table[i].key);
    CHECK(rates[i].counts == table[i].counts);
    CHECK(rates[i].amount == table[i].amount);
    CHECK(rates[i].window == std::chrono::seconds(table[i].window_s));
    CHECK(rates[i].burst == doctest::Approx(table[i].burst));
    CHECK(rates[i].shape == table[i].shape);
  }
}

TEST_CASE("a burst that is not stated is one second's worth and holds at least one request") {
  auto burst = [](const std::string& key) { return read_provider(key).limits.rates.at(0).burst; };
  CHECK(burst("qps = 100\n") == 1);
  CHECK(burst("rpm = 600\n") == 10);
  CHECK(burst("rpm = 6\n") == 1);
  CHECK(burst("tpm = 6_000_000\n") == 100'000);
  CHECK(burst("tpm = 30_000\n") == 8'192);
  CHECK(burst("tpm = 5_000\n") == 5'000);
}

TEST_CASE("burst applies to requests, token_burst to tokens") {
  auto rates = read_provider("rpm = 60\ntpm = 6000\nburst = 20\ntoken_burst = 500\n").limits.rates;
  CHECK(rates.at(0).burst == 20);
  CHECK(rates.at(1).burst == 500);
}

TEST_CASE("each address has limits of its own, named so") {
  auto limits = read_provider(
                    "rpm = 600\nlimit_scope = \"address\"\n[providers.p.address]\n"
                    "qps = 10\nmax_parallel = 3\nburst = 2\n")
                    .limits;
  CHECK(limits.scope == limit_scope::address);
  CHECK(limits.rates.size() == 1);
  CHECK(limits.each_address.max_parallel == 3);
  REQUIRE(limits.each_address.rates.size() == 1);
  CHECK(limits.each_address.rates[0].key == "address.qps");
  CHECK(limits.each_address.rates[0].amount == 10);
  CHECK(limits.each_address.rates[0].burst == 2);
  CHECK(limits.by_address());
  CHECK_FALSE(read_provider("rpm = 600\n").limits.by_address());
}

TEST_CASE("a burst may be as large as the limit itself") {
  CHECK(read_provider("rpm = 60\nburst = 60\n").limits.rates.at(0).burst == 60);
}

TEST_CASE("limit_shape applies to every limit of the provider") {
  auto rates = read_provider("rpm = 60\nrpd = 100\nlimit_shape = \"fixed_window\"\n").limits.rates;
  CHECK(rates.at(0).shape == limit_shape::fixed_window);
  CHECK(rates.at(1).shape == limit_shape::fixed_window);
}

TEST_CASE("window_start is taken within the window, also within one that was made longer") {
  const std::string shape = "limit_shape = \"fixed_window\"\n";
  auto start = [&](const std::string& keys) {
    return read_provider(keys + shape).limits.rates.at(0).window_start;
  };
  CHECK_FALSE(start("rpm = 60\n"));
  CHECK(start("rpm = 60\nwindow_start = 5\n") == 5s);
  CHECK(start("rpm = 60\nwindow_start = 65\n") == 5s);
  CHECK(start("rpd = 60\nwindow_start = 28800\n") == 8h);
  CHECK(start("qps = 0.25\nwindow_start = 2.5\n") == 2500ms);
}

TEST_CASE("less than one request a second becomes one in a longer window, where windows count") {
  auto bucket = read_provider("qps = 0.5\n").limits.rates.at(0);
  CHECK(bucket.amount == 0.5);
  CHECK(bucket.window == 1s);
  auto window = read_provider("qps = 0.3\nlimit_shape = \"sliding_log\"\n").limits.rates.at(0);
  CHECK(window.amount == 1);
  CHECK(window.window == 4s);
}

}  // namespace
}  // namespace assay::tests
