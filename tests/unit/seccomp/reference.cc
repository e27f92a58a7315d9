#include "tests/unit/seccomp/reference.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace nacre::test {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 19> kArchs = {{
    {"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64},
    {"SCMP_ARCH_X86", SCMP_ARCH_X86},
    {"SCMP_ARCH_X32", SCMP_ARCH_X32},
    {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64},
    {"SCMP_ARCH_ARM", SCMP_ARCH_ARM},
    {"SCMP_ARCH_MIPS", SCMP_ARCH_MIPS},
    {"SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64},
    {"SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32},
    {"SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL},
    {"SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64},
    {"SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32},
    {"SCMP_ARCH_PARISC", SCMP_ARCH_PARISC},
    {"SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64},
    {"SCMP_ARCH_PPC", SCMP_ARCH_PPC},
    {"SCMP_ARCH_PPC64", SCMP_ARCH_PPC64},
    {"SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE},
    {"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64},
    {"SCMP_ARCH_S390", SCMP_ARCH_S390},
    {"SCMP_ARCH_S390X", SCMP_ARCH_S390X},
}};

using Context = std::unique_ptr<void, decltype(&seccomp_release)>;

void require(int rc, const char* what) {
  if (rc < 0) throw std::runtime_error(std::string(what) + ": " + std::to_string(-rc));
}

scmp_arg_cmp comparison(const oci::SeccompArg& arg) {
  constexpr std::array<std::pair<std::string_view, scmp_compare>, 7> kOperators = {{
      {"SCMP_CMP_NE", SCMP_CMP_NE},
      {"SCMP_CMP_LT", SCMP_CMP_LT},
      {"SCMP_CMP_LE", SCMP_CMP_LE},
      {"SCMP_CMP_EQ", SCMP_CMP_EQ},
      {"SCMP_CMP_GE", SCMP_CMP_GE},
      {"SCMP_CMP_GT", SCMP_CMP_GT},
      {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
  }};
  for (const auto& [word, op] : kOperators) {
    if (word == arg.op) return {arg.index, op, arg.value, arg.value_two};
  }
  throw std::runtime_error("operator " + arg.op);
}

bool repeats_an_argument(const oci::SeccompSyscall& syscall) {
  unsigned seen = 0;
  for (const oci::SeccompArg& arg : syscall.args) {
    if ((seen & (1U << arg.index)) != 0) return true;
    seen |= 1U << arg.index;
  }
  return false;
}

std::vector<std::vector<scmp_arg_cmp>> alternatives_of(const oci::SeccompSyscall& syscall) {
  std::vector<std::vector<scmp_arg_cmp>> alternatives;
  if (!repeats_an_argument(syscall)) alternatives.emplace_back();
  for (const oci::SeccompArg& arg : syscall.args) {
    if (repeats_an_argument(syscall)) alternatives.emplace_back();
    alternatives.back().push_back(comparison(arg));
  }
  return alternatives;
}

int add_rules(const Context& context, const oci::Seccomp& spec) {
  const std::uint32_t fallback = action_word(spec.default_action, spec.default_errno_ret);
  for (const oci::SeccompSyscall& syscall : spec.syscalls) {
    const std::uint32_t action = action_word(syscall.action, syscall.errno_ret);
    if (action == fallback) continue;
    for (const std::string& name : syscall.names) {
      const int number = seccomp_syscall_resolve_name(name.c_str());
      if (number == __NR_SCMP_ERROR) continue;
      for (const auto& args : alternatives_of(syscall)) {
        const int rc = seccomp_rule_add_array(context.get(), action, number,
                                              static_cast<unsigned>(args.size()), args.data());
        if (rc < 0) return -rc;
      }
    }
  }
  return 0;
}

std::vector<sock_filter> exported(const Context& context) {
  const int fd = memfd_create("filter", MFD_CLOEXEC);
  require(fd, "memfd_create");
  require(seccomp_export_bpf(context.get(), fd), "seccomp_export_bpf");
  const off_t size = lseek(fd, 0, SEEK_END);
  std::vector<sock_filter> filter(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (pread(fd, filter.data(), static_cast<std::size_t>(size), 0) != size) {
    throw std::runtime_error("the exported filter is cut short");
  }
  close(fd);
  return filter;
}

bool is_big_endian(std::uint32_t token) {
  return (token & 0x40000000U) == 0;  // __AUDIT_ARCH_LE
}

bool holds(const scmp_arg_cmp& condition, std::uint64_t argument, bool is_64bit) {
  const std::uint64_t width = is_64bit ? ~std::uint64_t{0} : 0xffffffffU;
  const std::uint64_t a = argument & width;
  const std::uint64_t value = condition.datum_a & width;
  switch (condition.op) {
    case SCMP_CMP_NE:
      return a != value;
    case SCMP_CMP_LT:
      return a < value;
    case SCMP_CMP_LE:
      return a <= value;
    case SCMP_CMP_EQ:
      return a == value;
    case SCMP_CMP_GE:
      return a >= value;
    case SCMP_CMP_GT:
      return a > value;
    default:
      return (a & value) == (condition.datum_b & value);
  }
}

bool applies(const oci::SeccompSyscall& syscall, bool is_64bit, const seccomp_data& data,
             bool carried) {
  return std::ranges::any_of(alternatives_of(syscall), [&](const auto& alternative) {
    return std::ranges::all_of(alternative, [&](const scmp_arg_cmp& condition) {
      const bool of_the_carrier = carried && condition.arg == 0;
      return of_the_carrier || holds(condition, data.args[condition.arg], is_64bit);
    });
  });
}

// No condition, or only masks that leave nothing to compare.
bool applies_always(const oci::SeccompSyscall& syscall, bool is_64bit) {
  const std::uint64_t width = is_64bit ? ~std::uint64_t{0} : 0xffffffffU;
  return std::ranges::any_of(alternatives_of(syscall), [&](const auto& alternative) {
    return std::ranges::all_of(alternative, [&](const scmp_arg_cmp& condition) {
      return condition.op == SCMP_CMP_MASKED_EQ && (condition.datum_a & width) == 0;
    });
  });
}

// The name whose rules decide, for a call inside socketcall(2) or ipc(2) too.
std::vector<std::string> names_of_call(std::uint32_t token, const seccomp_data& data) {
  std::vector<std::string> names;
  const auto ask = [&](int number) {
    char* name = seccomp_syscall_resolve_num_arch(token, number);
    if (name != nullptr) names.emplace_back(name);
    free(name);
  };
  ask(data.nr);
  if (names.empty()) return names;
  const auto call = static_cast<std::uint32_t>(data.args[0]);
  if (names.front() == "socketcall" && call >= 1 && call <= 20) ask(-100 - static_cast<int>(call));
  if (names.front() == "ipc" && call >= 1 && call <= 24) ask(-200 - static_cast<int>(call));
  return names;
}

}  // namespace

std::uint32_t arch_token(const std::string& oci_word) {
  for (const auto& [word, token] : kArchs) {
    if (word == oci_word) return token;
  }
  return 0;
}

std::uint32_t action_word(const std::string& action, std::optional<std::uint32_t> errno_ret) {
  if (action == "SCMP_ACT_ERRNO") return SCMP_ACT_ERRNO(errno_ret.value_or(EPERM));
  if (action == "SCMP_ACT_TRACE") return SCMP_ACT_TRACE(errno_ret.value_or(EPERM));
  if (action == "SCMP_ACT_ALLOW") return SCMP_ACT_ALLOW;
  if (action == "SCMP_ACT_LOG") return SCMP_ACT_LOG;
  if (action == "SCMP_ACT_TRAP") return SCMP_ACT_TRAP;
  if (action == "SCMP_ACT_NOTIFY") return SCMP_ACT_NOTIFY;
  if (action == "SCMP_ACT_KILL_PROCESS") return SCMP_ACT_KILL_PROCESS;
  if (action == "SCMP_ACT_KILL" || action == "SCMP_ACT_KILL_THREAD") return SCMP_ACT_KILL_THREAD;
  throw std::runtime_error("action " + action);
}

LibseccompFilter libseccomp_filter(const oci::Seccomp& spec, std::uint32_t native,
                                   unsigned optimize) {
  const Context context(seccomp_init(action_word(spec.default_action, spec.default_errno_ret)),
                        &seccomp_release);
  if (context == nullptr) throw std::runtime_error("seccomp_init");
  if (native != seccomp_arch_native()) {
    require(seccomp_arch_remove(context.get(), SCMP_ARCH_NATIVE), "seccomp_arch_remove");
    require(seccomp_arch_add(context.get(), native), "seccomp_arch_add");
  }
  for (const std::string& word : spec.architectures) {
    const int rc = seccomp_arch_add(context.get(), arch_token(word));
    if (rc != -EEXIST) require(rc, "seccomp_arch_add");
  }
  require(seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, optimize), "optimize");
  LibseccompFilter result;
  result.error = add_rules(context, spec);
  if (result.error != 0) return result;
  result.filter = exported(context);
  if (is_big_endian(native)) {
    for (sock_filter& op : result.filter) {
      op.code = __builtin_bswap16(op.code);
      op.k = __builtin_bswap32(op.k);
    }
  }
  return result;
}

std::uint32_t plain_verdict(const oci::Seccomp& spec, std::uint32_t token, bool is_64bit,
                            const seccomp_data& data) {
  const std::vector<std::string> names = names_of_call(token, data);
  const std::uint32_t fallback = action_word(spec.default_action, spec.default_errno_ret);
  std::optional<std::uint32_t> verdict;
  for (const oci::SeccompSyscall& syscall : spec.syscalls) {
    const std::uint32_t action = action_word(syscall.action, syscall.errno_ret);
    if (action == fallback) continue;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (std::ranges::find(syscall.names, names[i]) == syscall.names.end()) continue;
      const bool carried = i > 0;
      if (!carried && applies_always(syscall, is_64bit)) return action;
      if (!verdict && applies(syscall, is_64bit, data, carried)) verdict = action;
    }
  }
  return verdict.value_or(fallback);
}

}  // namespace nacre::test
