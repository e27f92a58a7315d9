// The kernel's own word: filters are loaded in a child, which then makes the calls.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "runtime/seccomp/compile.h"
#include "tests/unit/seccomp/profiles.h"

namespace nacre::test {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_AARCH64;
#else
#error "name the AUDIT_ARCH of this machine"
#endif

constexpr int kNotLoaded = 99;

seccomp::Facts facts() {
  seccomp::Facts made{kNative, 0};
  for (const std::uint64_t flag :
       {SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_FILTER_FLAG_NEW_LISTENER,
        SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV}) {
    // With a null filter the kernel looks at the flags first: EFAULT says that it knows them.
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, nullptr);
    if (errno == EFAULT) made.supported_flags |= flag;
  }
  return made;
}

// What seccomp(2) returned, negative on failure.
long load(const seccomp::Program& program) {
  sock_fprog fprog{static_cast<unsigned short>(program.filter.size()),
                   const_cast<sock_filter*>(program.filter.data())};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, program.flags, &fprog);
}

// Wait status of a child that loads the filter and exits with what `act` returns.
template <class Act>
int status_under(const oci::Seccomp& profile, const Act& act) {
  const auto program = seccomp::compile(profile, facts());
  if (!program) throw std::runtime_error(program.error().message());
  const pid_t child = fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (load(*program) < 0) _exit(kNotLoaded);
    _exit(act());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

template <class Act>
int exit_code_under(const oci::Seccomp& profile, const Act& act) {
  const int status = status_under(profile, act);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

oci::Seccomp all_but(oci::SeccompSyscall rule) {
  oci::Seccomp profile;
  profile.default_action = "SCMP_ACT_ALLOW";
  profile.syscalls = {std::move(rule)};
  return profile;
}

int errno_of(long result) { return result < 0 ? errno : 0; }

TEST(Live, Errno) {
  const auto act = [] { return errno_of(mkdir("/proc/self/x", 0700)); };
  EXPECT_EQ(exit_code_under(all_but({{"mkdir", "mkdirat"}, "SCMP_ACT_ERRNO", 100}), act), 100);
  EXPECT_EQ(exit_code_under(all_but({{"mkdir", "mkdirat"}, "SCMP_ACT_ERRNO"}), act), EPERM);
  EXPECT_NE(exit_code_under(all_but({{"rmdir"}, "SCMP_ACT_ERRNO", 100}), act), 100);
}

TEST(Live, ArgumentsAreCompared) {
  const oci::Seccomp profile =
      all_but({{"lseek"}, "SCMP_ACT_ERRNO", 77, {{1, 1ULL << 32, 0, "SCMP_CMP_GE"}}});
  const auto seek = [&](off_t offset) {
    return exit_code_under(profile, [=] {
      const int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
      return fd < 0 ? kNotLoaded : errno_of(lseek(fd, offset, SEEK_SET));
    });
  };
  EXPECT_EQ(seek(0xffffffff), 0);
  EXPECT_EQ(seek(1LL << 32), 77);
  EXPECT_EQ(seek((1LL << 32) + 5), 77);
}

TEST(Live, Kill) {
  utsname name{};
  const auto act = [&] { return errno_of(uname(&name)); };
  EXPECT_EQ(exit_code_under(all_but({{"uname"}, "SCMP_ACT_KILL"}), act), -SIGSYS);
  EXPECT_EQ(exit_code_under(all_but({{"uname"}, "SCMP_ACT_KILL_PROCESS"}), act), -SIGSYS);
  EXPECT_EQ(exit_code_under(all_but({{"uname"}, "SCMP_ACT_TRAP"}), act), -SIGSYS);
  EXPECT_EQ(exit_code_under(all_but({{"uname"}, "SCMP_ACT_TRACE"}), act), ENOSYS);  // no tracer
  EXPECT_EQ(exit_code_under(all_but({{"uname"}, "SCMP_ACT_LOG"}), act), 0);
}

TEST(Live, NotifyGivesADescriptor) {
  const auto program = seccomp::compile(all_but({{"mkdir"}, "SCMP_ACT_NOTIFY"}), facts());
  ASSERT_TRUE(program);
  ASSERT_TRUE(program->needs_listener);
  const pid_t child = fork();
  if (child == 0) _exit(load(*program) > 0 ? 0 : kNotLoaded);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Live, DockersProfile) {
  const oci::Seccomp profile = load_profile("docker-shaped.json");
  EXPECT_EQ(exit_code_under(profile, [] { return errno_of(getppid()); }), 0);
  EXPECT_EQ(exit_code_under(profile, [] { return errno_of(unlink("/no/such/place")); }), ENOENT);
  EXPECT_EQ(exit_code_under(profile, [] { return errno_of(sethostname("x", 1)); }), EPERM);
  EXPECT_EQ(exit_code_under(profile, [] { return errno_of(personality(0)); }), 0);
  EXPECT_EQ(exit_code_under(profile, [] { return errno_of(personality(4)); }), EPERM);
  EXPECT_EQ(exit_code_under(profile, [] { return errno_of(syscall(SYS_clone3, nullptr, 0)); }),
            ENOSYS);
  EXPECT_EQ(exit_code_under(profile, [] { return errno_of(syscall(5000)); }), ENOSYS);
}

// The kernel checks every program that random profiles give: none may be refused. A child reports
// through shared memory, because its filter may forbid everything, even to exit (then it dies of a
// signal).
TEST(Live, EveryProgramIsAccepted) {
  auto* loaded = static_cast<long*>(
      mmap(nullptr, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(loaded, MAP_FAILED);
  int accepted = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const oci::Seccomp profile =
        random_profile(random, {.archs = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32",
                                          "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"}});
    const auto program = seccomp::compile(profile, facts());
    if (!program) continue;  // a contradiction
    *loaded = -1;
    const pid_t child = fork();
    if (child == 0) {
      const rlimit no_core{0, 0};
      setrlimit(RLIMIT_CORE, &no_core);
      (void)std::signal(SIGILL, SIG_DFL);
      *loaded = load(*program);
      __builtin_trap();
    }
    waitpid(child, nullptr, 0);
    ASSERT_EQ(*loaded, 0) << "seed " << seed;
    ++accepted;
  }
  EXPECT_GT(accepted, 30);
  munmap(loaded, sizeof(long));
}

}  // namespace
}  // namespace nacre::test
