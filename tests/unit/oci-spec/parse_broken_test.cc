// Damaged files: cut, flipped, too large, too deep.
#include <gtest/gtest.h>

#include <random>

#include "oci-spec/runtime/parse.h"
#include "oci-spec/runtime/validate.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using testing::ContainsRegex;
using testing::StartsWith;

TEST(ParseBrokenTest, CutAtEveryByte) {
  const std::string whole = test::every_key().dump();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto spec = parse_spec(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(spec.has_value()) << "cut at " << size;
    ASSERT_EQ(spec.error().code(), ErrorCode::kInvalidArgument);
    const std::string& message = spec.error().message();
    // Within a character of several bytes the cut leaves no text at all.
    const bool in_character =
        size > 0 && (static_cast<unsigned char>(whole[size]) & 0xC0U) == 0x80U;
    if (in_character) {
      ASSERT_THAT(message, ContainsRegex("^config.json: (truncated|invalid UTF-8) at byte [0-9]+"));
    } else {
      ASSERT_THAT(message, StartsWith("config.json: truncated at byte " + std::to_string(size)));
    }
  }
  EXPECT_TRUE(parse_spec(whole).has_value());
}

TEST(ParseBrokenTest, OneByteReplaced) {
  const std::string whole = test::every_key().dump();
  constexpr std::string_view kBytes("\0\"{]9\\\xFF\n", 8);
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    std::string damaged = whole;
    damaged[at] = kBytes[at % kBytes.size()];
    const auto spec = parse_spec(damaged);
    if (spec) {
      static_cast<void>(validate(*spec));
      continue;
    }
    ASSERT_THAT(spec.error().message(), StartsWith("config.json: "));
    ASSERT_EQ(spec.error().message().find('\n'), std::string::npos) << "more than one line";
  }
}

TEST(ParseBrokenTest, RandomBytesNeverCrash) {
  std::minstd_rand random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string noise(random() % 200, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    static_cast<void>(parse_spec(noise));
    static_cast<void>(parse_process(noise));
    static_cast<void>(parse_resources(noise));
  }
}

TEST(ParseBrokenTest, WrongDocuments) {
  EXPECT_THAT(parse_spec(""), IsInvalid("config.json: truncated at byte 0"));
  EXPECT_THAT(parse_spec("null"), IsInvalid("config.json: expected an object, got null"));
  EXPECT_THAT(parse_spec("[]"), IsInvalid("config.json: expected an object, got an array"));
  EXPECT_THAT(parse_spec("\"x\""), IsInvalid("config.json: expected an object, got a string"));
  EXPECT_THAT(parse_spec("\x7F"
                         "ELF"),
              IsInvalid("config.json: syntax error at byte 0"));
  EXPECT_THAT(parse_spec(test::sample("runc-spec") + "x"),
              IsInvalid("config.json: syntax error at byte 2560"));
}

TEST(ParseBrokenTest, NamesTheFieldOfBadText) {
  EXPECT_THAT(parse_spec("{\"ociVersion\":\"1.0.0\",\"process\":{\"args\":[\"a\",\"b\xFF\"]}}"),
              IsInvalid("config.json: invalid UTF-8 at byte 47, in process.args[1]"));
}

TEST(ParseBrokenTest, TooLarge) {
  std::string config = R"({"ociVersion":"1.0.0","hostname":")";
  config += std::string(16U << 20U, 'x') + "\"}";
  EXPECT_THAT(parse_spec(config), IsInvalid("config.json: larger than 16777216 bytes"));
}

TEST(ParseBrokenTest, TooDeep) {
  std::string config = R"({"ociVersion":"1.0.0","x":)";
  config += std::string(100000, '[') + std::string(100000, ']') + "}";
  EXPECT_THAT(test::message_of(parse_spec(config)),
              StartsWith("config.json: nested more than 64 levels deep, in x[0][0]"));
}

TEST(ParseBrokenTest, TooMany) {
  std::string config = R"({"ociVersion":"1.0.0","mounts":[)";
  for (int i = 0; i < 1'100'000; ++i) config += "0,";
  config += "0]}";
  EXPECT_THAT(test::message_of(parse_spec(config)),
              StartsWith("config.json: more than 1048576 values, in mounts["));
}

}  // namespace
}  // namespace nacre::oci
