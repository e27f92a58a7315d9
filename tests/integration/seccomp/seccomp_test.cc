// linux.seccomp: every action, argument comparisons, flags, the notification listener.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "tests/support/container_test.h"
#include "tests/support/sockets.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;

// getpgid is the victim: harmless, ESRCH for a process that does not exist, and nobody on the way
// to execve needs it. 88 (ENOTSOCK) is an answer it never gives by itself.
constexpr int kMarker = 88;
const std::string kVictim = std::to_string(SYS_getpgid);

class SeccompTest : public ContainerTest {
 protected:
  void profile(json rules, const std::string& fallback = "SCMP_ACT_ALLOW") {
    bundle().linux_section()["seccomp"] = {
        {"defaultAction", fallback}, {"architectures", {"SCMP_ARCH_X86_64"}}, {"syscalls", rules}};
  }
  static json rule(const std::string& action, json args = json::array()) {
    json entry = {{"names", {"getpgid"}}, {"action", action}};
    if (action == "SCMP_ACT_ERRNO") entry["errnoRet"] = kMarker;
    if (!args.empty()) entry["args"] = std::move(args);
    return entry;
  }
  static json arg(unsigned index, std::uint64_t value, const std::string& op,
                  std::uint64_t value_two = 0) {
    return {{"index", index}, {"value", value}, {"valueTwo", value_two}, {"op", op}};
  }
  // Whether a call with this first argument is caught by the profile.
  bool caught(const std::string& first) {
    const json answer = probe({"syscall", kVictim, first, "0", "0", "0"})["syscall"];
    EXPECT_THAT(answer.value("error", "?"), testing::AnyOf("ENOTSOCK", "ESRCH", "", "EPERM"));
    return answer["error"] == "ENOTSOCK";
  }
  Outcome call() {
    bundle().probe({"syscall", kVictim, "9999", "0", "0", "0"});
    return run();
  }
};

TEST_F(SeccompTest, NoProfileNoFilter) { EXPECT_EQ(probe({"seccomp"})["seccomp"]["mode"], 0); }

TEST_F(SeccompTest, ProfileIsInForce) {
  profile({rule("SCMP_ACT_ERRNO")});
  const Report report = probe({"seccomp", "syscall", kVictim, "9999", "0", "0", "0"});
  EXPECT_EQ(report["seccomp"]["mode"], 2);
  EXPECT_EQ(report["syscall"]["error"], "ENOTSOCK");
}

TEST_F(SeccompTest, ErrnoDefaultsToEperm) {
  json entry = rule("SCMP_ACT_ERRNO");
  entry.erase("errnoRet");
  profile({entry});
  EXPECT_EQ(Report::parse(call().out)["syscall"]["error"], "EPERM");
}

TEST_F(SeccompTest, HoldsForExec) {
  profile({rule("SCMP_ACT_ERRNO")});
  const Container container = launch_idle();
  EXPECT_EQ(exec(container.id, {"syscall", kVictim, "9999", "0", "0", "0"})["syscall"]["error"],
            "ENOTSOCK");
}

TEST_F(SeccompTest, WithNoNewPrivileges) {
  profile({rule("SCMP_ACT_ERRNO")});
  bundle().process()["noNewPrivileges"] = true;
  bundle().user(1000, 1000).capabilities({});
  EXPECT_EQ(Report::parse(call().out)["syscall"]["error"], "ENOTSOCK");
}

// Without no_new_privs the filter goes in while the capability is still there.
TEST_F(SeccompTest, WithoutCapabilitiesAndWithoutNoNewPrivileges) {
  profile({rule("SCMP_ACT_ERRNO")});
  bundle().user(1000, 1000).capabilities({});
  EXPECT_EQ(Report::parse(call().out)["syscall"]["error"], "ENOTSOCK");
}

TEST_F(SeccompTest, KillEndsTheProcess) {
  for (const char* action : {"SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS"}) {
    profile({rule(action)});
    EXPECT_EQ(call().exit_code, 128 + SIGSYS) << action;
  }
}

TEST_F(SeccompTest, TrapIsSigsys) {
  profile({rule("SCMP_ACT_TRAP")});
  EXPECT_EQ(call().exit_code, 128 + SIGSYS);
}

TEST_F(SeccompTest, TraceWithoutATracerIsEnosys) {
  profile({rule("SCMP_ACT_TRACE")});
  EXPECT_EQ(Report::parse(call().out)["syscall"]["error"], "ENOSYS");
}

TEST_F(SeccompTest, LogAllows) {
  profile({rule("SCMP_ACT_LOG")});
  EXPECT_EQ(Report::parse(call().out)["syscall"]["error"], "ESRCH");
}

struct Comparison {
  const char* op;
  const char* below;  // getpgid(4), (5), (6): caught where '1'
};
void PrintTo(const Comparison& entry, std::ostream* out) { *out << entry.op; }
std::string op_of(const testing::TestParamInfo<Comparison>& info) {
  return std::string(info.param.op).substr(9);
}

class ComparisonTest : public SeccompTest, public testing::WithParamInterface<Comparison> {};

TEST_P(ComparisonTest, OfTheFirstArgument) {
  profile({rule("SCMP_ACT_ERRNO", {arg(0, 1000005, GetParam().op)})});
  const std::string got = std::string() + (caught("1000004") ? '1' : '0') +
                          (caught("1000005") ? '1' : '0') + (caught("1000006") ? '1' : '0');
  EXPECT_EQ(got, GetParam().below);
}

INSTANTIATE_TEST_SUITE_P(
    , ComparisonTest,
    testing::Values(Comparison{"SCMP_CMP_EQ", "010"}, Comparison{"SCMP_CMP_NE", "101"},
                    Comparison{"SCMP_CMP_LT", "100"}, Comparison{"SCMP_CMP_LE", "110"},
                    Comparison{"SCMP_CMP_GT", "001"}, Comparison{"SCMP_CMP_GE", "011"}),
    op_of);

TEST_F(SeccompTest, MaskedEqual) {
  profile({rule("SCMP_ACT_ERRNO", {arg(0, 0xff00, "SCMP_CMP_MASKED_EQ", 0x1200)})});
  EXPECT_TRUE(caught("0x1200"));
  EXPECT_TRUE(caught("0x12ff"));
  EXPECT_TRUE(caught("0xab12cd"));
  EXPECT_FALSE(caught("0x1300"));
}

TEST_F(SeccompTest, ComparisonsAre64Bits) {
  profile({rule("SCMP_ACT_ERRNO", {arg(0, 0x100000005ULL, "SCMP_CMP_EQ")})});
  EXPECT_TRUE(caught("0x100000005"));
  EXPECT_FALSE(caught("5"));
  profile({rule("SCMP_ACT_ERRNO", {arg(0, 0x100000000ULL, "SCMP_CMP_GE")})});
  EXPECT_TRUE(caught("0x200000000"));
  EXPECT_FALSE(caught("0xffffffff"));
}

TEST_F(SeccompTest, SeveralArgumentsMustAllMatch) {
  profile({rule("SCMP_ACT_ERRNO", {arg(0, 1000005, "SCMP_CMP_EQ"), arg(1, 7, "SCMP_CMP_EQ")})});
  const Report report = probe(
      {"syscall", kVictim, "1000005", "7", "0", "0", "syscall", kVictim, "1000005", "8", "0", "0"});
  EXPECT_EQ(report.at("syscall", 0)["error"], "ENOTSOCK");
  EXPECT_EQ(report.at("syscall", 1)["error"], "ESRCH");
}

TEST_F(SeccompTest, SeveralRulesForOneCallAreAlternatives) {
  profile({rule("SCMP_ACT_ERRNO", {arg(0, 1000001, "SCMP_CMP_EQ")}),
           rule("SCMP_ACT_ERRNO", {arg(0, 1000003, "SCMP_CMP_EQ")})});
  EXPECT_TRUE(caught("1000001"));
  EXPECT_FALSE(caught("1000002"));
  EXPECT_TRUE(caught("1000003"));
}

TEST_F(SeccompTest, UnknownSyscallNamesAreIgnored) {
  json entry = rule("SCMP_ACT_ERRNO");
  entry["names"] = {"no_such_call_anywhere", "getpgid"};
  profile({entry});
  EXPECT_TRUE(caught("1000001"));
}

TEST_F(SeccompTest, OtherArchitecturesInTheListDoNoHarm) {
  profile({rule("SCMP_ACT_ERRNO")});
  bundle().linux_section()["seccomp"]["architectures"] = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
                                                          "SCMP_ARCH_X32"};
  EXPECT_TRUE(caught("1000001"));
}

TEST_F(SeccompTest, Flags) {
  NACRE_PEER_DIFFERS(kRunc, "1.1.5 knows no flags");
  profile({rule("SCMP_ACT_ERRNO")});
  bundle().linux_section()["seccomp"]["flags"] = {
      "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"};
  EXPECT_TRUE(caught("1000001"));
}

// What a profile lists is allowed, what it could have listed is refused, and what is younger than
// the profile does not exist: C libraries fall back on ENOSYS and give up on EPERM.
TEST_F(SeccompTest, CallsYoungerThanTheProfileAreEnosys) {
  NACRE_PEER_DIFFERS(kCrun, "answers everything with the default action");
  json names = json::array();
  for (const char* name : {"read",
                           "write",
                           "open",
                           "close",
                           "stat",
                           "fstat",
                           "lstat",
                           "poll",
                           "lseek",
                           "mmap",
                           "mprotect",
                           "munmap",
                           "brk",
                           "rt_sigaction",
                           "rt_sigprocmask",
                           "rt_sigreturn",
                           "ioctl",
                           "pread64",
                           "pwrite64",
                           "readv",
                           "writev",
                           "access",
                           "pipe",
                           "pipe2",
                           "select",
                           "sched_yield",
                           "mremap",
                           "madvise",
                           "dup",
                           "dup2",
                           "dup3",
                           "nanosleep",
                           "getpid",
                           "socket",
                           "connect",
                           "sendto",
                           "recvfrom",
                           "sendmsg",
                           "recvmsg",
                           "clone",
                           "fork",
                           "vfork",
                           "execve",
                           "execveat",
                           "exit",
                           "exit_group",
                           "wait4",
                           "waitid",
                           "kill",
                           "tgkill",
                           "uname",
                           "fcntl",
                           "flock",
                           "fsync",
                           "getcwd",
                           "chdir",
                           "fchdir",
                           "readlink",
                           "readlinkat",
                           "chmod",
                           "umask",
                           "gettimeofday",
                           "getrlimit",
                           "setrlimit",
                           "prlimit64",
                           "getuid",
                           "getgid",
                           "setuid",
                           "setgid",
                           "geteuid",
                           "getegid",
                           "setpgid",
                           "getppid",
                           "getpgrp",
                           "setsid",
                           "setgroups",
                           "getgroups",
                           "setresuid",
                           "getresuid",
                           "setresgid",
                           "getresgid",
                           "capget",
                           "capset",
                           "sigaltstack",
                           "statfs",
                           "fstatfs",
                           "prctl",
                           "arch_prctl",
                           "gettid",
                           "futex",
                           "sched_getaffinity",
                           "sched_setaffinity",
                           "set_thread_area",
                           "epoll_create1",
                           "epoll_ctl",
                           "epoll_wait",
                           "epoll_pwait",
                           "getdents64",
                           "set_tid_address",
                           "clock_gettime",
                           "clock_nanosleep",
                           "openat",
                           "newfstatat",
                           "unlinkat",
                           "faccessat",
                           "set_robust_list",
                           "eventfd2",
                           "getrandom",
                           "memfd_create",
                           "seccomp",
                           "statx",
                           "rseq",
                           "close_range",
                           "openat2",
                           "faccessat2",
                           "pidfd_send_signal",
                           "pidfd_open",
                           "clone3"}) {
    names.push_back(name);
  }
  profile({{{"names", names}, {"action", "SCMP_ACT_ALLOW"}}}, "SCMP_ACT_ERRNO");
  const Report report = probe({"syscall", "163", "0", "0", "0", "0",     // acct: old, not listed
                               "syscall", "1000", "0", "0", "0", "0"});  // not invented yet
  EXPECT_EQ(report.at("syscall", 0)["error"], "EPERM");
  EXPECT_EQ(report.at("syscall", 1)["error"], "ENOSYS");
}

TEST_F(SeccompTest, UnknownActionIsNamed) {
  profile({rule("SCMP_ACT_NO_SUCH")});
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("SCMP_ACT_NO_SUCH"));
}

TEST_F(SeccompTest, UnknownOperatorIsNamed) {
  NACRE_PEER_DIFFERS(kCrun, "does not name it");
  profile({rule("SCMP_ACT_ERRNO", {arg(0, 1, "SCMP_CMP_NO_SUCH")})});
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("SCMP_CMP_NO_SUCH"));
}

TEST_F(SeccompTest, ArgumentIndexOutOfRange) {
  profile({rule("SCMP_ACT_ERRNO", {arg(6, 1, "SCMP_CMP_EQ")})});
  EXPECT_EQ(run().exit_code, 1);
}

TEST_F(SeccompTest, NotifyGoesToTheListener) {
  FdReceiver agent((work() / "agent.sock").string());
  profile({rule("SCMP_ACT_NOTIFY")});
  bundle().linux_section()["seccomp"]["listenerPath"] = agent.path();
  bundle().linux_section()["seccomp"]["listenerMetadata"] = "for-the-agent";
  bundle().probe({"syscall", kVictim, "9999", "0", "0", "0"});
  const std::string id = new_id();
  prepare(bundle(), id);
  Running running = runtime({"run", "--bundle", bundle().path(), id}).start();
  const ReceivedFd received = agent.receive();
  ASSERT_EQ(received.count, 1);
  const json message = json::parse(received.data, nullptr, false);
  ASSERT_TRUE(message.is_object()) << received.data;
  EXPECT_EQ(message["fds"], json({"seccompFd"}));
  EXPECT_EQ(message["metadata"], "for-the-agent");
  EXPECT_EQ(message["state"]["id"], id);
  EXPECT_GT(message.value("pid", 0), 0);
  pollfd entry{received.fd.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&entry, 1, static_cast<int>(time_limit().count())), 1);
  seccomp_notif request{};
  ASSERT_EQ(::ioctl(received.fd.get(), SECCOMP_IOCTL_NOTIF_RECV, &request), 0);
  EXPECT_EQ(request.data.nr, SYS_getpgid);
  seccomp_notif_resp response{};
  response.id = request.id;
  response.error = -EXDEV;
  ASSERT_EQ(::ioctl(received.fd.get(), SECCOMP_IOCTL_NOTIF_SEND, &response), 0);
  const Outcome outcome = running.wait();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_EQ(Report::parse(outcome.out)["syscall"]["error"], "EXDEV");
}

TEST_F(SeccompTest, NotifyWithoutAListener) {
  NACRE_PEER_DIFFERS(kCrun, "ignores the rule");
  profile({rule("SCMP_ACT_NOTIFY")});
  EXPECT_EQ(run().exit_code, 1);
}

TEST_F(SeccompTest, ListenerThatIsMissing) {
  profile({rule("SCMP_ACT_NOTIFY")});
  bundle().linux_section()["seccomp"]["listenerPath"] = "/no/such/agent.sock";
  expect_failure(run(), 1, "failed to connect with seccomp agent");
}

// The runtime itself writes after the filter is in place: it would wait for itself.
TEST_F(SeccompTest, NotifyOfWriteIsRefused) {
  FdReceiver agent((work() / "agent.sock").string());
  json entry = rule("SCMP_ACT_NOTIFY");
  entry["names"] = {"write"};
  profile({entry});
  bundle().linux_section()["seccomp"]["listenerPath"] = agent.path();
  NACRE_PEER_DIFFERS(kCrun, "does not look");
  expect_failure(run(), 1, "SCMP_ACT_NOTIFY cannot be used for the write syscall");
}

}  // namespace
}  // namespace nacre::test
