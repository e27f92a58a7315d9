// What a hostile image, container or neighbour may do to the runtime and, through it, to the host.
// As in escape_test.cc; these were found by trying to break in here.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

mode_t mode_of(const fs::path& path) {
  struct stat info{};
  EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777U;
}

class HostileTest : public ContainerTest {
 protected:
  void SetUp() override {
    NACRE_PEER_DIFFERS(kRunc, "these attacks are on what is nacre-runtime's own");
    NACRE_PEER_DIFFERS(kCrun, "these attacks are on what is nacre-runtime's own");
    ContainerTest::SetUp();
  }
  // Does something over and over while `action` runs.
  static void meanwhile(const std::function<void()>& attack, const std::function<void()>& action) {
    std::atomic<bool> stop = false;
    std::thread attacker([&] {
      while (!stop) attack();
    });
    action();
    stop = true;
    attacker.join();
  }
};

// What covers a masked file is the host's own /dev/null: nothing about it may be changed.
TEST_F(HostileTest, AMaskedFileIsNotTheHostsDeviceToChange) {
  const mode_t before = mode_of("/dev/null");
  bundle().linux_section()["maskedPaths"] = {"/proc/keys"};
  const Report report =
      probe({"chmod", "/proc/keys", "0600", "write", "/proc/keys", "x", "read", "/proc/keys"});
  const mode_t after = mode_of("/dev/null");
  if (after != before) ::chmod("/dev/null", before);
  EXPECT_EQ(after, before);
  EXPECT_EQ(report["chmod"]["error"], "EROFS");
  EXPECT_EQ(report["write"]["error"], "");
  EXPECT_EQ(report["read"]["data"], "");
}

// A device's place in the image is a link to a file of the host.
TEST_F(HostileTest, ADeviceThatIsALinkIsNotFollowed) {
  write_text(work() / "victim", "precious");
  ::chmod((work() / "victim").c_str(), 0600);
  fs::create_symlink(work() / "victim", bundle().rootfs() / "data/node");
  bundle().linux_section()["devices"] = {
      {{"path", "/data/node"}, {"type", "c"}, {"major", 1}, {"minor", 3}, {"fileMode", 0666}}};
  EXPECT_EQ(run().exit_code, 1);
  EXPECT_EQ(mode_of(work() / "victim"), 0600U);
}

// The device that is there already serves, with the mode and owner that were asked for.
TEST_F(HostileTest, ADeviceThatIsThereTakesTheModeThatIsWanted) {
  const fs::path node = bundle().rootfs() / "data/node";
  ASSERT_EQ(::mknod(node.c_str(), S_IFCHR | 0600, 0x103), 0);
  bundle().linux_section()["devices"] = {{{"path", "/data/node"},
                                          {"type", "c"},
                                          {"major", 1},
                                          {"minor", 3},
                                          {"fileMode", 0666},
                                          {"uid", 7},
                                          {"gid", 8}}};
  const Report report = probe({"stat", "/data/node"});
  EXPECT_EQ(report["stat"]["mode"], "0666");
  EXPECT_EQ(report["stat"]["uid"], 7);
}

// A neighbour exchanges /proc of the image with a link while the container is made.
TEST_F(HostileTest, ProcGoesWhereItIsLookedForOrNowhere) {
  const fs::path proc = bundle().rootfs() / "proc";
  const fs::path spare = bundle().rootfs() / "spare";
  fs::create_directories(bundle().rootfs() / "elsewhere");
  fs::create_directory_symlink("elsewhere", spare);
  bundle().probe({"ls", "/elsewhere"});
  const auto exchange = [&] { ::renameat2(AT_FDCWD, proc.c_str(), AT_FDCWD, spare.c_str(), 2); };
  meanwhile(exchange, [&] {
    for (int i = 0; i < 60; ++i) {
      const Outcome outcome = run();
      if (outcome.exit_code != 0) continue;
      EXPECT_THAT(outcome.out, Not(HasSubstr("cpuinfo"))) << "procfs is at /elsewhere";
    }
  });
}

// Somebody renames files of their own without end: lookups with ".." must go on all the same.
TEST_F(HostileTest, RenamesElsewhereDoNotStopACreate) {
  fs::create_directories(work() / "theirs");
  write_text(work() / "theirs/a", "");
  fs::create_directories(bundle().rootfs() / "var");
  fs::create_directory_symlink("../data", bundle().rootfs() / "var/run");
  bundle().bind(work() / "theirs", "/var/run/volume").probe({"exit", "0"});
  const std::string a = work() / "theirs/a";
  const std::string b = work() / "theirs/b";
  const auto rename = [&] {
    ::rename(a.c_str(), b.c_str());
    ::rename(b.c_str(), a.c_str());
  };
  meanwhile(rename, [&] {
    for (int i = 0; i < 30; ++i) {
      const Outcome outcome = run();
      ASSERT_EQ(outcome.exit_code, 0) << describe(outcome);
    }
  });
}

// An image must not lead a volume to where programs ask the kernel.
TEST_F(HostileTest, AVolumeThroughALinkIntoProcIsRefused) {
  fs::create_directories(work() / "volume");
  fs::create_symlink("/proc/sys", bundle().rootfs() / "vol");
  bundle().bind(work() / "volume", "/vol");
  expect_failure(run(), 1, "cannot be mounted because it is inside /proc");
}

TEST_F(HostileTest, PasswdThatNeverEndsIsNotRead) {
  fs::remove(bundle().rootfs() / "etc/passwd");
  fs::create_symlink("/dev/zero", bundle().rootfs() / "etc/passwd");
  EXPECT_THAT(probe({"env"})["env"].dump(), HasSubstr("HOME=/\""));
}

TEST_F(HostileTest, PasswdThatIsAPipeIsNotOpened) {
  fs::remove(bundle().rootfs() / "etc/passwd");
  ASSERT_EQ(::mkfifo((bundle().rootfs() / "etc/passwd").c_str(), 0666), 0);
  EXPECT_EQ(run().exit_code, 0);
}

TEST_F(HostileTest, ExecWithoutAMountNamespaceStaysInTheRoot) {
  bundle().config()["mounts"] = json::array();
  bundle().without_namespace("mount").with_busybox();
  for (const char* key : {"maskedPaths", "readonlyPaths"}) bundle().linux_section().erase(key);
  write_text(bundle().rootfs() / "data/mark", "inside");
  const Container container = launch_idle();
  const Report report = exec(container.id, {"read", "/data/mark", "cwd"});
  EXPECT_EQ(report["read"]["data"], "inside");
  EXPECT_EQ(report["cwd"]["cwd"], "/");
}

TEST_F(HostileTest, ExecSetsTheOomScoreInAUserNamespaceToo) {
  bundle().with_namespace("user");
  bundle().linux_section()["uidMappings"] = {{{"containerID", 0}, {"hostID", 0}, {"size", 65536}}};
  bundle().linux_section()["gidMappings"] = {{{"containerID", 0}, {"hostID", 0}, {"size", 65536}}};
  const Container container = launch_idle();
  json process = bundle().process();
  process["args"] = {"/probe", "oom-score-adj"};
  process["oomScoreAdj"] = 321;
  write_text(work() / "process.json", process.dump());
  const Outcome outcome =
      runtime({"exec", "--process", work() / "process.json", container.id}).run();
  expect_success(outcome);
  EXPECT_THAT(outcome.out, HasSubstr("321"));
}

// Else the container could fill the host's /run and stop the deletion of its state.
TEST_F(HostileTest, TheNotifyDirectoryIsReadOnly) {
  prepare(bundle().probe({"create", "/run/notify/file", "x"}), new_id());
  const std::string id = new_id();
  prepare(bundle(), id);
  Command command =
      runtime({"create", "--bundle", bundle().path(), "--pid-file", work() / "p", id});
  Pipe out = make_pipe();
  expect_success(
      command.env("NOTIFY_SOCKET", work() / "nobody.sock").stdout_fd(out.write.get()).run());
  out.write.reset();
  Reader reader(std::move(out.read));
  // Its first process ends without having said READY, which ends `start` too.
  expect_success(runtime({"start", id}).run());
  EXPECT_EQ(Report::parse(reader.rest())["create"]["error"], "EROFS");
  reap(std::stoi(read_text(work() / "p")));
}

// A hook of the image's own programs has no more rights than the container's program.
TEST_F(HostileTest, StartContainerHooksRunUnderTheFilter) {
  bundle().with_busybox().probe({"exit", "0"});
  bundle().hook("startContainer", {"/bin/sh", "-c", "mkdir /data/by-the-hook"});
  EXPECT_EQ(run().exit_code, 0);
  EXPECT_TRUE(fs::exists(bundle().rootfs() / "data/by-the-hook"));
  fs::remove(bundle().rootfs() / "data/by-the-hook");
  bundle().linux_section()["seccomp"] = {
      {"defaultAction", "SCMP_ACT_ALLOW"},
      {"architectures", {"SCMP_ARCH_X86_64"}},
      {"syscalls",
       {{{"names", {"mkdir", "mkdirat"}}, {"action", "SCMP_ACT_ERRNO"}},
        // As Docker's profile has it.
        {{"names", {"clone3"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 38}}}}};
  for (const bool no_new_privileges : {false, true}) {
    bundle().process()["noNewPrivileges"] = no_new_privileges;
    const Outcome outcome = run();
    EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
    EXPECT_THAT(outcome.err, HasSubstr("error running startContainer hook #0: exit status 1"));
    EXPECT_FALSE(fs::exists(bundle().rootfs() / "data/by-the-hook"));
  }
}

// Neither execve nor the report nor exit is allowed: still it ends.
TEST_F(HostileTest, AFilterThatForbidsEvenTheEndEnds) {
  bundle().linux_section()["seccomp"] = {{"defaultAction", "SCMP_ACT_ERRNO"},
                                         {"architectures", {"SCMP_ARCH_X86_64"}}};
  EXPECT_EQ(run().exit_code, 128 + SIGILL);
}

// The program reads nothing of its terminal: signals still reach it, and its end is seen.
TEST_F(HostileTest, ATerminalThatIsNotReadHoldsUpItsInputOnly) {
  bundle().terminal().probe({"say", "here", "wait-signal", "exit", "9"});
  const std::string id = new_id();
  prepare(bundle(), id);
  std::string lines;
  for (int i = 0; i < 100000; ++i) lines += "y\n";
  write_text(work() / "input", lines);
  const UniqueFd input(::open((work() / "input").c_str(), O_RDONLY | O_CLOEXEC));
  Pipe out = make_pipe();
  Running running = runtime({"run", "--bundle", bundle().path(), id})
                        .stdin_fd(input.get())
                        .stdout_fd(out.write.get())
                        .start();
  out.write.reset();
  Reader reader(std::move(out.read));
  reader.until("here");
  running.send(SIGTERM);
  static_cast<void>(reader.rest());  // the echo of what was typed; whoever does not read it waits
  EXPECT_EQ(running.wait().exit_code, 9);
}

// A script has no terminal to give: the end of its input is the end of the program's.
TEST_F(HostileTest, TheEndOfInputReachesAProgramInATerminal) {
  bundle().terminal().with_busybox().args({"/bin/sh", "-c", "cat; exit 3"});
  EXPECT_EQ(run().exit_code, 3);
  const std::string id = new_id();
  prepare(bundle(), id);
  Command command = runtime({"run", "--bundle", bundle().path(), id});
  const Outcome outcome = command.stdin_text("no newline at the end").run();
  EXPECT_EQ(outcome.exit_code, 3) << describe(outcome);
  EXPECT_THAT(outcome.out, HasSubstr("no newline at the end"));
}

// A container may freeze a part of itself: exec says so instead of waiting for ever.
TEST_F(HostileTest, ExecIntoAFrozenPartIsRefused) {
  const Container container = launch_idle();
  const fs::path part = cgroup_dir(container.id) / "part";
  fs::create_directory(part);
  std::ofstream(part / "cgroup.freeze") << "1";
  expect_failure(runtime({"exec", "--cgroup", "part", container.id, "/probe", "id"}).run(), 255,
                 "cannot exec in a paused container");
  ASSERT_EQ(::rmdir(part.c_str()), 0);
}

// conmon takes 255 without a pid file for "nothing runs": then nothing may.
TEST_F(HostileTest, ExecWhosePidFileCannotBeWrittenLeavesNoProcess) {
  const Container container = launch_idle();
  expect_failure(runtime({"exec", "--detach", "--pid-file", work() / "missing/pid", container.id,
                          "/probe", "pause"})
                     .run(),
                 255, "write pid file");
  const Outcome processes = runtime({"ps", "--format", "json", container.id}).run();
  EXPECT_EQ(json::parse(processes.out, nullptr, false).size(), 1U) << processes.out;
}

// "Joined" may mean the host's own.
TEST_F(HostileTest, ParametersOfTheHostsNamespaceAreRefused) {
  const std::string before = read_text("/proc/sys/net/ipv4/ip_forward");
  bundle().with_namespace("network", "/proc/" + std::to_string(::getpid()) + "/ns/net");
  bundle().without_mount("/sys");
  bundle().linux_section()["sysctl"]["net.ipv4.ip_forward"] = "1";
  expect_failure(run(), 1, "linux.sysctl is not allowed in the host's own namespace");
  EXPECT_EQ(read_text("/proc/sys/net/ipv4/ip_forward"), before);
}

}  // namespace
}  // namespace nacre::test
