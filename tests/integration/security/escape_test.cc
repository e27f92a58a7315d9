// Attacks from inside the image or the container, one per class of published weakness. Each test
// arranges the attack of the CVE named at it; what counts is what happened outside.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/support/container_test.h"
#include "tests/support/sockets.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class SecurityTest : public ContainerTest {
 protected:
  fs::path outside() {
    fs::create_directories(work() / "outside");
    return work() / "outside";
  }
  bool outside_is_untouched() { return fs::is_empty(outside()); }
  void without_dev() {
    for (const char* path : {"/dev/mqueue", "/dev/shm", "/dev/pts", "/dev"})
      bundle().without_mount(path);
  }
};

// CVE-2019-19921, CVE-2023-27561, CVE-2023-28642, CVE-2025-54867
TEST_F(SecurityTest, ProcThatIsASymlink) {
  fs::create_directories(bundle().rootfs() / "elsewhere/self");
  fs::remove(bundle().rootfs() / "proc");
  fs::create_symlink("elsewhere", bundle().rootfs() / "proc");
  bundle().linux_section()["maskedPaths"] = {"/proc/version"};
  EXPECT_EQ(run().exit_code, 1);
}

TEST_F(SecurityTest, SysThatIsASymlink) {
  fs::create_directories(bundle().rootfs() / "elsewhere");
  fs::remove(bundle().rootfs() / "sys");
  fs::create_symlink("elsewhere", bundle().rootfs() / "sys");
  EXPECT_EQ(run().exit_code, 1);
}

// CVE-2019-16884: a bind over parts of /proc would redirect the writes of labels.
TEST_F(SecurityTest, MountsInsideProcAreRefused) {
  fs::create_directories(work() / "dir");
  for (const char* target :
       {"/proc", "/proc/self", "/proc/sys", "/proc/self/attr", "/proc/1/attr"}) {
    Bundle& own = new_bundle("b" + std::to_string(std::hash<std::string>()(target)));
    own.bind(work() / "dir", target);
    EXPECT_EQ(run_bundle(own, new_id()).exit_code, 1) << target;
  }
}

// lxcfs: these files may be covered.
TEST_F(SecurityTest, KnownFilesInProcMayBeCovered) {
  write_text(work() / "uptime", "1 2\n");
  bundle().bind(work() / "uptime", "/proc/uptime");
  EXPECT_EQ(probe({"read", "/proc/uptime"})["read"]["data"], "1 2\n");
}

// CVE-2026-41579: everything below /dev would be made where the link leads.
TEST_F(SecurityTest, DevThatIsAnAbsoluteSymlink) {
  NACRE_PEER_DIFFERS(kCrun, "this is CVE-2026-41579, which versions before 1.28 still have");
  NACRE_PEER_DIFFERS(kRunc, "this is CVE-2026-41579, which 1.1 still has");
  without_dev();
  fs::remove(bundle().rootfs() / "dev");
  fs::create_symlink(outside(), bundle().rootfs() / "dev");
  static_cast<void>(run());
  EXPECT_TRUE(outside_is_untouched());
}

TEST_F(SecurityTest, DevThatIsADotDotSymlink) {
  NACRE_PEER_DIFFERS(kCrun, "this is CVE-2026-41579, which versions before 1.28 still have");
  NACRE_PEER_DIFFERS(kRunc, "this is CVE-2026-41579, which 1.1 still has");
  fs::remove(bundle().rootfs() / "dev");
  fs::create_symlink("../../outside", bundle().rootfs() / "dev");
  static_cast<void>(outside());
  without_dev();
  static_cast<void>(run());
  EXPECT_TRUE(outside_is_untouched());
}

TEST_F(SecurityTest, ExistingPtmxThatIsADirectoryLinkIsNotFollowed) {
  without_dev();
  write_text(outside() / "victim", "precious");
  fs::create_symlink(outside() / "victim", bundle().rootfs() / "dev/ptmx");
  fs::create_symlink(outside() / "victim", bundle().rootfs() / "dev/console");
  static_cast<void>(run());
  EXPECT_EQ(read_text(outside() / "victim"), "precious");
}

// CVE-2026-88264: /dev/console of the image is a link to a file outside.
TEST_F(SecurityTest, ConsoleThroughASymlink) {
  without_dev();
  write_text(outside() / "victim", "precious");
  fs::create_symlink(outside() / "new-file", bundle().rootfs() / "dev/console");
  bundle().terminal().probe({"id"});
  FdReceiver receiver((work() / "console.sock").string());
  const std::string id = new_id();
  prepare(bundle(), id);
  Running running = runtime({"create", "--bundle", bundle().path(), "--pid-file", work() / "c.pid",
                             "--console-socket", receiver.path(), id})
                        .start();
  static_cast<void>(running.wait());
  EXPECT_FALSE(fs::exists(outside() / "new-file"));
}

// CVE-2025-31133: /dev/null of the image is something else, and is what masks paths.
TEST_F(SecurityTest, MaskWithAForgedNull) {
  without_dev();
  write_text(bundle().rootfs() / "decoy", "decoy");
  fs::create_symlink("/proc/version", bundle().rootfs() / "dev/null");
  bundle().linux_section()["maskedPaths"] = {"/proc/cpuinfo"};
  bundle().probe({"read", "/proc/cpuinfo"});
  const Outcome outcome = run();
  if (outcome.exit_code != 0) return;  // refusing the image is an answer too
  EXPECT_EQ(Report::parse(outcome.out)["read"]["data"], "");
}

TEST_F(SecurityTest, MaskWithANullThatIsADirectory) {
  without_dev();
  fs::create_directories(bundle().rootfs() / "dev/null");
  bundle().linux_section()["maskedPaths"] = {"/proc/cpuinfo"};
  bundle().probe({"read", "/proc/cpuinfo"});
  const Outcome outcome = run();
  if (outcome.exit_code != 0) return;
  EXPECT_EQ(Report::parse(outcome.out)["read"]["data"], "");
}

// A regular file named /dev/null must not be taken for the device either.
TEST_F(SecurityTest, NullThatIsAPlainFile) {
  NACRE_PEER_DIFFERS(kRunc, "takes the plain file for its standard streams");
  without_dev();
  write_text(bundle().rootfs() / "dev/null", "forged content");
  bundle().linux_section()["maskedPaths"] = {"/proc/cpuinfo"};
  bundle().probe({"read", "/proc/cpuinfo"});
  const Outcome outcome = run();
  if (outcome.exit_code != 0) return;
  EXPECT_EQ(Report::parse(outcome.out)["read"]["data"], "");
}

// CVE-2024-21626: a working directory that is a descriptor of the host.
TEST_F(SecurityTest, WorkingDirectoryThroughADescriptor) {
  for (int fd = 3; fd < 16; ++fd) {
    bundle().process()["cwd"] = "/proc/self/fd/" + std::to_string(fd);
    bundle().probe({"cwd", "ls", "."});
    const Outcome outcome = run();
    if (outcome.exit_code != 0) continue;
    const Report report = Report::parse(outcome.out);
    EXPECT_THAT(report["cwd"].value("cwd", ""), testing::StartsWith("/")) << outcome.out;
    EXPECT_THAT(report["cwd"].value("cwd", ""), Not(HasSubstr(work().string())));
  }
}

TEST_F(SecurityTest, ExecWorkingDirectoryThroughADescriptor) {
  const Container container = launch_idle();
  for (int fd = 3; fd < 16; ++fd) {
    const Outcome outcome = runtime({"exec", "--cwd", "/proc/self/fd/" + std::to_string(fd),
                                     container.id, "/probe", "cwd"})
                                .run();
    if (outcome.exit_code != 0) continue;
    EXPECT_THAT(Report::parse(outcome.out)["cwd"].value("cwd", ""), testing::StartsWith("/"));
  }
}

TEST_F(SecurityTest, ExecutableThroughADescriptor) {
  for (int fd = 3; fd < 16; ++fd) {
    bundle().args({"/proc/self/fd/" + std::to_string(fd), "--version"});
    EXPECT_NE(run().exit_code, 0) << fd;
  }
}

// CVE-2019-5736: the runtime must not execute itself for the container, ...
TEST_F(SecurityTest, ProcSelfExeAsTheProgram) {
  bundle().args({"/proc/self/exe", "--version"});
  const Outcome outcome = run();
  EXPECT_THAT(outcome.out, Not(HasSubstr("version")));
}

TEST_F(SecurityTest, ProcSelfExeAsTheInterpreter) {
  write_text(bundle().rootfs() / "script", "#!/proc/self/exe --version\n");
  ::chmod((bundle().rootfs() / "script").c_str(), 0755);
  bundle().args({"/script"});
  const Outcome outcome = run();
  EXPECT_THAT(outcome.out, Not(HasSubstr("spec: 1.")));
}

// ... and its executable must not be writable for a container that catches it during exec.
TEST_F(SecurityTest, ExecutableCaughtDuringExecIsNotWritable) {
  bundle().all_capabilities();
  const std::string before = read_text(runtime_path());
  const Container container = launch({"watch-exe", "3000", "exit", "0"});
  container.out->until("ready");
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(runtime({"exec", container.id, "/probe", "id"}).run());
  }
  const Report report = Report::parse(container.out->rest());
  reap(container.pid);
  EXPECT_NE(report["watch-exe"]["error"], "") << report["watch-exe"];
  EXPECT_TRUE(before == read_text(runtime_path())) << "the runtime's file was changed";
}

// CVE-2021-30465, CVE-2024-45310: the target changes while the container is made.
TEST_F(SecurityTest, MountTargetSwappedWithASymlink) {
  const fs::path target = bundle().rootfs() / "target";
  const fs::path spare = bundle().rootfs() / "spare";
  fs::create_directories(target);
  fs::create_directory_symlink(outside(), spare);
  write_text(work() / "file", "bound");
  bundle().bind(work() / "file", "/target/made-by-the-runtime").probe({"mounts"});
  std::atomic<bool> stop = false;
  std::thread attacker([&] {
    while (!stop) {
      // RENAME_EXCHANGE swaps the two atomically.
      ::renameat2(AT_FDCWD, target.c_str(), AT_FDCWD, spare.c_str(), 2);
    }
  });
  for (int i = 0; i < 30; ++i) static_cast<void>(run());
  stop = true;
  attacker.join();
  EXPECT_TRUE(outside_is_untouched());
}

TEST_F(SecurityTest, RootlessRangesAreNotWrapped) {
  for (const char* uid :
       {"4294967296", "18446744073709551616", "-1", "1e3", "1.5", "\"0\"", "4294967295"}) {
    json config = bundle().config();
    config["linux"]["cgroupsPath"] = cgroup_parent() + "/huge";
    std::string text = config.dump();
    const auto at = text.find("\"uid\":0");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 7, std::string("\"uid\":") + uid);
    bundle().raw_config(text);
    const Outcome outcome = run();
    EXPECT_EQ(outcome.exit_code, 1) << uid << "\n" << describe(outcome);
  }
}

// CVE-2021-41103 class.
TEST_F(SecurityTest, StateIsClosedToOthers) {
  const Container container = launch_idle();
  struct stat info{};
  ASSERT_EQ(::stat((state_root() / container.id).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0022U, 0U);
  for (const auto& entry : fs::directory_iterator(state_root() / container.id)) {
    ASSERT_EQ(::lstat(entry.path().c_str(), &info), 0);
    if (!S_ISREG(info.st_mode)) continue;
    EXPECT_EQ(info.st_mode & 0022U, 0U) << entry.path();
  }
}

// CVE-2020-15257: no abstract sockets.
TEST_F(SecurityTest, NoAbstractSockets) {
  const std::string before = read_text("/proc/net/unix");
  const Container container = launch_idle();
  EXPECT_EQ(std::count(before.begin(), before.end(), '@'), [] {
    const std::string now = read_text("/proc/net/unix");
    return std::count(now.begin(), now.end(), '@');
  }());
}

// The container's first process may not be traced or read by the container before it executes.
TEST_F(SecurityTest, ExecedProcessIsNotVisibleToPtraceWithoutPrivilege) {
  bundle().user(1000, 1000).capabilities({});
  const Container container = launch({"watch-exe", "2000", "exit", "0"});
  container.out->until("ready");
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(runtime({"exec", container.id, "/probe", "id"}).run());
  }
  const Report report = Report::parse(container.out->rest());
  reap(container.pid);
  EXPECT_EQ(report["watch-exe"]["caught"], false) << report["watch-exe"];
}

TEST_F(SecurityTest, ContainerOutputIsNotTheRuntimesLog) {
  const Container container = launch({"fds", "exit", "0"});
  const std::string text = container.out->rest();
  reap(container.pid);
  EXPECT_THAT(text, Not(HasSubstr("/logs/log")));
  EXPECT_THAT(text, Not(HasSubstr("exec.fifo")));
}

}  // namespace
}  // namespace nacre::test
