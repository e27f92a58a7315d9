#include "oci-spec/json/writer.h"

#include <gtest/gtest.h>

#include <limits>

#include "oci-spec/json/path.h"
#include "oci-spec/json/utf8.h"

namespace nacre::json {
namespace {

using namespace std::string_view_literals;

std::string written(std::string_view indent) {
  Writer out(indent);
  out.begin_object();
  out.key("empty");
  out.begin_object();
  out.end_object();
  out.key("list");
  out.begin_array();
  out.number(std::uint64_t{1});
  out.number(std::int64_t{-2});
  out.begin_array();
  out.end_array();
  out.end_array();
  out.key("flags");
  out.begin_object();
  out.key("yes");
  out.boolean(true);
  out.key("no");
  out.boolean(false);
  out.key("nothing");
  out.null();
  out.end_object();
  out.end_object();
  return std::move(out).take();
}

TEST(WriterTest, CompactStandsOnOneLine) {
  EXPECT_EQ(written({}),
            R"({"empty":{},"list":[1,-2,[]],"flags":{"yes":true,"no":false,"nothing":null}})");
}

TEST(WriterTest, IndentedAsGoDoes) {
  EXPECT_EQ(written("  "), R"({
  "empty": {},
  "list": [
    1,
    -2,
    []
  ],
  "flags": {
    "yes": true,
    "no": false,
    "nothing": null
  }
})");
}

std::string quoted(std::string_view raw) {
  Writer out;
  out.string(raw);
  return std::move(out).take();
}

TEST(WriterTest, EscapesWhatJsonMustNotContain) {
  EXPECT_EQ(quoted("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(quoted("\n\r\t\x01\x1f\x7f"), R"("\n\r\t\u0001\u001f\u007f")");
  EXPECT_EQ(quoted("\0"sv), R"("\u0000")");
  EXPECT_EQ(quoted("/<é🐌>"), "\"/<é🐌>\"");
}

TEST(WriterTest, BytesThatAreNotTextBecomeTheReplacementCharacter) {
  EXPECT_EQ(quoted("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(quoted("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(WriterTest, NumbersAtTheirEnds) {
  Writer out;
  out.begin_array();
  out.number(std::numeric_limits<std::uint64_t>::max());
  out.number(std::numeric_limits<std::int64_t>::min());
  out.end_array();
  EXPECT_EQ(std::move(out).take(), "[18446744073709551615,-9223372036854775808]");
}

TEST(Utf8Test, KnowsTheEdgesOfEveryForm) {
  for (const std::string_view good :
       {"\x01"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv,
        "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv}) {
    EXPECT_EQ(utf8_length(good), good.size());
    EXPECT_EQ(find_invalid_utf8(good), std::string_view::npos);
  }
  for (const std::string_view bad :
       {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC2"sv, "\xC2\x7F"sv, "\xE0\x9F\xBF"sv,
        "\xED\xA0\x80"sv, "\xE1\x80"sv, "\xE1\x80\xC0"sv, "\xF0\x8F\xBF\xBF"sv,
        "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFF"sv}) {
    EXPECT_EQ(utf8_length(bad), 0U);
    EXPECT_EQ(find_invalid_utf8(bad), 0U);
  }
  EXPECT_EQ(find_invalid_utf8("ab\xC3\xA9\xC3"), 4U);
}

TEST(ExcerptTest, CutsBetweenCharacters) {
  EXPECT_EQ(excerpt("short\n"), R"("short\n")");
  const std::string text = std::string(95, 'x') + "é and more";
  EXPECT_EQ(excerpt(text), "\"" + std::string(95, 'x') + "\"...");
}

}  // namespace
}  // namespace nacre::json
