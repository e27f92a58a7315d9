#include "runtime/seccomp/profile.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.h"

namespace nacre::seccomp {
namespace {

using text::join;
using text::quote;

constexpr std::uint32_t kMaxArg = 5;
// The kernel cuts a larger number down to 4095, libseccomp refuses from 4095 on.
constexpr std::uint32_t kMaxErrno = 4094;
constexpr std::uint32_t kMaxTraceData = SECCOMP_RET_DATA;

std::unexpected<Error> unknown(std::string_view field, std::string_view kind,
                               std::string_view word) {
  return fail(
      invalid_argument(join("linux.seccomp.", field, ": unknown ", kind, " ", quote(word))));
}

// `where` is "" or "syscalls[3]."; the two fields are named differently in the two places.
[[nodiscard]] Result<Verdict> parse_verdict(const std::string& word,
                                            std::optional<std::uint32_t> number,
                                            std::string_view action_field,
                                            std::string_view errno_field) {
  const std::optional<Action> action = find_action(word);
  if (!action) return unknown(action_field, "action", word);
  if (!action->takes_errno) {
    if (!number) return action->verdict;
    // runtime-spec, config-linux: the runtime must fail when the action takes no errno.
    return fail(
        invalid_argument(join("linux.seccomp.", errno_field, ": ", word, " takes no errno")));
  }
  const std::uint32_t limit = action->verdict == SECCOMP_RET_TRACE ? kMaxTraceData : kMaxErrno;
  const std::uint32_t data = number.value_or(EPERM);
  if (data > limit) {
    return fail(invalid_argument(
        join("linux.seccomp.", errno_field, ": ", data, " is out of range (0 to ", limit, ")")));
  }
  return action->verdict | data;
}

[[nodiscard]] Result<std::uint32_t> parse_flags(const oci::Seccomp& spec, const Facts& facts) {
  std::uint32_t flags = 0;
  // runc: without the key, containers keep the speculation they would have without a filter.
  if (spec.flags.empty() && !spec.flags_given) {
    flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW & static_cast<std::uint32_t>(facts.supported_flags);
  }
  for (std::size_t i = 0; i < spec.flags.size(); ++i) {
    const std::optional<std::uint32_t> flag = find_flag(spec.flags[i]);
    if (!flag) return unknown(join("flags[", i, "]"), "flag", spec.flags[i]);
    if ((*flag & ~facts.supported_flags) != 0) {
      return fail(unsupported(
          join("linux.seccomp.flags[", i, "]: this kernel does not know ", spec.flags[i])));
    }
    flags |= *flag;
  }
  return flags;
}

[[nodiscard]] Result<std::vector<const Arch*>> parse_archs(const oci::Seccomp& spec,
                                                           const Facts& facts) {
  const Arch* native = find_arch(facts.native_audit_arch);
  if (native == nullptr) {
    return fail(unsupported(join("linux.seccomp: no facts about this machine's architecture (",
                                 facts.native_audit_arch, ")")));
  }
  std::vector<const Arch*> archs = {native};
  for (std::size_t i = 0; i < spec.architectures.size(); ++i) {
    const std::string& word = spec.architectures[i];
    const Arch* arch = find_arch(word);
    if (arch == nullptr) return unknown(join("architectures[", i, "]"), "architecture", word);
    if (arch->is_big_endian != native->is_big_endian) {
      return fail(invalid_argument(join("linux.seccomp.architectures[", i, "]: ", word,
                                        " has another byte order than this machine")));
    }
    if (std::ranges::find(archs, arch) == archs.end()) archs.push_back(arch);
  }
  return archs;
}

Condition make_condition(const oci::SeccompArg& arg, Comparison comparison) {
  using enum Condition::Test;
  Condition condition{.arg = static_cast<std::uint8_t>(arg.index), .value = arg.value};
  switch (comparison) {
    case Comparison::kEqual:
    case Comparison::kNotEqual:
      condition.test = kEqual;
      break;
    case Comparison::kGreater:
    case Comparison::kLessEqual:
      condition.test = kGreater;
      break;
    case Comparison::kGreaterEqual:
    case Comparison::kLess:
      condition.test = kGreaterEqual;
      break;
    case Comparison::kMaskedEqual:
      condition.test = kMaskedEqual;
      condition.mask = arg.value;
      condition.value = arg.value_two;
      break;
  }
  condition.negated = comparison == Comparison::kNotEqual || comparison == Comparison::kLess ||
                      comparison == Comparison::kLessEqual;
  return condition;
}

[[nodiscard]] Result<Conjunction> parse_conditions(const oci::SeccompSyscall& syscall,
                                                   std::string_view where) {
  Conjunction conditions;
  conditions.reserve(syscall.args.size());
  for (std::size_t i = 0; i < syscall.args.size(); ++i) {
    const oci::SeccompArg& arg = syscall.args[i];
    const std::optional<Comparison> comparison = find_operator(arg.op);
    if (!comparison) return unknown(join(where, "args[", i, "].op"), "operator", arg.op);
    if (arg.index > kMaxArg) {
      return fail(invalid_argument(join("linux.seccomp.", where, "args[", i, "].index: ", arg.index,
                                        " is not an argument (0 to ", kMaxArg, ")")));
    }
    conditions.push_back(make_condition(arg, *comparison));
  }
  return conditions;
}

// runc: comparisons of different arguments must all hold; but as soon as an argument occurs twice,
// every comparison of that rule stands alone. (The older reading of the spec; profiles rely on it.)
std::vector<Conjunction> split_alternatives(Conjunction conditions) {
  std::ranges::stable_sort(conditions, {}, &Condition::arg);
  if (std::ranges::adjacent_find(conditions, {}, &Condition::arg) == conditions.end()) {
    return {std::move(conditions)};
  }
  std::vector<Conjunction> alternatives;
  for (const Condition& condition : conditions) alternatives.push_back({condition});
  return alternatives;
}

[[nodiscard]] Result<void> check_notify(const oci::SeccompSyscall& syscall, std::size_t index) {
  // The runtime itself writes after the filter is on (runc says so too): nobody could answer.
  if (std::ranges::find(syscall.names, "write") == syscall.names.end()) return {};
  return fail(invalid_argument(join("linux.seccomp.syscalls[", index,
                                    "]: SCMP_ACT_NOTIFY cannot be used for the write syscall")));
}

[[nodiscard]] Result<ProfileRule> parse_rule(const oci::SeccompSyscall& syscall,
                                             std::size_t index) {
  const std::string where = join("syscalls[", index, "].");
  const Verdict verdict = NACRE_TRY(
      parse_verdict(syscall.action, syscall.errno_ret, where + "action", where + "errnoRet"));
  if (verdict == SECCOMP_RET_USER_NOTIF) NACRE_TRY(check_notify(syscall, index));
  const auto empty_name = std::ranges::find(syscall.names, std::string());
  if (empty_name != syscall.names.end()) {
    return fail(
        invalid_argument(join("linux.seccomp.", where, "names[", empty_name - syscall.names.begin(),
                              "]: the name of a system call is empty")));
  }
  Conjunction conditions = NACRE_TRY(parse_conditions(syscall, where));
  return ProfileRule{&syscall.names, index, verdict, split_alternatives(std::move(conditions))};
}

[[nodiscard]] Result<void> add_listener_flag(Profile& profile) {
  if (profile.notifies) {
    profile.flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
  } else if ((profile.flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) != 0) {
    return fail(invalid_argument(
        "linux.seccomp.flags: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a rule with "
        "SCMP_ACT_NOTIFY"));
  }
  return {};
}

}  // namespace

Result<Profile> parse_profile(const oci::Seccomp& spec, const Facts& facts) {
  Profile profile;
  profile.default_action = NACRE_TRY(parse_verdict(spec.default_action, spec.default_errno_ret,
                                                   "defaultAction", "defaultErrnoRet"));
  if (profile.default_action == SECCOMP_RET_USER_NOTIF) {
    return fail(invalid_argument(
        "linux.seccomp.defaultAction: SCMP_ACT_NOTIFY cannot be used as default action"));
  }
  profile.flags = NACRE_TRY(parse_flags(spec, facts));
  profile.archs = NACRE_TRY(parse_archs(spec, facts));
  profile.rules.reserve(spec.syscalls.size());
  for (std::size_t i = 0; i < spec.syscalls.size(); ++i) {
    ProfileRule rule = NACRE_TRY(parse_rule(spec.syscalls[i], i));
    profile.notifies |= rule.verdict == SECCOMP_RET_USER_NOTIF && !rule.names->empty();
    auto& list = rule.verdict == profile.default_action ? profile.skipped : profile.rules;
    list.push_back(std::move(rule));
  }
  NACRE_TRY(add_listener_flag(profile));
  return profile;
}

}  // namespace nacre::seccomp
