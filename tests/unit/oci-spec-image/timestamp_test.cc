#include "oci-spec/image/timestamp.h"

#include <gtest/gtest.h>

#include <limits>

namespace nacre::oci {
namespace {

TEST(TimestampTest, ThereAndBack) {
  const std::pair<std::string_view, Timestamp> rows[] = {
      {"1970-01-01T00:00:00Z", {0, 0}},
      {"1969-12-31T23:59:59.999999999Z", {-1, 999'999'999}},
      {"2024-02-29T12:34:56Z", {1'709'210'096, 0}},
      {"2024-05-01T10:00:00.5Z", {1'714'557'600, 500'000'000}},
      {"2024-05-01T10:00:00.000000001Z", {1'714'557'600, 1}},
      {"0001-01-01T00:00:00Z", {-62'135'596'800, 0}},
      {"9999-12-31T23:59:59Z", {253'402'300'799, 0}},
      {"2038-01-19T03:14:08Z", {2'147'483'648, 0}},
  };
  for (const auto& [text, time] : rows) {
    EXPECT_EQ(parse_timestamp(text), time) << text;
    EXPECT_EQ(to_text(time), text);
  }
}

TEST(TimestampTest, OtherSpellings) {
  EXPECT_EQ(parse_timestamp("2024-05-01T12:00:00+02:00"), (Timestamp{1'714'557'600, 0}));
  EXPECT_EQ(parse_timestamp("2024-05-01T04:30:00.10-05:30"),
            (Timestamp{1'714'557'600, 100'000'000}));
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.1234567899999Z"), (Timestamp{0, 123'456'789}));
}

TEST(TimestampTest, Refusals) {
  for (const std::string_view text : {"",
                                      "Z",
                                      "2024",
                                      "2024-05-01",
                                      "2024-05-01T10:00:00",
                                      "2024-05-01 10:00:00Z",
                                      "2024-05-01t10:00:00Z",
                                      "2024-05-01T10:00:00z",
                                      "2024-5-1T10:00:00Z",
                                      "2024-00-01T10:00:00Z",
                                      "2024-13-01T10:00:00Z",
                                      "2024-05-00T10:00:00Z",
                                      "2024-05-32T10:00:00Z",
                                      "2024-04-31T10:00:00Z",
                                      "2023-02-29T10:00:00Z",
                                      "2024-05-01T24:00:00Z",
                                      "2024-05-01T10:60:00Z",
                                      "2024-05-01T10:00:60Z",
                                      "2024-05-01T10:00Z",
                                      "2024-05-01T10:00:00.Z",
                                      "2024-05-01T10:00:00,5Z",
                                      "2024-05-01T10:00:00+2:00",
                                      "2024-05-01T10:00:00+0200",
                                      "2024-05-01T10:00:00+24:00",
                                      "2024-05-01T10:00:00+02:60",
                                      "2024-05-01T10:00:00Z ",
                                      " 2024-05-01T10:00:00Z",
                                      "2024-05-01T10:00:00ZZ",
                                      "-024-05-01T10:00:00Z",
                                      "+2024-05-01T10:00:00Z",
                                      "12024-05-01T10:00:00Z"})
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
}

TEST(TimestampTest, BeyondTheFormat) {
  EXPECT_EQ(to_text({std::numeric_limits<std::int64_t>::max(), 5}), "9999-12-31T23:59:59Z");
  EXPECT_EQ(to_text({std::numeric_limits<std::int64_t>::min(), 5}), "0001-01-01T00:00:00Z");
}

}  // namespace
}  // namespace nacre::oci
