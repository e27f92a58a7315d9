// What went wrong, as a value: a code to branch on and a sentence to read.
//
// Each layer that knows something the layer below did not adds one piece of context, in front:
//   mount "proc" on "/proc": operation not permitted
// Library code returns errors and never logs them; each program prints in one place.
#pragma once

#include <string>
#include <string_view>

#include "base/errno.h"

namespace nacre {

// Close to containerd's errdefs words, so that the daemon's API maps them one to one.
enum class ErrorCode {
  kInvalidArgument,
  kNotFound,
  kAlreadyExists,
  kFailedPrecondition,
  kPermissionDenied,
  kResourceExhausted,
  kUnavailable,
  kUnsupported,
  kCancelled,
  kInternal,
};

const char* to_text(ErrorCode code);
ErrorCode code_for(Errno error);

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  // `context: text of the error number`
  static Error from_errno(Errno error, std::string_view context);

  [[nodiscard]] ErrorCode code() const { return code_; }
  // 0 when no system call was involved.
  [[nodiscard]] int sys_errno() const { return sys_errno_; }
  [[nodiscard]] const std::string& message() const { return message_; }

  // Puts `context: ` in front of the sentence; code and errno stay.
  Error with_context(std::string_view context) &&;

 private:
  ErrorCode code_;
  int sys_errno_ = 0;
  std::string message_;
};

Error invalid_argument(std::string message);
Error not_found(std::string message);
Error failed_precondition(std::string message);
Error unsupported(std::string message);
Error internal_error(std::string message);

}  // namespace nacre
