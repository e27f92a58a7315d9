#include "oci-spec/image/index.h"

#include <gtest/gtest.h>

#include "oci-spec/image/annotations.h"
#include "oci-spec/image/media_types.h"
#include "tests/unit/oci-spec-image/samples.h"

namespace nacre::oci {
namespace {

using test::Fails;
using testing::EndsWith;
using testing::HasSubstr;

const Platform kAmd64{.architecture = "amd64", .os = "linux", .variant = "v3"};

Descriptor entry(char digit, std::optional<Platform> platform,
                 std::string_view type = media::kManifest) {
  return {.media_type = std::string(type),
          .digest = test::digest(digit),
          .size = 1,
          .platform = std::move(platform)};
}

Platform linux_on(std::string_view architecture, std::string_view variant = {}) {
  return {
      .architecture = std::string(architecture), .os = "linux", .variant = std::string(variant)};
}

Descriptor attestation(char digit) {
  Descriptor made = entry(digit, Platform{.architecture = "unknown", .os = "unknown"});
  made.annotations = {{std::string(annotation::kDockerReferenceType), "attestation-manifest"}};
  return made;
}

// The digits of what was chosen, in order.
std::string chosen(const Index& index, const Platform& wanted,
                   Ancestors ancestors = Ancestors::kNone) {
  const auto found = choose(index, wanted, ancestors);
  if (!found) return "none";
  std::string digits;
  for (const Descriptor& descriptor : *found) digits += descriptor.digest.hex().front();
  return digits;
}

Index index_of(std::vector<Descriptor> entries) { return {.manifests = std::move(entries)}; }

TEST(ChooseTest, BestFirst) {
  const Index index =
      index_of({entry('1', linux_on("amd64")), entry('2', linux_on("arm64", "v8")),
                entry('3', linux_on("amd64", "v3")), entry('4', linux_on("386")),
                entry('5', linux_on("amd64", "v2")), entry('6', linux_on("amd64", "v4"))});
  EXPECT_EQ(chosen(index, kAmd64), "351");
  EXPECT_EQ(chosen(index, kAmd64, Ancestors::kThirtyTwoBit), "3514");
  EXPECT_EQ(chosen(index, linux_on("amd64")), "1");
  EXPECT_EQ(chosen(index, linux_on("arm64")), "2");
  EXPECT_EQ(chosen(index, linux_on("arm", "v8")), "none");
}

TEST(ChooseTest, TheFirstOfEqualOnes) {
  EXPECT_EQ(
      chosen(index_of({entry('2', linux_on("amd64")), entry('1', linux_on("x86_64"))}), kAmd64),
      "21");
}

TEST(ChooseTest, WhatDoesNotSayComesLast) {
  EXPECT_EQ(
      chosen(index_of({entry('1', std::nullopt), entry('2', Platform{}),
                       entry('3', std::nullopt, media::kIndex), entry('4', linux_on("amd64"))}),
             kAmd64),
      "4123");
}

TEST(ChooseTest, LeavesOutWhatIsNoImage) {
  Descriptor signature = entry('2', std::nullopt, "application/vnd.example+json");
  Descriptor schema1 =
      entry('3', linux_on("amd64"), "application/vnd.docker.distribution.manifest.v1+prettyjws");
  Descriptor disguised = entry('4', linux_on("amd64"));
  disguised.annotations = attestation('4').annotations;
  const Index index =
      index_of({attestation('1'), signature, schema1, disguised, entry('5', linux_on("amd64"))});
  EXPECT_EQ(chosen(index, kAmd64), "5");
}

TEST(ChooseTest, DockerLists) {
  EXPECT_EQ(chosen(index_of({entry('1', linux_on("amd64"), media::kDockerManifest)}), kAmd64), "1");
}

TEST(ChooseTest, SaysWhatThereIs) {
  const Index index = index_of({entry('1', linux_on("arm64", "v8")), attestation('2'),
                                entry('3', linux_on("aarch64")), entry('4', linux_on("arm"))});
  EXPECT_THAT(choose(index, kAmd64), Fails(ErrorCode::kNotFound,
                                           "no image for the platform linux/amd64/v3: there is "
                                           "linux/arm64, linux/arm/v7"));
  EXPECT_THAT(choose(index_of({attestation('1')}), kAmd64),
              Fails(ErrorCode::kNotFound,
                    "no image for the platform linux/amd64/v3: the index has none at all"));
  EXPECT_THAT(choose({}, kAmd64), Fails(ErrorCode::kNotFound, EndsWith("none at all")));
}

TEST(ChooseTest, ALongListIsCut) {
  std::vector<Descriptor> entries;
  entries.reserve(100);
  for (int i = 0; i < 100; ++i) entries.push_back(entry('1', linux_on("a" + std::to_string(i))));
  EXPECT_THAT(choose(index_of(entries), kAmd64),
              Fails(ErrorCode::kNotFound, testing::AllOf(HasSubstr("linux/a23, ..."),
                                                         testing::Not(HasSubstr("linux/a24")))));
  const auto huge = choose(index_of({entry('1', linux_on(std::string(100'000, 'x')))}), kAmd64);
  ASSERT_FALSE(huge);
  EXPECT_LT(huge.error().message().size(), 2000U);
}

}  // namespace
}  // namespace nacre::oci
