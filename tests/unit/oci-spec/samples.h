// Sample configurations, and what the tests of oci-spec say about results.
#pragma once

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "oci-spec/runtime/spec.h"

namespace nacre {

// How the test framework shows a result.
template <class T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  *out << (result ? "a value" : "the error \"" + result.error().message() + "\"");
}

}  // namespace nacre

namespace nacre::test {

// The files in tests/data/specs, without ".json".
const std::vector<std::string>& sample_names();
std::string sample(const std::string& name);

// Every key that the spec has for Linux, each with a value that is not its default.
nlohmann::json every_key();

// A configuration that is valid and has little in it: what a test of one rule changes.
oci::Spec small_spec();

// The message of a failure; a success is reported as one that no matcher accepts.
template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "(no error)" : result.error().message();
}

// invalid_argument with exactly this message.
MATCHER_P(IsInvalid, message, "") {
  return !arg && arg.error().code() == ErrorCode::kInvalidArgument &&
         arg.error().message() == message;
}

MATCHER(IsOk, "") { return arg.has_value(); }

}  // namespace nacre::test
