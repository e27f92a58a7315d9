// What tests say about results: EXPECT_THAT(parse("x"), Fails(ErrorCode::kNotFound, "x: ...")).
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "base/result.h"

namespace nacre {

// How the test framework shows a result.
template <class T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  if (result) {
    *out << "a value";
  } else {
    *out << to_text(result.error().code()) << " \"" << result.error().message() << '"';
  }
}

}  // namespace nacre

namespace nacre::test {

MATCHER(Succeeds, negation ? "is an error" : "is a value") { return arg.has_value(); }

// Exactly this message, or a matcher for it.
MATCHER_P2(Fails, code, message,
           std::string(negation ? "is not " : "is ") + to_text(code) + " with a message that " +
               testing::DescribeMatcher<std::string>(message)) {
  return !arg && arg.error().code() == code &&
         testing::ExplainMatchResult(message, arg.error().message(), result_listener);
}

MATCHER_P(IsInvalid, message,
          std::string(negation ? "is not " : "is ") + "invalid_argument with a message that " +
              testing::DescribeMatcher<std::string>(message)) {
  return testing::ExplainMatchResult(Fails(ErrorCode::kInvalidArgument, message), arg,
                                     result_listener);
}

}  // namespace nacre::test
