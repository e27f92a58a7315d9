#include "base/error.h"

#include <array>

#include "base/result.h"
#include "base/text.h"

namespace nacre {

const char* to_text(ErrorCode code) {
  static constexpr std::array kNames = {"invalid_argument",  "not_found",
                                        "already_exists",    "failed_precondition",
                                        "permission_denied", "resource_exhausted",
                                        "unavailable",       "unsupported",
                                        "cancelled",         "internal"};
  return kNames.at(static_cast<std::size_t>(code));
}

ErrorCode code_for(Errno error) {
  switch (error.value) {
    case EINVAL:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return ErrorCode::kInvalidArgument;
    case ENOENT:
    case ESRCH:
    case ENODEV:
    case ENXIO:
      return ErrorCode::kNotFound;
    case EEXIST:
      return ErrorCode::kAlreadyExists;
    case EPERM:
    case EACCES:
    case EROFS:
      return ErrorCode::kPermissionDenied;
    case ENOSPC:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EDQUOT:
    case EAGAIN:
      return ErrorCode::kResourceExhausted;
    case ENOSYS:
    case EOPNOTSUPP:
      return ErrorCode::kUnsupported;
    case EBUSY:
      return ErrorCode::kUnavailable;
    default:
      return ErrorCode::kInternal;
  }
}

Error Error::from_errno(Errno error, std::string_view context) {
  Error result(code_for(error), text::join(context, ": ", errno_text(error)));
  result.sys_errno_ = error.value;
  return result;
}

Error Error::with_context(std::string_view context) && {
  message_ = text::join(context, ": ", message_);
  return std::move(*this);
}

Error add_context(Errno error, std::string_view context) {
  return Error::from_errno(error, context);
}
Error add_context(Error&& error, std::string_view context) {
  return std::move(error).with_context(context);
}

Error invalid_argument(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}
Error not_found(std::string message) { return {ErrorCode::kNotFound, std::move(message)}; }
Error failed_precondition(std::string message) {
  return {ErrorCode::kFailedPrecondition, std::move(message)};
}
Error unsupported(std::string message) { return {ErrorCode::kUnsupported, std::move(message)}; }
Error internal_error(std::string message) { return {ErrorCode::kInternal, std::move(message)}; }

}  // namespace nacre
