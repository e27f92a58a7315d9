#include "cgroups/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nacre::cgroups {
namespace {

using testing::HasSubstr;

struct Case {
  std::string cgroups_path;
  std::string own;
  std::string expected;  // the path, or a part of the error's text
  bool ok;
};

TEST(ContainerPath, FollowsTheRules) {
  const std::string longest(255, 'n');
  const Case cases[] = {
      {"/docker/c1", "/user.slice/x", "/docker/c1", true},
      {"/c1", "/", "/c1", true},
      {"/a..b/c.d", "/", "/a..b/c.d", true},
      {"/kubepods.slice:x", "/", "/kubepods.slice:x", true},
      {"/a:b:c", "/", "/a:b:c", true},
      {"pod/c1", "/user.slice/session-1.scope", "/user.slice/pod/c1", true},
      {"c1", "/session", "/c1", true},
      {"c1", "/", "/c1", true},
      {"c1", "/a/b (deleted)", "/a/c1", true},
      {"", "/user.slice/session-1.scope", "/user.slice/the-id", true},
      {"", "/", "/the-id", true},
      {"/" + longest, "/", "/" + longest, true},

      {"/", "/", "it is the root of the hierarchy", false},
      {"//", "/", "empty component", false},
      {"/a//b", "/", "empty component", false},
      {"/a/", "/", "empty component", false},
      {"a/", "/", "empty component", false},
      {"/a/../../b", "/", "it has the component \"..\"", false},
      {"..", "/x/y", "it has the component \"..\"", false},
      {"/a/./b", "/", "it has the component \".\"", false},
      {std::string("/a\0b", 4), "/", "NUL", false},
      {"/a\nb", "/", "newline", false},
      {"/" + longest + "n", "/", "longer than 255 bytes", false},
      {"system.slice:docker:c1", "/", "the systemd cgroup driver (slice:prefix:name)", false},
      {":docker:c1", "/", "(--systemd-cgroup is not given)", false},
      {"::", "/", "systemd", false},
      {"c1", "", "is not an absolute path", false},
      {"c1", "/..", "lies outside its cgroup namespace", false},
      {"c1", "/../other", "lies outside its cgroup namespace", false},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.cgroups_path + " from " + one.own);
    const auto path = container_path(one.cgroups_path, "the-id", one.own);
    ASSERT_EQ(path.has_value(), one.ok) << (path ? *path : path.error().message());
    if (one.ok) {
      EXPECT_EQ(*path, one.expected);
    } else {
      EXPECT_THAT(path.error().message(), HasSubstr(one.expected));
    }
  }
}

TEST(ContainerPath, AnAbsolutePathNeedsNoOwnCgroup) {
  EXPECT_EQ(container_path("/a/b", "id", "").value_or(""), "/a/b");
}

TEST(ContainerPath, RefusesWhatIsTooLongForASystemCall) {
  std::string path;
  while (path.size() <= 4096) path += "/component";
  const auto refused = container_path(path, "id", "/");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("longer than"));
}

TEST(CheckPath, IsForPathsFromTheRoot) {
  EXPECT_TRUE(check_path("/a/b"));
  EXPECT_FALSE(check_path(""));
  EXPECT_FALSE(check_path("a"));
  EXPECT_FALSE(check_path("/"));
  EXPECT_FALSE(check_path("/a/../b"));
}

TEST(OwnCgroup, IsTheLineOfTheUnifiedHierarchy) {
  EXPECT_EQ(parse_own_cgroup("0::/user.slice\n").value_or(""), "/user.slice");
  EXPECT_EQ(parse_own_cgroup("9:name=systemd:/x\n4:memory:/y\n0::/\n").value_or(""), "/");
  EXPECT_EQ(parse_own_cgroup("0::/a:b\n").value_or(""), "/a:b");
  EXPECT_FALSE(parse_own_cgroup("4:memory:/y\n10::/z\n"));
  EXPECT_FALSE(parse_own_cgroup(""));
}

TEST(OwnCgroup, CanBeReadHere) { EXPECT_TRUE(own_cgroup().value_or("").starts_with('/')); }

}  // namespace
}  // namespace nacre::cgroups
