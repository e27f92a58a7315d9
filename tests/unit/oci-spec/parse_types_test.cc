// Every value of a configuration that has every key, replaced by one of each wrong kind.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "oci-spec/json/path.h"
#include "oci-spec/runtime/parse.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using nlohmann::json;

struct Place {
  json::json_pointer pointer;
  std::string path;  // as messages name it
  std::string key;   // the last one, or of the array for an element
};

void collect(const json& value, const Place& here, std::vector<Place>& places) {
  places.push_back(here);
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) {
      Place place{here.pointer / key, here.path, key};
      nacre::json::append_key(place.path, key);
      collect(child, place, places);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      Place place{here.pointer / i, here.path, here.key};
      nacre::json::append_index(place.path, i);
      collect(value[i], place, places);
    }
  }
}

std::vector<Place> all_places(const json& config) {
  std::vector<Place> places;
  collect(config, Place{nlohmann::json::json_pointer(), "", ""}, places);
  return places;
}

std::string kind_of(const json& value) {
  if (value.is_number()) return "a number";
  if (value.is_boolean()) return "a boolean";
  if (value.is_string()) return "a string";
  return value.is_array() ? "an array" : "an object";
}

// The text of a configuration around one value, so that many values can be tried quickly.
struct Frame {
  Frame(const json& original, const Place& place) {
    json changed = original;
    changed[place.pointer] = "@@";
    const std::string text = changed.dump();
    const std::size_t at = text.find("\"@@\"");
    before = text.substr(0, at);
    after = text.substr(at + 4);
  }
  std::string message_with(const std::string& value) const {
    return test::message_of(parse_spec(before + value + after));
  }
  std::string before;
  std::string after;
};

TEST(ParseTypesTest, EveryValueRefusesEveryOtherKind) {
  const json original = test::every_key();
  const json others[] = {true, 7, "text", json::array(), json::object()};
  std::size_t tried = 0;
  for (const Place& place : all_places(original)) {
    const json& value = original[place.pointer];
    const Frame frame(original, place);
    for (const json& other : others) {
      if (kind_of(other) == kind_of(value)) continue;
      const std::string got = other.is_number() ? "7" : kind_of(other);
      const std::string message = frame.message_with(other.dump());
      const std::string start =
          "config.json: " + place.path + (place.path.empty() ? "expected " : ": expected ");
      EXPECT_THAT(message, testing::StartsWith(start));
      EXPECT_THAT(message, testing::EndsWith(", got " + got));
      ++tried;
    }
  }
  EXPECT_GT(tried, 1000U);
}

TEST(ParseTypesTest, EveryStringRefusesNul) {
  const json original = test::every_key();
  for (const Place& place : all_places(original)) {
    if (!original[place.pointer].is_string()) continue;
    const std::string message = Frame(original, place).message_with(R"("a\u0000b")");
    // A namespace's type is looked up in a table instead.
    const bool is_type = place.path.starts_with("linux.namespaces") && place.key == "type";
    EXPECT_EQ(message, "config.json: " + place.path +
                           (is_type ? ": unknown namespace \"a\\x00b\""
                                    : ": may not contain a NUL character"));
  }
}

TEST(ParseTypesTest, FreeFormKeysRefuseNul) {
  json config = test::every_key();
  config["annotations"][std::string("k\0", 2)] = "v";
  EXPECT_EQ(test::message_of(parse_spec(config.dump())),
            "config.json: annotations[\"k\\x00\"]: a key may not contain a NUL character");
}

// The range of each number, by key.
struct Width {
  std::string name;
  std::string too_small;
  std::string too_large;
};
const Width kU16 = {"an unsigned 16-bit number", "-1", "65536"};
const Width kU32 = {"an unsigned 32-bit number", "-1", "4294967296"};
const Width kU64 = {"an unsigned 64-bit number", "-1", "18446744073709551616"};
const Width kI32 = {"a 32-bit number", "-2147483649", "2147483648"};
const Width kI64 = {"a 64-bit number", "-9223372036854775809", "9223372036854775808"};

const std::map<std::string, Width> kWidths = {
    {"height", kU16},
    {"width", kU16},
    {"weight", kU16},
    {"leafWeight", kU16},
    {"uid", kU32},
    {"gid", kU32},
    {"umask", kU32},
    {"additionalGids", kU32},
    {"containerID", kU32},
    {"hostID", kU32},
    {"size", kU32},
    {"classID", kU32},
    {"hcaHandles", kU32},
    {"hcaObjects", kU32},
    {"index", kU32},
    {"errnoRet", kU32},
    {"defaultErrnoRet", kU32},
    {"nanosecs", kU32},
    {"fileMode", kU32},
    {"hard", kU64},
    {"soft", kU64},
    {"runtime", kU64},
    {"deadline", kU64},
    {"swappiness", kU64},
    {"shares", kU64},
    {"burst", kU64},
    {"period", kU64},
    {"realtimePeriod", kU64},
    {"rate", kU64},
    {"value", kU64},
    {"valueTwo", kU64},
    {"nice", kI32},
    {"oomScoreAdj", kI32},
    {"timeout", kI32},
    {"secs", kI64},
    {"major", kI64},
    {"minor", kI64},
    {"reservation", kI64},
    {"swap", kI64},
    {"kernel", kI64},
    {"kernelTCP", kI64},
    {"quota", kI64},
    {"realtimeRuntime", kI64},
    {"idle", kI64},
};

std::optional<Width> width_of(const Place& place) {
  if (place.key == "limit") return place.path.find("hugepage") == std::string::npos ? kI64 : kU64;
  if (place.key == "priority") return place.path.find("network") == std::string::npos ? kI32 : kU32;
  const auto found = kWidths.find(place.key);
  return found == kWidths.end() ? std::nullopt : std::optional(found->second);
}

TEST(ParseTypesTest, EveryNumberHasItsRange) {
  const json original = test::every_key();
  std::size_t tried = 0;
  for (const Place& place : all_places(original)) {
    if (!original[place.pointer].is_number()) continue;
    const auto width = width_of(place);
    const Frame frame(original, place);
    ASSERT_TRUE(width.has_value()) << "no range known for " << place.path;
    for (const std::string& bad :
         {width->too_small, width->too_large, std::string("1.5"), std::string("1e2"),
          std::string("1.0"), std::string("123456789012345678901234567890")}) {
      EXPECT_EQ(frame.message_with(bad),
                "config.json: " + place.path + ": expected " + width->name + ", got " + bad);
      ++tried;
    }
  }
  EXPECT_GT(tried, 300U);
}

TEST(ParseTypesTest, RangesIncludeTheirEnds) {
  const json original = test::every_key();
  for (const Place& place : all_places(original)) {
    if (!original[place.pointer].is_number()) continue;
    const Width width = width_of(place).value_or(kU64);
    const bool is_unsigned = width.too_small == "-1";
    const std::string least = is_unsigned               ? "0"
                              : width.name == kI32.name ? "-2147483648"
                                                        : "-9223372036854775808";
    std::string most = width.too_large;  // its last digit is never 0
    most.back() = static_cast<char>(most.back() - 1);
    const Frame frame(original, place);
    for (const std::string& good : {least, most}) {
      EXPECT_EQ(frame.message_with(good), "(no error)") << place.path << " = " << good;
    }
  }
}

}  // namespace
}  // namespace nacre::oci
