#include "providers/dialects/durations.hpp"

#include <doctest/doctest.h>

#include <string>

namespace assay::tests {

namespace {

using dialects::go_duration;
using dialects::retry_after;
using dialects::time_to_go;

std::optional<milliseconds> ms(std::int64_t n) { return milliseconds(n); }

/// Sun, 06 Nov 1994 08:49:37 GMT.
constexpr std::int64_t then_ms = 784'111'777'000;
const dialects::calendar_time then{milliseconds(then_ms)};

}  // namespace

TEST_CASE("Go durations as the APIs write them") {
  CHECK(go_duration("6m0s") == ms(360'000));
  CHECK(go_duration("1s") == ms(1'000));
  CHECK(go_duration("1.5s") == ms(1'500));
  CHECK(go_duration("2m59.56s") == ms(179'560));
  CHECK(go_duration("7.66s") == ms(7'660));
  CHECK(go_duration("940ms") == ms(940));
  CHECK(go_duration("17ms") == ms(17));
  CHECK(go_duration("1h2m3s") == ms(3'723'000));
  CHECK(go_duration("0s") == ms(0));
  CHECK(go_duration("38.2s") == ms(38'200));
  CHECK(go_duration("65205s") == ms(65'205'000));
  CHECK(go_duration(" 5 ") == ms(5'000));
}

TEST_CASE("a fraction of a millisecond is rounded up, a rounding error is not") {
  CHECK(go_duration("1us") == ms(1));
  CHECK(go_duration("1\xC2\xB5s") == ms(1));
  CHECK(go_duration("1ns") == ms(1));
  CHECK(go_duration("1.0001s") == ms(1'001));
  CHECK(go_duration("1.005s") == ms(1'005));
  CHECK(go_duration("0.1s") == ms(100));
}

TEST_CASE("what is no duration is nothing, never a crash and never negative") {
  for (auto text : {"", " ", "-1s", "-1", "s", "ms", "1x", "1s2", "m5", "1.2.3s", ".s", "1e3s",
                    "+5s", "1 s", "abc", "\xFF"}) {
    CAPTURE(text);
    CHECK_FALSE(go_duration(text).has_value());
  }
}

TEST_CASE("a duration beyond all bounds is cut to a year") {
  CHECK(go_duration(std::string(400, '9') + "h") == std::nullopt);
  CHECK(go_duration("99999999999999999999h") == ms(366LL * 86'400'000));
}

TEST_CASE("numbers of headers are dirty") {
  CHECK(dialects::dirty_number("30,000") == 30'000.0);
  CHECK(dialects::dirty_number(" 12\t") == 12.0);
  CHECK(dialects::dirty_number("-1") == -1.0);
  CHECK(dialects::dirty_number("0") == 0.0);
  CHECK(dialects::dirty_number("1.5") == 1.5);
  for (auto text : {"", " ", ",", "abc", "1x", "nan", "inf", "1e999", "0x10"}) {
    CAPTURE(text);
    CHECK_FALSE(dialects::dirty_number(text).has_value());
  }
}

TEST_CASE("an HTTP-date is read to the second") {
  CHECK(dialects::http_date("Sun, 06 Nov 1994 08:49:37 GMT") == then);
  CHECK(dialects::http_date("Thu, 01 Jan 1970 00:00:00 GMT") == dialects::calendar_time{});
  CHECK(dialects::http_date("Thu, 29 Feb 2024 23:59:59 GMT").has_value());
  for (auto text : {"", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
                    "Sun, 06 XXX 1994 08:49:37 GMT", "Sun, 31 Feb 2024 08:49:37 GMT",
                    "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 ovD 1994 08:49:37 GMT",
                    "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT.",
                    "Sunday, 06-Nov-94 08:49:37 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(dialects::http_date(text).has_value());
  }
}

TEST_CASE("RFC 3339 with Z, offsets and fractions") {
  CHECK(dialects::rfc3339("1994-11-06T08:49:37Z") == then);
  CHECK(dialects::rfc3339("1994-11-06T10:49:37+02:00") == then);
  CHECK(dialects::rfc3339("1994-11-06T03:19:37-05:30") == then);
  CHECK(dialects::rfc3339("1994-11-06T08:49:37.25Z") == then + milliseconds(250));
  for (auto text : {"", "1994-11-06", "1994-11-06T08:49:37", "1994-13-06T08:49:37Z",
                    "1994-11-31T08:49:37Z", "1994-11-06T08:49:37Zx", "1994-11-06T08:49:37.Z.",
                    "1994-11-06T08:49:37+0200", "94-11-06T08:49:37Z"}) {
    CAPTURE(text);
    CHECK_FALSE(dialects::rfc3339(text).has_value());
  }
}

TEST_CASE("dates and Unix times are measured from the answer's own date, and ignored without one") {
  for (auto text : {"Sun, 06 Nov 1994 08:50:07 GMT", "1994-11-06T08:50:07Z"}) {
    CAPTURE(text);
    CHECK(time_to_go(text, then) == ms(30'000));
    CHECK_FALSE(time_to_go(text, std::nullopt).has_value());
  }
  dialects::calendar_time now{milliseconds(1'755'780'000'000)};
  CHECK(time_to_go("1755780030", now) == ms(30'000));
  CHECK(time_to_go("1755780000250", now) == ms(250));
  CHECK(time_to_go("1755779000", now) == ms(0));
  CHECK(time_to_go("Sun, 06 Nov 1994 08:49:37 GMT", now) == ms(0));
  CHECK_FALSE(time_to_go("1755780030", std::nullopt).has_value());
}

TEST_CASE("small numbers are seconds from now") {
  CHECK(time_to_go("30", std::nullopt) == ms(30'000));
  CHECK(time_to_go("0.25", std::nullopt) == ms(250));
  CHECK(time_to_go("2m59.56s", std::nullopt) == ms(179'560));
  CHECK_FALSE(time_to_go("-1", std::nullopt).has_value());
  CHECK_FALSE(time_to_go("", std::nullopt).has_value());
  CHECK_FALSE(time_to_go("soon", std::nullopt).has_value());
}

TEST_CASE("retry-after-ms goes before x-ms-retry-after-ms, and that before retry-after") {
  header_list headers{{"Retry-After", "9"}};
  CHECK(retry_after(headers) == ms(9'000));
  headers.insert(headers.begin(), {"X-MS-Retry-After-MS", "70"});
  CHECK(retry_after(headers) == ms(70));
  headers.emplace_back("retry-after-ms", "12.3");
  CHECK(retry_after(headers) == ms(13));
}

TEST_CASE("retry-after takes fractions of seconds to the millisecond") {
  CHECK(retry_after({{"retry-after", "1.234"}}) == ms(1'234));
  CHECK(retry_after({{"retry-after", "0.0004"}}) == ms(1));
}

TEST_CASE("a retry-after that is not above 0, or of another sort, is nothing") {
  for (auto value : {"", "0", "-1", "soon", "Sun, 06 Nov 1994 08:49:37 GMT"}) {
    CAPTURE(value);
    CHECK_FALSE(retry_after({{"retry-after", value}}).has_value());
    CHECK_FALSE(retry_after({{"retry-after", value}, {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}})
                    .has_value());
  }
  CHECK(retry_after({{"retry-after-ms", "-5"}, {"retry-after", "3"}}) == ms(3'000));
  CHECK_FALSE(retry_after({}).has_value());
}

}  // namespace assay::tests
