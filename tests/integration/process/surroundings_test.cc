// What the container's process starts with: environment, directory, descriptors.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/container_test.h"
#include "tests/support/sockets.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class SurroundingsTest : public ContainerTest {
 protected:
  std::vector<std::string> env_of(const Report& report) { return report["env"]["env"]; }
  Command run_command(const std::string& id, std::vector<std::string> options = {}) {
    prepare(bundle(), id);
    std::vector<std::string> args = {"run", "--bundle", bundle().path()};
    args.insert(args.end(), options.begin(), options.end());
    args.push_back(id);
    return runtime(args);
  }
  std::vector<std::string> fd_numbers(const Report& report) {
    std::vector<std::string> numbers;
    for (const auto& [number, target] : report["fds"]["fds"].items()) numbers.push_back(number);
    return numbers;
  }
};

TEST_F(SurroundingsTest, EnvironmentIsExactlyTheConfigs) {
  bundle().env({"PATH=/bin", "HOME=/data", "X=1", "EMPTY="});
  EXPECT_THAT(env_of(probe({"env"})),
              testing::UnorderedElementsAre("PATH=/bin", "HOME=/data", "X=1", "EMPTY="));
}

TEST_F(SurroundingsTest, HomeComesFromPasswd) {
  bundle().user(1000, 1000);
  EXPECT_THAT(env_of(probe({"env"})), Contains("HOME=/home/user"));
}

TEST_F(SurroundingsTest, HomeOfAnUnknownUserIsTheRoot) {
  bundle().user(4242, 4242);
  EXPECT_THAT(env_of(probe({"env"})), Contains("HOME=/"));
}

TEST_F(SurroundingsTest, HomeWithoutPasswd) {
  fs::remove(bundle().rootfs() / "etc/passwd");
  EXPECT_THAT(env_of(probe({"env"})), Contains(testing::StartsWith("HOME=/")));
}

TEST_F(SurroundingsTest, HomeGivenIsKept) {
  bundle().env({"HOME=/given"});
  EXPECT_THAT(env_of(probe({"env"})), Contains("HOME=/given"));
}

TEST_F(SurroundingsTest, HostileValuesPassUnchanged) {
  bundle().env({"A=$(id)", "B=x=y", "C=tab\there", "D=line\nbreak", "E=\"quoted\""});
  EXPECT_THAT(env_of(probe({"env"})), testing::IsSupersetOf({"A=$(id)", "B=x=y", "C=tab\there",
                                                             "D=line\nbreak", "E=\"quoted\""}));
}

TEST_F(SurroundingsTest, ManyLargeVariables) {
  std::vector<std::string> env;
  for (int i = 0; i < 200; ++i)
    env.push_back("V" + std::to_string(i) + "=" + std::string(2000, 'x'));
  bundle().env(env);
  EXPECT_THAT(env_of(probe({"env"})), testing::IsSupersetOf(env));
}

TEST_F(SurroundingsTest, WorkingDirectory) {
  fs::create_directories(bundle().rootfs() / "data/here");
  bundle().process()["cwd"] = "/data/here";
  EXPECT_EQ(probe({"cwd"})["cwd"]["cwd"], "/data/here");
}

TEST_F(SurroundingsTest, WorkingDirectoryThroughASymlinkStaysInside) {
  fs::create_directories(bundle().rootfs() / "data/real");
  fs::create_symlink("/data/real", bundle().rootfs() / "link");
  bundle().process()["cwd"] = "/link";
  EXPECT_EQ(probe({"cwd"})["cwd"]["cwd"], "/data/real");
}

TEST_F(SurroundingsTest, WorkingDirectoryThatIsAFile) {
  write_text(bundle().rootfs() / "data/file", "x");
  bundle().process()["cwd"] = "/data/file";
  expect_failure(run(), 1, "not a directory");
}

// As runc: the directory may be reachable only for root (CVE-free since chdir happens twice).
TEST_F(SurroundingsTest, WorkingDirectoryOnlyTheUserMayEnter) {
  fs::create_directories(bundle().rootfs() / "data/private");
  ASSERT_EQ(::chown((bundle().rootfs() / "data/private").c_str(), 1000, 1000), 0);
  ::chmod((bundle().rootfs() / "data/private").c_str(), 0700);
  bundle().user(1000, 1000).capabilities({});
  bundle().process()["cwd"] = "/data/private";
  EXPECT_EQ(probe({"cwd"})["cwd"]["cwd"], "/data/private");
}

TEST_F(SurroundingsTest, WorkingDirectoryTheUserMayNotEnter) {
  NACRE_PEER_DIFFERS(kRunc, "enters it as root before it changes the user");
  NACRE_PEER_DIFFERS(kCrun, "enters it as root before it changes the user");
  fs::create_directories(bundle().rootfs() / "data/private");
  ::chmod((bundle().rootfs() / "data/private").c_str(), 0700);
  bundle().user(1000, 1000);
  bundle().process()["cwd"] = "/data/private";
  // Docker runs containers whose WORKDIR belongs to root: it must start, in that directory.
  EXPECT_EQ(probe({"cwd"})["cwd"]["cwd"], "/data/private");
}

TEST_F(SurroundingsTest, OnlyTheStandardDescriptors) {
  Pipe leak = make_pipe();
  bundle().probe({"fds"});
  const Outcome outcome = run_command(new_id())
                              .pass_fd(leak.write.get(), 3)
                              .pass_fd(leak.write.get(), 7)
                              .pass_fd(leak.write.get(), 100)
                              .run();
  expect_success(outcome);
  EXPECT_THAT(fd_numbers(Report::parse(outcome.out)), testing::UnorderedElementsAre("0", "1", "2"));
}

TEST_F(SurroundingsTest, PreservedDescriptorsKeepTheirNumbers) {
  Pipe pipe = make_pipe();
  bundle().probe({"fds"});
  const Outcome outcome = run_command(new_id(), {"--preserve-fds", "2"})
                              .pass_fd(pipe.write.get(), 3)
                              .pass_fd(pipe.write.get(), 4)
                              .pass_fd(pipe.write.get(), 5)
                              .run();
  expect_success(outcome);
  EXPECT_THAT(fd_numbers(Report::parse(outcome.out)),
              testing::UnorderedElementsAre("0", "1", "2", "3", "4"));
}

TEST_F(SurroundingsTest, PreservedDescriptorThatIsMissing) {
  NACRE_PEER_DIFFERS(kCrun, "does not look");
  NACRE_PEER_DIFFERS(kRunc, "1.1 takes its own internal descriptors for the preserved ones");
  bundle().probe({"fds"});
  expect_failure(run_command(new_id(), {"--preserve-fds", "3"}).run(), 1,
                 "unable to stat preserved-fd");
}

// LISTEN_PID must be the runtime's own pid: a shell that becomes the runtime can say so.
TEST_F(SurroundingsTest, ListenFds) {
  NACRE_PEER_DIFFERS(kCrun,
                     "does not set LISTEN_FDS in a container with an environment of its own");
  Pipe pipe = make_pipe();
  bundle().probe({"fds", "env"});
  const Command inner = run_command(new_id());
  std::vector<std::string> shell = {"/bin/sh", "-c", "LISTEN_PID=$$ exec \"$@\"", "sh"};
  shell.insert(shell.end(), inner.argv().begin(), inner.argv().end());
  const Outcome outcome = Command(shell)
                              .env("LISTEN_FDS", "2")
                              .pass_fd(pipe.write.get(), 3)
                              .pass_fd(pipe.write.get(), 4)
                              .pass_fd(pipe.write.get(), 5)
                              .run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  const Report report = Report::parse(outcome.out);
  EXPECT_THAT(fd_numbers(report), testing::UnorderedElementsAre("0", "1", "2", "3", "4"));
  EXPECT_THAT(env_of(report), Contains("LISTEN_FDS=2"));
  EXPECT_THAT(env_of(report), Contains("LISTEN_PID=1"));
}

TEST_F(SurroundingsTest, ListenFdsForSomebodyElseAreIgnored) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 passes LISTEN_FDS on whatever LISTEN_PID says");
  NACRE_PEER_DIFFERS(kCrun, "passes LISTEN_FDS on whatever LISTEN_PID says");
  Pipe pipe = make_pipe();
  bundle().probe({"fds", "env"});
  const Outcome outcome = run_command(new_id())
                              .env("LISTEN_FDS", "1")
                              .env("LISTEN_PID", "4194303")
                              .pass_fd(pipe.write.get(), 3)
                              .run();
  expect_success(outcome);
  const Report report = Report::parse(outcome.out);
  EXPECT_THAT(fd_numbers(report), testing::UnorderedElementsAre("0", "1", "2"));
  EXPECT_THAT(env_of(report), Not(Contains(testing::StartsWith("LISTEN_FDS"))));
}

// A service manager's socket is offered inside and what the container says is passed on.
TEST_F(SurroundingsTest, NotifySocket) {
  NACRE_PEER_DIFFERS(kCrun, "binds the manager's socket into the container instead");
  NotifySocket manager((work() / "manager.sock").string());
  bundle().probe({"notify", "READY=1", "pause"});
  const std::string id = new_id();
  prepare(bundle(), id);
  expect_success(
      runtime({"create", "--bundle", bundle().path(), "--pid-file", work() / "c.pid", id})
          .env("NOTIFY_SOCKET", manager.path())
          .run());
  Running starter = runtime({"start", id}).env("NOTIFY_SOCKET", manager.path()).start();
  // MAINPID may come in the same datagram.
  std::string said = manager.receive();
  ASSERT_THAT(said, HasSubstr("READY=1"));
  if (said.find("MAINPID=") == std::string::npos) said += "\n" + manager.receive();
  ASSERT_THAT(said, HasSubstr("MAINPID=" + read_text(work() / "c.pid")));
  if (!is_peer()) {  // runc 1.1 sends none
    EXPECT_THAT(manager.receive(), HasSubstr("BARRIER=1"));
  }
  EXPECT_EQ(starter.wait().exit_code, 0);
}

TEST_F(SurroundingsTest, PidfdSocket) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 has no --pidfd-socket");
  NACRE_PEER_DIFFERS(kCrun, "has no --pidfd-socket");
  FdReceiver receiver((work() / "pidfd.sock").string());
  bundle().probe({"pause"});
  const Container container = create(bundle(), {"--pidfd-socket", receiver.path()});
  const ReceivedFd received = receiver.receive();
  EXPECT_EQ(received.count, 1);
  const std::string info = read_text("/proc/self/fdinfo/" + std::to_string(received.fd.get()));
  EXPECT_THAT(info, HasSubstr("\nPid:\t" + std::to_string(container.pid) + "\n"));
}

TEST_F(SurroundingsTest, PidfdSocketThatIsMissingIsAnErrorWithoutATrace) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 has no --pidfd-socket");
  NACRE_PEER_DIFFERS(kCrun, "has no --pidfd-socket");
  const Outcome outcome =
      run_command(new_id(), {"--detach", "--pidfd-socket", "/no/such.sock"}).run();
  expect_failure(outcome, 1, "/no/such.sock");
}

TEST_F(SurroundingsTest, ArgumentsReachTheProcessUnchanged) {
  const std::string odd = "two words \"q\" $x \\ \n end";
  EXPECT_EQ(probe({"say", odd})["say"]["text"], odd);
}

TEST_F(SurroundingsTest, LongArgument) {
  const std::string longest(100000, 'a');
  EXPECT_EQ(probe({"say", longest})["say"]["text"], longest);
}

TEST_F(SurroundingsTest, HostnameAndDomainname) {
  bundle().config()["hostname"] = "some-host";
  EXPECT_EQ(probe({"host"})["host"]["hostname"], "some-host");
}

TEST_F(SurroundingsTest, Domainname) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 knows no domainname (runtime-spec 1.1)");
  bundle().config()["domainname"] = "example.org";
  EXPECT_EQ(probe({"host"})["host"]["domainname"], "example.org");
}

}  // namespace
}  // namespace nacre::test
