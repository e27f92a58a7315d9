#include "base/error.h"

#include <gtest/gtest.h>

#include "base/result.h"

namespace nacre {
namespace {

TEST(ErrorTest, ErrnoTextIsLowerCaseAsCallersMatchIt) {
  EXPECT_STREQ(errno_text(Errno{ENOENT}), "no such file or directory");
  EXPECT_STREQ(errno_text(Errno{EACCES}), "permission denied");
  EXPECT_STREQ(errno_text(Errno{EPERM}), "operation not permitted");
  EXPECT_STREQ(errno_text(Errno{EISDIR}), "is a directory");
  EXPECT_STREQ(errno_text(Errno{ENOTDIR}), "not a directory");
  EXPECT_STREQ(errno_text(Errno{ESRCH}), "no such process");
  EXPECT_STREQ(errno_text(Errno{ENOEXEC}), "exec format error");
  EXPECT_STREQ(errno_text(Errno{ETXTBSY}), "text file busy");
}

TEST(ErrorTest, NumbersBeyondTheTableHaveAText) {
  EXPECT_STREQ(errno_text(Errno{-1}), "unknown error number");
  EXPECT_STREQ(errno_text(Errno{4000}), "unknown error number");
  EXPECT_STREQ(errno_text(Errno{41}), "errno 41");  // a gap in Linux's numbers
}

TEST(ErrorTest, ContextGoesInFrontAndCodeStays) {
  const Error error = Error::from_errno(Errno{EACCES}, "open \"x\"").with_context("create failed");
  EXPECT_EQ(error.message(), "create failed: open \"x\": permission denied");
  EXPECT_EQ(error.code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(error.sys_errno(), EACCES);
}

TEST(ErrorTest, EveryCodeHasAName) {
  EXPECT_STREQ(to_text(ErrorCode::kInvalidArgument), "invalid_argument");
  EXPECT_STREQ(to_text(ErrorCode::kInternal), "internal");
}

Result<int> half(int number) {
  if (number % 2 != 0) return fail(invalid_argument("odd"));
  return number / 2;
}
Result<int> quarter(int number) {
  const int first = NACRE_TRY_CTX(half(number), "first");
  return NACRE_TRY_CTX(half(first), "second");
}

TEST(ResultTest, TryReturnsEarlyWithContext) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(7).error().message(), "first: odd");
  EXPECT_EQ(quarter(6).error().message(), "second: odd");
}

TEST(ResultTest, ContextIsNotBuiltOnSuccess) {
  int built = 0;
  const auto context = [&built] {
    ++built;
    return std::string("context");
  };
  const auto run = [&](int number) -> Result<int> {
    return NACRE_TRY_CTX(half(number), context());
  };
  EXPECT_TRUE(run(2));
  EXPECT_EQ(built, 0);
  EXPECT_FALSE(run(1));
  EXPECT_EQ(built, 1);
}

}  // namespace
}  // namespace nacre
