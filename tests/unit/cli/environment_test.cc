#include "cli/environment.h"

#include <gmock/gmock.h>

#include "tests/support/result_matchers.h"

namespace nacre::cli {
namespace {

using nacre::test::Fails;
using testing::HasSubstr;

std::string root_of(const Environment& environment, const char* flag = nullptr) {
  Arguments arguments;
  if (flag != nullptr) arguments.set("data-root", flag);
  const auto options = make_options(arguments, environment);
  return options ? options->data_root : options.error().message();
}

TEST(EnvironmentTest, TheDataRootIsTheFirstThatSaysOne) {
  const Environment user{.home = "/home/u", .working_directory = "/work"};
  EXPECT_EQ(root_of(user), "/home/u/.local/share/nacre");
  EXPECT_EQ(root_of({.home = "/h", .xdg_data_home = "/x"}), "/x/nacre");
  EXPECT_EQ(root_of({.home = "/h", .xdg_data_home = "relative"}), "/h/.local/share/nacre");
  EXPECT_EQ(root_of({.home = "/root", .xdg_data_home = "/x", .root = true}), "/var/lib/nacre");
  EXPECT_EQ(root_of({.data_root = "/d", .home = "/h", .root = true}), "/d");
  EXPECT_EQ(root_of({.data_root = "/d"}, "/flag"), "/flag");
  EXPECT_EQ(root_of(user, "below"), "/work/below");
}

TEST(EnvironmentTest, SaysWhatIsMissing) {
  EXPECT_THAT(make_options({}, {}),
              Fails(ErrorCode::kFailedPrecondition, HasSubstr("NACRE_DATA_ROOT")));
  Arguments empty, relative;
  empty.set("data-root", "");
  relative.set("data-root", "x");
  EXPECT_THAT(make_options(empty, {.root = true}),
              Fails(ErrorCode::kInvalidArgument, HasSubstr("may not be empty")));
  EXPECT_THAT(make_options(relative, {.root = true}),
              Fails(ErrorCode::kFailedPrecondition, HasSubstr("must be absolute")));
}

}  // namespace
}  // namespace nacre::cli
