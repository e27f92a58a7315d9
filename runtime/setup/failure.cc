#include "runtime/setup/failure.h"

#include "base/text.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::setup {
namespace {

constexpr std::size_t kMaxHookOutput = 4096;

std::string hook_output(const OpenedPlan& opened) {
  if (!sys::lseek(opened.hook_output(), 0, SEEK_SET)) return {};
  const auto output = sys::read_all(opened.hook_output(), kMaxHookOutput);
  return output ? std::string(text::trim(*output)) : "(more than 4096 bytes)";
}

// `exec: "/x": stat /x: no such file or directory` and its like: the words that Docker and
// containerd's clients look for.
Error executable_failure(const plan::PlannedOp& op, std::int32_t reason) {
  if (reason == init::kExecutableNotInPath) {
    return not_found(text::join(op.what, ": executable file not found in $PATH"));
  }
  const Errno error{reason};
  if (reason == EISDIR) {
    // Docker's client up to 20.10 and Podman know only these two words for "cannot be executed"
    // (status 126).
    return Error::from_errno(Errno{EACCES}, text::join(op.what, ": is a directory"));
  }
  if (reason == ENOENT || reason == ENOTDIR) {
    return Error::from_errno(error, text::join(op.what, ": stat ", op.text));
  }
  return Error::from_errno(error, op.what);
}

Error special_failure(const std::string& what, std::int32_t reason) {
  switch (reason) {
    case init::kWrongFile:
      return failed_precondition(text::join(what, ": it was replaced while it was being opened"));
    case init::kNotARealDirectory:
      return failed_precondition(
          text::join(what, ": the target is not a directory, or is reached through a link"));
    case init::kOutsideRoot:
      return failed_precondition(
          text::join(what, ": the directory is outside of the container's root"));
    case init::kLeadsIntoProc:
      return failed_precondition(
          text::join(what, ": the target cannot be mounted because it is inside /proc"));
    case init::kHookTimedOut:
      return failed_precondition(text::join(what, ": it ran longer than its timeout"));
    default:
      return internal_error(text::join(what, ": unknown reason ", reason));
  }
}

}  // namespace

Error failure(const plan::Plan& plan, const init::InitReport& report, const OpenedPlan& opened) {
  if (report.op >= plan.ops.size())
    return internal_error("the init process sent an unknown record");
  const plan::PlannedOp& op = plan.ops[report.op];
  if (op.kind == init::OpKind::kFindExecutable) return executable_failure(op, report.sys_errno);
  if (report.sys_errno <= init::kHookFailedBase) {
    return failed_precondition(text::join(op.what, ": exit status ",
                                          init::kHookFailedBase - report.sys_errno,
                                          ", output: ", hook_output(opened)));
  }
  if (report.sys_errno < 0) return special_failure(op.what, report.sys_errno);
  return Error::from_errno(Errno{report.sys_errno}, op.what);
}

Error start_failure(const init::InitReport& report, const state::Record& record) {
  const std::uint32_t first = record.first_start_step;
  const bool known = report.op >= first && report.op - first < record.start_steps.size();
  const std::string what =
      known ? record.start_steps[report.op - first] : text::join("step ", report.op);
  if (report.sys_errno <= init::kHookFailedBase) {
    return failed_precondition(
        text::join(what, ": exit status ", init::kHookFailedBase - report.sys_errno));
  }
  if (report.sys_errno < 0) return special_failure(what, report.sys_errno);
  return Error::from_errno(Errno{report.sys_errno}, what);
}

}  // namespace nacre::setup
