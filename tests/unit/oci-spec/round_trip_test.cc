// parse_spec(to_json(spec)) == spec, for samples and for many random configurations.
#include <gtest/gtest.h>

#include <random>

#include "oci-spec/defaults/default_spec.h"
#include "oci-spec/runtime/parse.h"
#include "oci-spec/runtime/write.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using nlohmann::json;
using test::IsOk;

TEST(RoundTripTest, EveryKeyComesBackAsItWas) {
  const auto spec = parse_spec(test::sample("every-key"));
  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(json::parse(to_json(*spec)), test::every_key());
}

TEST(RoundTripTest, RuncsFilesComeBackByteForByte) {
  for (const std::string name : {"runc-spec", "runc-spec-rootless"}) {
    const auto spec = parse_spec(test::sample(name));
    ASSERT_THAT(spec, IsOk());
    EXPECT_EQ(to_json(*spec), test::sample(name));
  }
}

TEST(RoundTripTest, Samples) {
  for (const std::string& name : test::sample_names()) {
    SCOPED_TRACE(name);
    const auto spec = parse_spec(test::sample(name));
    ASSERT_THAT(spec, IsOk());
    const auto again = parse_spec(to_json(*spec));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(*again, *spec);
  }
}

TEST(RoundTripTest, EmptyAndAlmostEmpty) {
  for (const Spec& spec : {Spec{}, test::small_spec()}) {
    const auto again = parse_spec(to_json(spec));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(*again, spec);
  }
}

// An object that is there and empty is not the same as none.
TEST(RoundTripTest, EmptyObjectsStay) {
  Spec spec = test::small_spec();
  spec.process->capabilities.emplace();
  spec.linux_.resources.emplace();
  spec.linux_.resources->memory.emplace();
  spec.linux_.resources->cpu.emplace();
  spec.linux_.resources->block_io.emplace();
  spec.linux_.intel_rdt.emplace();
  const auto again = parse_spec(to_json(spec));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(*again, spec);
}

TEST(RoundTripTest, ProcessAndResourcesByThemselves) {
  const auto spec = parse_spec(test::sample("every-key"));
  ASSERT_THAT(spec, IsOk());
  const auto process = parse_process(to_json(*spec->process));
  ASSERT_THAT(process, IsOk());
  EXPECT_EQ(*process, *spec->process);
  const auto resources = parse_resources(to_json(*spec->linux_.resources));
  ASSERT_THAT(resources, IsOk());
  EXPECT_EQ(*resources, *spec->linux_.resources);
}

// Changes a configuration at random so that it stays readable: drops optional keys, empties and
// repeats lists, changes numbers and strings within what their types allow.
class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  void change(json& value) {
    if (value.is_object()) {
      change_object(value);
    } else if (value.is_array()) {
      change_array(value);
    } else if (value.is_number_unsigned() && one_in(3)) {
      value = random_() % 32768;  // fits every type
    } else if (value.is_boolean() && one_in(2)) {
      value = !value.get<bool>();
    } else if (value.is_string() && one_in(3)) {
      value = random_text();
    }
  }

 private:
  bool one_in(unsigned n) { return random_() % n == 0; }

  std::string random_text() {
    static const char* const kPieces[] = {"a", "/", "..", "\"", "\\", "\n", "é", "🐌", " ", "\x7f"};
    std::string text;
    for (auto i = random_() % 6; i > 0; --i) text += kPieces[random_() % std::size(kPieces)];
    return text;
  }

  void change_object(json& object) {
    json kept = json::object();
    for (auto& [key, child] : object.items()) {
      if (one_in(6)) continue;
      if (key != "namespaces") change(child);
      kept[key] = child;
    }
    object = kept;
  }

  void change_array(json& array) {
    for (json& child : array) change(child);
    if (!array.empty() && one_in(4)) array.push_back(array.front());
    if (one_in(8)) array = json::array();
  }

  std::minstd_rand random_;
};

TEST(RoundTripTest, RandomConfigurations) {
  unsigned readable = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    json config = test::every_key();
    Mutator(seed).change(config);
    const auto spec = parse_spec(config.dump());
    if (!spec) {
      // Only a mandatory key may have been dropped.
      ASSERT_THAT(spec.error().message(), testing::EndsWith(": is missing")) << "seed " << seed;
      continue;
    }
    ++readable;
    const auto again = parse_spec(to_json(*spec));
    ASSERT_THAT(again, IsOk()) << "seed " << seed;
    ASSERT_EQ(*again, *spec) << "seed " << seed;
  }
  EXPECT_GT(readable, 0U);
}

// By section most mutations are readable.
TEST(RoundTripTest, RandomSections) {
  unsigned readable = 0;
  const json whole = test::every_key();
  for (unsigned seed = 1; seed <= 60; ++seed) {
    for (const auto& [key, section] : whole["linux"].items()) {
      json changed = section;
      Mutator(seed).change(changed);
      const json config = {{"ociVersion", "1.0.0"}, {"linux", {{key, changed}}}};
      const auto spec = parse_spec(config.dump());
      if (!spec) continue;
      ++readable;
      const auto again = parse_spec(to_json(*spec));
      ASSERT_THAT(again, IsOk()) << key << " seed " << seed;
      ASSERT_EQ(*again, *spec) << key << " seed " << seed;
    }
  }
  EXPECT_GT(readable, 300U);
}

}  // namespace
}  // namespace nacre::oci
