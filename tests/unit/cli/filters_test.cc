#include "cli/image/filters.h"

#include <gmock/gmock.h>

#include "tests/support/result_matchers.h"
#include "tests/unit/cli/images.h"

namespace nacre::cli {
namespace {

using nacre::test::Fails;
using testing::HasSubstr;

constexpr const char* kAll = "dangling reference label label! before since until";

Filters filters(std::vector<std::string_view> texts,
                const std::vector<images::ImageSummary>& images = {}) {
  const auto parsed = parse_filters(texts, kAll, images, 10'000);
  EXPECT_TRUE(parsed) << parsed.error().message();
  return parsed.value_or(Filters{});
}

TEST(FiltersTest, Dangling) {
  const auto named = test::image('a', {"docker.io/library/a:1"}), nameless = test::image('b', {});
  EXPECT_TRUE(matches(filters({"dangling=true"}), nameless));
  EXPECT_FALSE(matches(filters({"dangling=true"}), named));
  EXPECT_TRUE(matches(filters({"dangling=false"}), named));
  EXPECT_FALSE(matches(filters({"dangling=0"}), nameless));
  EXPECT_TRUE(matches(filters({}), nameless));
}

TEST(FiltersTest, Labels) {
  auto image = test::image('a', {});
  image.config.labels = {{"k", "v"}, {"other", ""}};
  EXPECT_TRUE(matches(filters({"label=k"}), image));
  EXPECT_TRUE(matches(filters({"label=k=v", "label=other="}), image));
  EXPECT_FALSE(matches(filters({"label=k=w"}), image));
  EXPECT_FALSE(matches(filters({"label=k", "label=absent"}), image));
  EXPECT_FALSE(matches(filters({"label!=k"}), image));
  EXPECT_TRUE(matches(filters({"label!=k=w"}), image));
}

TEST(FiltersTest, Times) {
  const std::vector<images::ImageSummary> all = {
      test::image('a', {"docker.io/library/a:latest"}, 100),
      test::image('b', {"docker.io/library/b:latest"}, 200),
      test::image('c', {"docker.io/library/c:latest"}, 300)};
  const auto chosen = [&](std::string_view text) {
    std::string out;
    for (const auto& one : all) {
      if (matches(filters({text}, all), one)) out += one.id.hex()[0];
    }
    return out;
  };
  EXPECT_EQ(chosen("before=b"), "a");
  EXPECT_EQ(chosen("since=b"), "c");
  EXPECT_EQ(chosen("since=bbbb"), "c");
  EXPECT_EQ(chosen("until=250"), "ab");
  EXPECT_EQ(chosen("until=1h"), "abc");
}

TEST(FiltersTest, References) {
  const auto fits = [](std::string_view pattern, const char* name) {
    return matches_name(filters({pattern}), name);
  };
  EXPECT_TRUE(fits("reference=debian", "docker.io/library/debian:12"));
  EXPECT_TRUE(fits("reference=debian:*", "docker.io/library/debian:12"));
  EXPECT_TRUE(fits("reference=deb*", "docker.io/library/debian:12"));
  EXPECT_TRUE(fits("reference=*/*", "docker.io/team/app:1"));
  EXPECT_TRUE(fits("reference=docker.io/library/debian:12", "docker.io/library/debian:12"));
  EXPECT_FALSE(fits("reference=*", "docker.io/team/app:1"));
  EXPECT_FALSE(fits("reference=debian:11", "docker.io/library/debian:12"));
  EXPECT_TRUE(
      matches_name(filters({"reference=x", "reference=debian"}), "docker.io/library/debian:12"));
}

TEST(FiltersTest, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"dangling", "it has the form name=value"},
      {"dangling=perhaps", "true or false is meant"},
      {"colour=red", "there are: dangling reference"},
      {"until=never", "a time is meant"},
      {"before=absent", "no such image: absent"},
  };
  for (const auto& [text, reason] : cases) {
    const auto parsed = parse_filters({text}, kAll, {}, 0);
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().message(), HasSubstr(reason));
  }
  EXPECT_THAT(parse_filters({"reference=x"}, "label until", {}, 0),
              Fails(ErrorCode::kInvalidArgument, HasSubstr("there are: label until")));
}

}  // namespace
}  // namespace nacre::cli
