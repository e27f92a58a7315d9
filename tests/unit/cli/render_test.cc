// Tables, text for terminals, sizes and ages.
#include <gmock/gmock.h>

#include "cli/render/table.h"
#include "cli/render/text.h"
#include "cli/render/units.h"

namespace nacre::cli {
namespace {

TEST(TextTest, WidthIsThatOfATerminal) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("äöü"), 3U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);  // a combining accent
  EXPECT_EQ(display_width("\xff\xfe"), 2U);   // no UTF-8
}

TEST(TextTest, ShortenedFits) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdef", 4), "abc…");
  EXPECT_EQ(shortened("日本語", 4), "日…");  // a wide one is not cut in half
  EXPECT_EQ(shortened("abc", 1), "…");
  EXPECT_EQ(shortened("abc", 0), "");
}

TEST(TextTest, WhatSteersATerminalIsShownInstead) {
  EXPECT_EQ(printable("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(printable("a\nb\x7f"), "a\\x0ab\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");           // CSI in one character
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // right to left
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc0\x80"), "\\xc0\\x80");  // not the shortest form
  EXPECT_EQ(printable("grün 日本"), "grün 日本");
}

TEST(TableTest, ColumnsAreAsWideAsTheirContent) {
  Table table;
  table.headers({"A", "LONG TITLE", "C"});
  table.row({"much longer", "x", ""});
  EXPECT_EQ(table.render(0), "A             LONG TITLE   C\nmuch longer   x\n");
}

TEST(TableTest, TheWidestColumnGivesWay) {
  Table table;
  table.headers({"ID", "COMMAND"});
  table.row({"123456789012", std::string(100, 'x')});
  const std::string text = table.render(40);
  EXPECT_EQ(text, "ID             COMMAND\n123456789012   " + std::string(24, 'x') + "…\n");
}

TEST(TableTest, NoColumnGetsTooNarrow) {
  Table table;
  table.row({std::string(50, 'a'), std::string(50, 'b')});
  EXPECT_EQ(table.render(5), std::string(11, 'a') + "…   " + std::string(11, 'b') + "…\n");
}

TEST(TableTest, CellsCannotSteerTheTerminal) {
  Table table;
  table.row({"\x1b]0;title\x07", "b"});
  EXPECT_EQ(table.render(0), "\\x1b]0;title\\x07   b\n");
}

TEST(UnitsTest, SizesAreDockers) {
  EXPECT_EQ(human_size(0), "0B");
  EXPECT_EQ(human_size(999), "999B");
  EXPECT_EQ(human_size(1000), "1kB");
  EXPECT_EQ(human_size(1'240'000), "1.24MB");
  EXPECT_EQ(human_size(117'000'000), "117MB");
  EXPECT_EQ(human_size(~std::uint64_t{0}), "18.4EB");
}

TEST(UnitsTest, AgesAreDockers) {
  EXPECT_EQ(human_duration(0), "Less than a second");
  EXPECT_EQ(human_duration(1), "1 second");
  EXPECT_EQ(human_duration(59), "59 seconds");
  EXPECT_EQ(human_duration(60), "About a minute");
  EXPECT_EQ(human_duration(150), "2 minutes");
  EXPECT_EQ(human_duration(3600), "About an hour");
  EXPECT_EQ(human_duration(47 * 3600), "47 hours");
  EXPECT_EQ(human_duration(48 * 3600), "2 days");
  EXPECT_EQ(human_duration(14 * 86400), "2 weeks");
  EXPECT_EQ(human_duration(60 * 86400), "2 months");
  EXPECT_EQ(human_duration(730 * 86400), "2 years");
  EXPECT_EQ(human_age(100, 160), "About a minute ago");
  EXPECT_EQ(human_age(200, 100), "Less than a second ago");
  EXPECT_EQ(human_age(0, 100), "N/A");
  EXPECT_EQ(docker_time(1714557600), "2024-05-01 10:00:00 +0000 UTC");
}

TEST(UnitsTest, ShortDurations) {
  EXPECT_EQ(short_duration(7), "7s");
  EXPECT_EQ(short_duration(65), "1m05s");
  EXPECT_EQ(short_duration(7380), "2h03m");
  EXPECT_EQ(short_duration(~std::uint64_t{0}), ">99h");
}

TEST(UnitsTest, Moments) {
  EXPECT_EQ(parse_moment("1700000000", 0), 1'700'000'000);
  EXPECT_EQ(parse_moment("2024-05-01T10:00:00Z", 0), 1'714'557'600);
  EXPECT_EQ(parse_moment("2024-05-01", 0), 1'714'521'600);
  EXPECT_EQ(parse_moment("1h30m", 10'000), 10'000 - 5400);
  for (const char* wrong : {"", "h", "1x", "99999999999999999999h", "4294967295h", "-1h"}) {
    EXPECT_FALSE(parse_moment(wrong, 0)) << wrong;
  }
}

}  // namespace
}  // namespace nacre::cli
