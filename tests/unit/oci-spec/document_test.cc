#include "oci-spec/json/document.h"

#include <gtest/gtest.h>

#include "oci-spec/json/cursor.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::json {
namespace {

using test::IsInvalid;
using test::IsOk;

TEST(DocumentTest, KeepsDocumentOrderAndEveryKind) {
  const auto document =
      Document::parse(R"({"a":null,"b":[true,false],"c":{"d":-1,"e":18446744073709551615},"f":1.5,)"
                      R"("g":"x\u00e9\n"})");
  ASSERT_THAT(document, IsOk());
  const Cursor root(*document, "");
  std::string keys;
  for (auto i = root.first_child(); i != root.end_of_children(); i = root.next_child(i))
    keys += root.key_of(i);
  EXPECT_EQ(keys, "abcfg");
  EXPECT_EQ(document->at(1).kind, Kind::kNull);
  EXPECT_EQ(document->at(3).kind, Kind::kTrue);
  EXPECT_EQ(document->at(4).kind, Kind::kFalse);
  EXPECT_EQ(document->at(6).kind, Kind::kNegative);
  EXPECT_EQ(document->at(6).number, static_cast<std::uint64_t>(-1));
  EXPECT_EQ(document->at(7).number, 18446744073709551615U);
  EXPECT_EQ(document->at(8).kind, Kind::kOtherNumber);
  EXPECT_EQ(document->text(document->at(8)), "1.5");
  EXPECT_EQ(document->text(document->at(9)), "x\xC3\xA9\n");
}

TEST(DocumentTest, KeepsStringsWithNulForTheReaderToJudge) {
  const auto document = Document::parse(R"("a\u0000b")");
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(document->text(document->at(0)), std::string_view("a\0b", 3));
}

TEST(DocumentTest, SurvivesBeingMoved) {
  auto first = Document::parse(R"({"k":"v"})");
  ASSERT_THAT(first, IsOk());
  const Document second = *std::move(first);
  EXPECT_EQ(second.key(second.at(1)), "k");
  EXPECT_EQ(second.text(second.at(1)), "v");
}

TEST(DocumentTest, MinusZeroIsZero) {
  const auto document = Document::parse("-0");
  ASSERT_THAT(document, IsOk());
  EXPECT_EQ(document->at(0).kind, Kind::kUnsigned);
  EXPECT_EQ(document->at(0).number, 0U);
}

TEST(DocumentTest, SaysWhereSyntaxFails) {
  EXPECT_THAT(Document::parse(""), IsInvalid("truncated at byte 0"));
  EXPECT_THAT(Document::parse("  "), IsInvalid("truncated at byte 2"));
  EXPECT_THAT(Document::parse("{"), IsInvalid("truncated at byte 1"));
  EXPECT_THAT(Document::parse(R"({"a":[1,)"), IsInvalid("truncated at byte 8, in a[1]"));
  EXPECT_THAT(Document::parse(R"({"a":{"b-c":"x)"),
              IsInvalid("truncated at byte 14, in a[\"b-c\"]"));
  EXPECT_THAT(Document::parse(R"({"a":tru)"), IsInvalid("truncated at byte 8, in a"));
  EXPECT_THAT(Document::parse("{}}"), IsInvalid("syntax error at byte 2"));
  EXPECT_THAT(Document::parse("{} {}"), IsInvalid("syntax error at byte 3"));
  EXPECT_THAT(Document::parse(R"({"a":1,})"), IsInvalid("syntax error at byte 7"));
  EXPECT_THAT(Document::parse(R"({"a" 1})"), IsInvalid("syntax error at byte 5, in a"));
  EXPECT_THAT(Document::parse("[01]"), IsInvalid("syntax error at byte 2, in [1]"));
  EXPECT_THAT(Document::parse("[+1]"), IsInvalid("syntax error at byte 1, in [0]"));
  EXPECT_THAT(Document::parse("[NaN]"), IsInvalid("syntax error at byte 1, in [0]"));
  EXPECT_THAT(Document::parse("// c\n1"), IsInvalid("syntax error at byte 0"));
  EXPECT_THAT(Document::parse("[\"a\nb\"]"), IsInvalid("syntax error at byte 3, in [0]"));
  EXPECT_THAT(Document::parse(R"(["\x41"])"), IsInvalid("syntax error at byte 3, in [0]"));
}

TEST(DocumentTest, RefusesTextThatIsNotUnicode) {
  EXPECT_THAT(Document::parse("[\"a\xFF\"]"), IsInvalid("invalid UTF-8 at byte 3, in [0]"));
  EXPECT_THAT(Document::parse("{\"k\":[\"\",\"\xC0\x80\"]}"),
              IsInvalid("invalid UTF-8 at byte 10, in k[1]"));
  EXPECT_THAT(Document::parse("[\"\xED\xA0\x80\"]"), IsInvalid("invalid UTF-8 at byte 2, in [0]"));
  // A surrogate without its other half has no UTF-8 form.
  EXPECT_THAT(Document::parse(R"(["\ud800"])"), IsInvalid("syntax error at byte 8, in [0]"));
}

TEST(DocumentTest, RefusesNulBytes) {
  using namespace std::string_view_literals;
  EXPECT_THAT(Document::parse("{}\0garbage"sv), IsInvalid("NUL byte at byte 2"));
  EXPECT_THAT(Document::parse("\0"sv), IsInvalid("NUL byte at byte 0"));
}

TEST(DocumentTest, HoldsTheDepthLimitWithoutRecursion) {
  const std::string deepest = std::string(64, '[') + std::string(64, ']');
  EXPECT_THAT(Document::parse(deepest), IsOk());
  const std::string too_deep = std::string(65, '[') + std::string(65, ']');
  std::string place;
  for (int i = 0; i < 64; ++i) place += "[0]";
  EXPECT_THAT(Document::parse(too_deep), IsInvalid("nested more than 64 levels deep, in " + place));
  std::string hostile;
  for (int i = 0; i < 1'000'000; ++i) hostile += "{\"a\":[";
  EXPECT_FALSE(Document::parse(hostile).has_value());
}

TEST(DocumentTest, HoldsTheOtherLimits) {
  const Limits limits{.bytes = 16, .values = 4, .depth = 2};
  EXPECT_THAT(Document::parse("[1,2,3]", limits), IsOk());
  EXPECT_THAT(Document::parse("[1,2,3,4]", limits), IsInvalid("more than 4 values, in [3]"));
  EXPECT_THAT(Document::parse("[[[]]]", limits),
              IsInvalid("nested more than 2 levels deep, in [0][0]"));
  EXPECT_THAT(Document::parse("                1", limits), IsInvalid("larger than 16 bytes"));
}

TEST(CursorTest, NamesPlacesAndWhatItFound) {
  const auto document = Document::parse(R"({"plain":[{"a.b/c":1}]})");
  ASSERT_THAT(document, IsOk());
  const Cursor root(*document, "root");
  const Cursor list = root.member(root.first_child());
  const Cursor object = list.element(list.first_child(), 0);
  const Cursor number = object.member(object.first_child());
  EXPECT_EQ(number.path(), R"(root.plain[0]["a.b/c"])");
  EXPECT_EQ(number.unexpected("a string").message(),
            R"(root.plain[0]["a.b/c"]: expected a string, got 1)");
  EXPECT_EQ(list.unexpected("a string").message(), "root.plain: expected a string, got an array");
  EXPECT_EQ(object.path_of("x"), "root.plain[0].x");
}

TEST(CursorTest, ShortensLongForeignKeys) {
  const std::string key(1000, 'k');
  const auto document = Document::parse("{\"" + key + "\":1}");
  ASSERT_THAT(document, IsOk());
  const Cursor root(*document, "");
  EXPECT_EQ(root.member(1).path(), "[\"" + std::string(96, 'k') + "\"...]");
}

}  // namespace
}  // namespace nacre::json
