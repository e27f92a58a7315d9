#include "tests/unit/seccomp/profiles.h"

#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <tuple>

namespace nacre::test {
namespace {

using nlohmann::json;

std::size_t below(Random& random, std::size_t end) { return random() % end; }
bool chance(Random& random, unsigned percent) { return below(random, 100) < percent; }

template <class List>
const auto& pick(Random& random, const List& list) {
  return list[below(random, std::size(list))];
}

const std::vector<std::string>& plain_calls() {
  static const std::vector<std::string> names = {"read",         "write",
                                                 "open",         "close",
                                                 "stat",         "poll",
                                                 "lseek",        "mmap",
                                                 "mprotect",     "brk",
                                                 "rt_sigaction", "ioctl",
                                                 "access",       "pipe",
                                                 "dup2",         "getpid",
                                                 "fork",         "execve",
                                                 "exit",         "wait4",
                                                 "kill",         "uname",
                                                 "fcntl",        "fcntl64",
                                                 "getdents",     "mkdir",
                                                 "getuid",       "getuid32",
                                                 "sysinfo",      "ptrace",
                                                 "mount",        "umount2",
                                                 "umount",       "reboot",
                                                 "sethostname",  "init_module",
                                                 "openat",       "unshare",
                                                 "seccomp",      "getrandom",
                                                 "bpf",          "execveat",
                                                 "statx",        "rseq",
                                                 "clone3",       "close_range",
                                                 "openat2",      "faccessat2",
                                                 "waitpid",      "stime",
                                                 "_newselect",   "mmap2",
                                                 "lstat64",      "set_thread_area",
                                                 "bind",         "send",
                                                 "accept",       "socketcall",
                                                 "ipc",          "shmget",
                                                 "recvmmsg",     "semtimedop",
                                                 "futex_time64", "clock_settime64",
                                                 "futex_waitv",  "no_such_call",
                                                 "breakpoint",   "process_mrelease"};
  return names;
}

std::string random_action(Random& random) {
  constexpr std::array kActions = {"SCMP_ACT_ALLOW",        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO",
                                   "SCMP_ACT_ERRNO",        "SCMP_ACT_TRACE", "SCMP_ACT_LOG",
                                   "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL",  "SCMP_ACT_TRAP"};
  return pick(random, kActions);
}

std::optional<std::uint32_t> random_errno(Random& random, const std::string& action) {
  if (action != "SCMP_ACT_ERRNO" && action != "SCMP_ACT_TRACE") return std::nullopt;
  if (chance(random, 40)) return std::nullopt;
  constexpr std::array<std::uint32_t, 4> kNumbers = {0, 1, 38, 4094};
  return pick(random, kNumbers);
}

oci::SeccompArg random_arg(Random& random, std::uint32_t index, bool only_equality) {
  constexpr std::array kOperators = {"SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE",
                                     "SCMP_CMP_LT", "SCMP_CMP_LE",        "SCMP_CMP_GE",
                                     "SCMP_CMP_GT"};
  oci::SeccompArg arg;
  arg.index = index;
  arg.op = kOperators[below(random, only_equality ? 2 : kOperators.size())];
  arg.value = interesting_value(random);
  if (arg.op == "SCMP_CMP_MASKED_EQ") {
    arg.value_two =
        chance(random, 80) ? interesting_value(random) & arg.value : interesting_value(random);
  }
  return arg;
}

std::vector<oci::SeccompArg> random_args(Random& random, const ProfileShape& shape) {
  std::vector<oci::SeccompArg> args;
  const std::size_t count = 1 + below(random, 10) / 5 + below(random, 10) / 8;
  const unsigned next_argument = shape.one_rule_per_call ? 100 : 95;  // else the same once more
  std::uint32_t index = 0;
  for (std::size_t i = 0; i < count; ++i) {
    index += static_cast<std::uint32_t>(below(random, 2)) +
             (i > 0 && chance(random, next_argument) ? 1 : 0);
    args.push_back(random_arg(random, index, shape.only_equality));
  }
  return args;
}

}  // namespace

const std::vector<std::string>& conditional_calls() {
  static const std::vector<std::string> names = {"socket", "clone", "personality", "prctl",
                                                 "semctl", "ioctl", "madvise"};
  return names;
}

std::uint64_t interesting_value(Random& random) {
  constexpr std::array<std::uint64_t, 14> kValues = {0,
                                                     1,
                                                     2,
                                                     5,
                                                     6,
                                                     7,
                                                     0xffffffff,
                                                     0xfffffffe,
                                                     0x100000000,
                                                     0x100000005,
                                                     0x200000005,
                                                     0x100000006,
                                                     ~std::uint64_t{0},
                                                     std::uint64_t{1} << 63};
  return pick(random, kValues);
}

oci::Seccomp random_profile(Random& random, const ProfileShape& shape) {
  oci::Seccomp profile;
  profile.default_action = random_action(random);
  profile.default_errno_ret = random_errno(random, profile.default_action);
  for (const std::string& arch : shape.archs) {
    if (chance(random, 60)) profile.architectures.push_back(arch);
  }
  std::map<std::string, std::pair<std::string, std::optional<std::uint32_t>>> verdicts;
  std::set<std::string> spoken_for;
  const std::size_t rules = below(random, 14);
  for (std::size_t i = 0; i < rules; ++i) {
    oci::SeccompSyscall rule;
    const bool conditional = shape.conditions && chance(random, 60);
    const auto& names = conditional ? conditional_calls() : plain_calls();
    const std::size_t count = conditional ? 1 + below(random, 2) : 1 + below(random, 12);
    for (std::size_t n = 0; n < count; ++n) rule.names.push_back(pick(random, names));
    rule.action = random_action(random);
    rule.errno_ret = random_errno(random, rule.action);
    if (conditional) rule.args = random_args(random, shape);
    for (const std::string& name : rule.names) {
      if (conditional && shape.one_rule_per_call && !spoken_for.insert(name).second) continue;
      const auto [verdict, is_new] = verdicts.try_emplace(name, rule.action, rule.errno_ret);
      oci::SeccompSyscall single = rule;
      single.names = {name};
      if (shape.one_verdict_per_call) {
        std::tie(single.action, single.errno_ret) = verdict->second;
      }
      profile.syscalls.push_back(std::move(single));
    }
  }
  return profile;
}

oci::Seccomp load_profile(const std::string& file) {
  std::ifstream in(std::string(NACRE_SOURCE_DIR) + "/tests/data/seccomp/" + file);
  const json document = json::parse(in);
  oci::Seccomp profile;
  profile.default_action = document.at("defaultAction");
  if (document.contains("defaultErrnoRet")) {
    profile.default_errno_ret = document.at("defaultErrnoRet").get<std::uint32_t>();
  }
  profile.architectures = document.at("architectures");
  for (const json& rule : document.at("syscalls")) {
    oci::SeccompSyscall syscall;
    syscall.names = rule.at("names");
    syscall.action = rule.at("action");
    if (rule.contains("errnoRet")) syscall.errno_ret = rule.at("errnoRet").get<std::uint32_t>();
    for (const json& arg : rule.value("args", json::array())) {
      syscall.args.push_back({arg.at("index"), arg.at("value"), arg.value("valueTwo", 0ULL),
                              arg.at("op").get<std::string>()});
    }
    profile.syscalls.push_back(std::move(syscall));
  }
  return profile;
}

}  // namespace nacre::test
