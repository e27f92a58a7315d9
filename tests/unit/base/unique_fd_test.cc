#include "base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/scope_exit.h"

namespace nacre {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(UniqueFdTest, ClosesOnceAtTheEnd) {
  const int number = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  {
    const UniqueFd fd(number);
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFdTest, MoveAssignmentClosesWhatItHeld) {
  UniqueFd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  UniqueFd second(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int held = first.get();
  const int taken = second.get();
  first = std::move(second);
  EXPECT_FALSE(is_open(held));
  EXPECT_EQ(first.get(), taken);
  EXPECT_TRUE(is_open(taken));
}

TEST(UniqueFdTest, ReleaseGivesItAway) {
  UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = fd.release();
  EXPECT_FALSE(fd);
  fd.reset();
  EXPECT_TRUE(is_open(number));
  ::close(number);
}

TEST(ScopeExitTest, RunsUnlessDismissed) {
  int runs = 0;
  {
    const ScopeExit counted([&runs] { ++runs; });
  }
  EXPECT_EQ(runs, 1);
  {
    ScopeExit dismissed([&runs] { ++runs; });
    dismissed.dismiss();
  }
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace nacre
