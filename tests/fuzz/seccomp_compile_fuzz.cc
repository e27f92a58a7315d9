// Any profile at all: compile() neither crashes nor gives a program that the kernel's checker would
// refuse.
#include <linux/audit.h>
#include <linux/seccomp.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "runtime/seccomp/compile.h"
#include "tests/support/bpf_interpreter.h"

namespace {

using nacre::oci::Seccomp;
using nacre::oci::SeccompArg;
using nacre::oci::SeccompSyscall;

// The fuzzer's bytes as a stream of choices; zeros when they are used up.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  [[nodiscard]] bool left() const { return used_ < size_; }
  std::uint8_t byte() { return left() ? data_[used_++] : 0; }
  std::uint64_t number() {
    const std::uint8_t width = byte() % 9;
    std::uint64_t value = 0;
    for (std::uint8_t i = 0; i < width; ++i) value = value << 8 | byte();
    return value;
  }
  template <class List>
  std::string word(const List& list) {
    const std::size_t index = byte() % (std::size(list) + 1);
    return index == std::size(list) ? text() : std::string(list[index]);
  }

 private:
  std::string text() {
    std::string made;
    for (std::uint8_t i = byte() % 20; i > 0; --i) made += static_cast<char>(byte());
    return made;
  }

  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t used_ = 0;
};

constexpr std::array kNames = {"read",   "write", "ioctl",      "socket",       "bind",
                               "clone3", "semop", "socketcall", "ipc",          "personality",
                               "mmap2",  "statx", "semtimedop", "set_tls",      "futex_waitv",
                               "listns", "setup", "fcntl64",    "no_such_call", "accept"};
constexpr std::array<std::uint32_t, 5> kNatives = {
    AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_I386, AUDIT_ARCH_S390X, AUDIT_ARCH_MIPSEL64};

SeccompSyscall make_rule(Choices& choices) {
  SeccompSyscall rule;
  for (int names = choices.byte() % 8; names > 0; --names) {
    rule.names.push_back(choices.word(kNames));
  }
  rule.action = choices.word(nacre::seccomp::known_actions());
  if (choices.byte() % 4 == 0) rule.errno_ret = static_cast<std::uint32_t>(choices.number());
  for (int args = choices.byte() % 8; args > 0; --args) {
    SeccompArg arg;
    arg.index = choices.byte() % 7;
    arg.value = choices.number();
    arg.value_two = choices.number();
    arg.op = choices.word(nacre::seccomp::known_operators());
    rule.args.push_back(arg);
  }
  return rule;
}

Seccomp make_profile(Choices& choices) {
  Seccomp profile;
  profile.default_action = choices.word(nacre::seccomp::known_actions());
  if (choices.byte() % 4 == 0)
    profile.default_errno_ret = static_cast<std::uint32_t>(choices.number());
  for (int archs = choices.byte() % 5; archs > 0; --archs) {
    profile.architectures.push_back(choices.word(nacre::seccomp::known_archs()));
  }
  for (int flags = choices.byte() % 4; flags > 0; --flags) {
    profile.flags.push_back(choices.word(nacre::seccomp::known_flags()));
  }
  while (choices.left() && profile.syscalls.size() < 600) {
    profile.syscalls.push_back(make_rule(choices));
  }
  return profile;
}

void give_up(const std::string& why) {
  (void)std::fprintf(stderr, "%s\n", why.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  const nacre::seccomp::Facts facts{kNatives[choices.byte() % kNatives.size()], choices.byte()};
  const Seccomp profile = make_profile(choices);
  const auto program = nacre::seccomp::compile(profile, facts);
  if (!program) {
    if (program.error().message().empty()) give_up("an error without a sentence");
    return 0;
  }
  if (const auto fault = nacre::test::fault_of_filter(program->filter)) give_up(*fault);
  // Whatever the call: the program ends, and with a verdict the profile or the rules for unnamed
  // calls can give.
  for (const std::uint32_t number : {0U, 1U, 16U, 54U, 102U, 117U, 359U, 450U, 0x40000010U, ~0U}) {
    nacre::test::FilterInput input;
    input.data.nr = static_cast<int>(number);
    input.data.arch = facts.native_audit_arch;
    input.data.args[0] = number;
    const auto result = nacre::test::run_filter(program->filter, input);
    if (result.steps > program->filter.size()) give_up("a program that goes backwards");
  }
  return 0;
}
