#include "oci-spec/image/platform.h"

#include <gtest/gtest.h>

#include "tests/unit/oci-spec-image/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using testing::HasSubstr;

const Platform kHost{.architecture = "amd64", .os = "linux", .variant = "v3"};

Platform platform(std::string_view text) {
  const auto parsed = parse_platform(text, kHost);
  EXPECT_THAT(parsed, test::Succeeds()) << text;
  return parsed.value_or(Platform{});
}

TEST(PlatformTest, ReadsWhatPeopleWrite) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"linux/amd64", "linux/amd64"},
      {"linux/amd64/v1", "linux/amd64"},
      {"linux/amd64/v3", "linux/amd64/v3"},
      {"linux/x86_64", "linux/amd64"},
      {"linux/x86-64/v2", "linux/amd64/v2"},
      {"Linux/AMD64/V2", "linux/amd64/v2"},
      {"linux/arm64", "linux/arm64"},
      {"linux/arm64/v8", "linux/arm64"},
      {"linux/arm64/8", "linux/arm64"},
      {"linux/arm64/v8.0", "linux/arm64"},
      {"linux/arm64/v8.2", "linux/arm64/v8.2"},
      {"linux/arm64/v9.0", "linux/arm64/v9"},
      {"linux/aarch64", "linux/arm64"},
      {"linux/arm", "linux/arm/v7"},
      {"linux/arm/7", "linux/arm/v7"},
      {"linux/arm/v6", "linux/arm/v6"},
      {"linux/armhf", "linux/arm/v7"},
      {"linux/armel", "linux/arm/v6"},
      {"linux/armv6l", "linux/arm/v6"},
      {"linux/armhf/v8", "linux/arm/v8"},
      {"linux/i386", "linux/386"},
      {"linux/i686", "linux/386"},
      {"linux/ppc64el", "linux/ppc64le"},
      {"linux/riscv64", "linux/riscv64"},
      {"linux/loongarch64", "linux/loong64"},
      {"macos/arm64", "darwin/arm64"},
      {"windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"},
      // One word: a system on the host's architecture, or an architecture on Linux.
      {"linux", "linux/amd64/v3"},
      {"freebsd", "freebsd/amd64/v3"},
      {"windows(10.0.1)", "windows(10.0.1)/amd64/v3"},
      {"amd64", "linux/amd64"},
      {"arm64", "linux/arm64"},
      {"aarch64", "linux/arm64"},
      {"armhf", "linux/arm/v7"},
      {"s390x", "linux/s390x"},
      // In two words, what is not known is left to the images.
      {"linux/sparc64", "linux/sparc64"},
      {"unknown/unknown", "unknown/unknown"},
      {"linux/amd64/fast", "linux/amd64/fast"},
  };
  for (const auto& [written, normal] : rows) {
    const Platform read = platform(written);
    EXPECT_EQ(to_text(read), normal) << written;
    EXPECT_EQ(normalized(read), read) << written;
    EXPECT_EQ(platform(normal), read) << written;
  }
}

TEST(PlatformTest, Refusals) {
  for (const std::string_view text :
       {"", "/", "linux/", "/amd64", "linux//v3", "linux/amd64/", "linux/amd64/v3/x",
        "li nux/amd64", "linux/amd 64", "linux/amd64\n", "linux,amd64/x", "linux()/amd64",
        "linux(1/amd64", "linux1)/amd64", "(1)/amd64", "linux(a b)/amd64", "linux/amd64(1)",
        "lin\xC3\xBCx/amd64"})
    EXPECT_THAT(parse_platform(text, kHost), IsInvalid(HasSubstr("expected os/architecture")))
        << text;
  for (const std::string_view text : {"amd46", "lunix", "latest", "v8", "amd64(1)", "all"})
    EXPECT_THAT(parse_platform(text, kHost), IsInvalid(HasSubstr("neither a known operating")))
        << text;
  EXPECT_THAT(parse_platform("amd46", kHost),
              IsInvalid("platform \"amd46\": neither a known operating system nor a known "
                        "architecture"));
}

TEST(PlatformTest, NormalisationLeavesTheUnknownAlone) {
  const Platform odd{.architecture = "mips", .os = "plan9", .variant = "softfloat"};
  EXPECT_EQ(normalized(odd), odd);
  EXPECT_EQ(normalized({}), Platform{});
  EXPECT_EQ(normalized({.architecture = "arm", .variant = "v4294967303"}).variant, "v4294967303");
  EXPECT_EQ(normalized({.architecture = "arm64", .variant = "v"}).variant, "v");
}

TEST(PlatformTest, Host) {
  const Platform host = host_platform();
  EXPECT_EQ(host.os, "linux");
  EXPECT_FALSE(host.architecture.empty());
  EXPECT_EQ(normalized(host), host);
  EXPECT_EQ(rank(host, host), 0U);
#if defined(__x86_64__)
  EXPECT_EQ(host.architecture, "amd64");
  EXPECT_THAT(host.variant, testing::AnyOf("", "v2", "v3", "v4"));
#endif
}

// The platforms in the order in which they are preferred for `wanted`; others must not fit at all.
void expect_order(std::string_view wanted, Ancestors ancestors,
                  const std::vector<std::string_view>& order,
                  const std::vector<std::string_view>& unfit) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(rank(platform(order[i]), platform(wanted), ancestors), i)
        << order[i] << " for " << wanted;
  }
  for (const std::string_view text : unfit)
    EXPECT_EQ(rank(platform(text), platform(wanted), ancestors), std::nullopt)
        << text << " for " << wanted;
}

TEST(PlatformRankTest, Amd64Levels) {
  expect_order("linux/amd64/v4", Ancestors::kNone,
               {"linux/amd64/v4", "linux/amd64/v3", "linux/amd64/v2", "linux/amd64"},
               {"linux/386", "linux/arm64", "windows/amd64", "linux/amd64/fast"});
  expect_order("linux/amd64/v2", Ancestors::kNone, {"linux/amd64/v2", "linux/amd64"},
               {"linux/amd64/v3", "linux/amd64/v4"});
  expect_order("linux/amd64", Ancestors::kNone, {"linux/amd64"}, {"linux/amd64/v2", "linux/386"});
}

TEST(PlatformRankTest, ArmLevels) {
  expect_order("linux/arm/v8", Ancestors::kNone,
               {"linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"}, {"linux/arm64"});
  expect_order("linux/arm", Ancestors::kNone, {"linux/arm/v7", "linux/arm/v6", "linux/arm/v5"},
               {"linux/arm/v8"});
  expect_order("linux/arm/v5", Ancestors::kNone, {"linux/arm/v5"}, {"linux/arm/v6"});
}

TEST(PlatformRankTest, Arm64Levels) {
  expect_order("linux/arm64", Ancestors::kNone, {"linux/arm64"},
               {"linux/arm64/v8.1", "linux/arm64/v9", "linux/arm/v8"});
  expect_order("linux/arm64/v8.2", Ancestors::kNone,
               {"linux/arm64/v8.2", "linux/arm64/v8.1", "linux/arm64/v8"}, {"linux/arm64/v8.3"});
  expect_order("linux/arm64/v9.1", Ancestors::kNone,
               {"linux/arm64/v9.1", "linux/arm64/v9", "linux/arm64/v8.6", "linux/arm64/v8.5",
                "linux/arm64/v8.4", "linux/arm64/v8.3", "linux/arm64/v8.2", "linux/arm64/v8.1",
                "linux/arm64/v8"},
               {"linux/arm64/v8.7", "linux/arm64/v9.2"});
  // Armv8 ended with 8.9.
  expect_order("linux/arm64/v9.7", Ancestors::kNone, {"linux/arm64/v9.7"}, {"linux/arm64/v8.10"});
  EXPECT_EQ(rank(platform("linux/arm64/v8.9"), platform("linux/arm64/v9.7")), 8U);
}

TEST(PlatformRankTest, ThirtyTwoBitAncestors) {
  expect_order("linux/amd64/v2", Ancestors::kThirtyTwoBit,
               {"linux/amd64/v2", "linux/amd64", "linux/386"}, {"linux/arm/v7"});
  expect_order("linux/arm64", Ancestors::kThirtyTwoBit,
               {"linux/arm64", "linux/arm/v8", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5"},
               {"linux/386"});
  expect_order("linux/s390x", Ancestors::kThirtyTwoBit, {"linux/s390x"}, {"linux/386"});
}

TEST(PlatformRankTest, NeitherSideNeedsToBeNormal) {
  EXPECT_EQ(
      rank({.architecture = "x86_64", .os = "Linux"}, {.architecture = "amd64", .os = "linux"}),
      0U);
  EXPECT_EQ(rank({.architecture = "arm64", .os = "linux", .variant = "v8"},
                 {.architecture = "aarch64", .os = "linux"}),
            0U);
}

TEST(PlatformRankTest, AnUnknownLevelFitsOnlyItself) {
  const Platform odd{.architecture = "riscv64", .os = "linux", .variant = "rva23u64"};
  EXPECT_EQ(rank(odd, odd), 0U);
  EXPECT_EQ(rank(platform("linux/riscv64"), odd), std::nullopt);
}

TEST(PlatformRankTest, System) {
  Platform wanted = platform("windows(10.0.1)/amd64");
  EXPECT_EQ(rank(platform("windows(10.0.1)/amd64"), wanted), 0U);
  EXPECT_EQ(rank(platform("windows/amd64"), wanted), 0U);
  EXPECT_EQ(rank(platform("windows(10.0.2)/amd64"), wanted), std::nullopt);
  Platform offered = platform("windows/amd64");
  offered.os_features = {"win32k"};
  EXPECT_EQ(rank(offered, wanted), std::nullopt);
  wanted.os_features = {"other", "win32k"};
  EXPECT_EQ(rank(offered, wanted), 0U);
  EXPECT_EQ(rank({}, wanted), std::nullopt);
}

}  // namespace
}  // namespace nacre::oci
