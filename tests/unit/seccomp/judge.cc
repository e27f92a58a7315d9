#include "tests/unit/seccomp/judge.h"

#include <seccomp.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/text.h"

namespace nacre::test {
namespace {

std::string name_of(const Machine& machine, std::uint32_t number) {
  char* name = seccomp_syscall_resolve_num_arch(machine.token, static_cast<int>(number));
  std::string text = name == nullptr ? "" : name;
  std::free(name);
  return text;
}

bool refuses(const std::string& action) {
  return action != "SCMP_ACT_ALLOW" && action != "SCMP_ACT_LOG" && action != "SCMP_ACT_TRACE";
}

}  // namespace

EnosysRule::EnosysRule(const oci::Seccomp& profile, const Machine& machine)
    : is_s390_(machine.token == SCMP_ARCH_S390 || machine.token == SCMP_ARCH_S390X) {
  if (!refuses(profile.default_action)) return;
  std::set<std::string> named;
  for (const oci::SeccompSyscall& rule : profile.syscalls) {
    named.insert(rule.names.begin(), rule.names.end());
  }
  for (std::uint32_t i = 0; i < 600; ++i) {
    if (named.contains(name_of(machine, machine.first_number + i))) {
      newest_ = machine.first_number + i;
    }
  }
  for (const std::string& name : named) {  // ARM's private calls; carriers
    const int number = seccomp_syscall_resolve_name_rewrite(machine.token, name.c_str());
    if (number > 0) newest_ = std::max(newest_, static_cast<std::uint32_t>(number));
  }
}

bool EnosysRule::covers(std::uint32_t number) const {
  return newest_ != 0 && (number > newest_ || (is_s390_ && number == 0));
}

void append_numbers(std::vector<Call>& calls, const Machine& machine, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    Call call{machine, {}};
    call.data.arch = machine.audit_arch;
    call.data.nr = static_cast<int>(machine.first_number + i);
    calls.push_back(call);
  }
}

void append_conditional_calls(std::vector<Call>& calls, const Machine& machine, Random& random,
                              int tries) {
  for (const std::string& name : conditional_calls()) {
    const int number = seccomp_syscall_resolve_name_arch(machine.token, name.c_str());
    const int carrier = seccomp_syscall_resolve_name_rewrite(machine.token, name.c_str());
    if (number < 0 && carrier < 0) continue;
    for (int i = 0; i < tries; ++i) {
      Call call{machine, {}};
      call.data.arch = machine.audit_arch;
      call.data.nr = number >= 0 ? number : carrier;
      for (auto& argument : call.data.args) argument = interesting_value(random);
      if (number < 0) call.data.args[0] = random() % 26;
      calls.push_back(call);
    }
  }
}

std::vector<Machine> listed(const oci::Seccomp& profile, const Family& family) {
  std::vector<Machine> machines = {family.native};
  for (const Machine& machine : family.others) {
    if (std::ranges::find(profile.architectures, machine.oci_word) != profile.architectures.end()) {
      machines.push_back(machine);
    }
  }
  return machines;
}

seccomp::Facts facts_of(const Machine& native) { return {native.audit_arch, 0xff}; }

std::string describe(const oci::Seccomp& profile) {
  std::string words = text::join("default ", profile.default_action, '\n');
  for (const oci::SeccompSyscall& rule : profile.syscalls) {
    text::append(words, rule.action, ' ', rule.errno_ret.value_or(1), ':');
    for (const std::string& name : rule.names) text::append(words, ' ', name);
    for (const oci::SeccompArg& arg : rule.args) {
      text::append(words, " [", arg.index, ' ', arg.op, ' ', arg.value, ' ', arg.value_two, ']');
    }
    words += '\n';
  }
  return words;
}

std::string describe(const Call& call) {
  std::string words =
      text::join(call.machine.oci_word, " call ", static_cast<std::uint32_t>(call.data.nr));
  for (const std::uint64_t argument : call.data.args) text::append(words, ' ', argument);
  return words;
}

}  // namespace nacre::test
