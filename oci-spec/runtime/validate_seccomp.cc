#include "oci-spec/runtime/checks.h"
#include "oci-spec/runtime/enums.h"

namespace nacre::oci::checks {
namespace {

constexpr std::string_view kNotify = "SCMP_ACT_NOTIFY";
constexpr std::uint32_t kLastArgument = 5;  // system calls have six
constexpr std::uint32_t kLargestErrno = 4095;

// Names of system calls are not looked up here: those that this kernel or architecture does not
// have are ignored, so that one profile serves many hosts.
template <std::size_t kCount>
Result<void> check_words(std::string_view place, const std::vector<std::string>& words,
                         const std::string_view (&known)[kCount], std::string_view what) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_known(known, words[i]))
      return refuse(element(place, i), "unknown ", what, " ", json::excerpt(words[i]));
  }
  return {};
}

Result<void> check_action(const std::string& place, std::string_view action) {
  if (is_known(kSeccompActions, action)) return {};
  return refuse(place, "unknown seccomp action ", json::excerpt(action));
}

// The filter returns 16 bits, of which the kernel takes at most MAX_ERRNO.
Result<void> check_errno(const std::string& place, const std::optional<std::uint32_t>& value,
                         std::string_view action) {
  if (!value) return {};
  const std::uint32_t most = action == "SCMP_ACT_TRACE" ? 0xFFFF : kLargestErrno;
  if (*value > most) return refuse(place, *value, " is more than ", most);
  return {};
}

Result<void> check_arg(const std::string& place, const SeccompArg& arg) {
  if (arg.index > kLastArgument)
    return refuse(place + ".index", arg.index, " is more than ", kLastArgument);
  if (!is_known(kSeccompOperators, arg.op))
    return refuse(place + ".op", "unknown seccomp operator ", json::excerpt(arg.op));
  return {};
}

Result<void> check_names(const std::string& place, const SeccompSyscall& rule) {
  if (rule.names.empty()) return refuse(place, "must not be empty");
  for (std::size_t i = 0; i < rule.names.size(); ++i) {
    if (rule.names[i].empty()) return refuse(element(place, i), "must not be empty");
    // init writes to its parent after the filter is in force and before anyone listens.
    if (rule.names[i] == "write" && rule.action == kNotify)
      return refuse(place, "SCMP_ACT_NOTIFY cannot be used for the write syscall");
  }
  return {};
}

Result<void> check_syscall(const std::string& place, const SeccompSyscall& rule) {
  NACRE_TRY(check_action(place + ".action", rule.action));
  NACRE_TRY(check_names(place + ".names", rule));
  NACRE_TRY(check_errno(place + ".errnoRet", rule.errno_ret, rule.action));
  for (std::size_t i = 0; i < rule.args.size(); ++i)
    NACRE_TRY(check_arg(element(place + ".args", i), rule.args[i]));
  return {};
}

Result<void> check_listener(const Seccomp& seccomp) {
  if (seccomp.default_action == kNotify)
    return refuse("linux.seccomp.defaultAction",
                  "SCMP_ACT_NOTIFY cannot be used as default action");
  if (!seccomp.listener_path.empty()) {
    if (is_absolute(seccomp.listener_path)) return {};
    return refuse("linux.seccomp.listenerPath", "must be an absolute path");
  }
  if (!seccomp.listener_metadata.empty())
    return refuse("linux.seccomp.listenerMetadata", "must not be set without listenerPath");
  for (const SeccompSyscall& rule : seccomp.syscalls) {
    if (rule.action == kNotify)
      return refuse("linux.seccomp.listenerPath", "must be set for SCMP_ACT_NOTIFY");
  }
  return {};
}

}  // namespace

Result<void> check_seccomp(const Spec& spec) {
  if (!spec.linux_.seccomp) return {};
  const Seccomp& seccomp = *spec.linux_.seccomp;
  NACRE_TRY(check_action("linux.seccomp.defaultAction", seccomp.default_action));
  NACRE_TRY(check_errno("linux.seccomp.defaultErrnoRet", seccomp.default_errno_ret,
                        seccomp.default_action));
  NACRE_TRY(check_words("linux.seccomp.architectures", seccomp.architectures, kSeccompArchitectures,
                        "seccomp architecture"));
  NACRE_TRY(check_words("linux.seccomp.flags", seccomp.flags, kSeccompFlags, "seccomp flag"));
  for (std::size_t i = 0; i < seccomp.syscalls.size(); ++i)
    NACRE_TRY(check_syscall(element("linux.seccomp.syscalls", i), seccomp.syscalls[i]));
  return check_listener(seccomp);
}

}  // namespace nacre::oci::checks
