// create and start: what exists after each, what a caller gets told, and what a failure leaves.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class CreateTest : public ContainerTest {
 protected:
  Command create_command(const std::string& id, std::vector<std::string> options = {}) {
    prepare(bundle(), id);
    std::vector<std::string> args = {"create", "--bundle", bundle().path()};
    args.insert(args.end(), options.begin(), options.end());
    args.push_back(id);
    return runtime(args);
  }
};

TEST_F(CreateTest, ProcessDoesNotRunBeforeStart) {
  bundle().probe({"create", "/data/ran", "x", "pause"});
  const Container container = create(bundle());
  EXPECT_EQ(status(container.id), "created");
  EXPECT_FALSE(fs::exists(bundle().rootfs() / "data/ran"));
  start(container);
  container.out->until("\n");
  EXPECT_TRUE(fs::exists(bundle().rootfs() / "data/ran"));
  EXPECT_EQ(status(container.id), "running");
  kill_and_reap(container);
  EXPECT_EQ(status(container.id), "stopped");
  remove(container);
  EXPECT_FALSE(fs::exists(state_root() / container.id));
}

// go-runc reads the file with strconv.Atoi: a newline would break containerd.
TEST_F(CreateTest, PidFileHoldsOnlyDigits) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  const std::string text = read_text(work() / (container.id + ".pid"));
  EXPECT_THAT(text, testing::MatchesRegex("[0-9]+"));
  EXPECT_EQ(state(container.id)["pid"], container.pid);
}

TEST_F(CreateTest, RelativePidFileIsRelativeToTheCallersDirectory) {
  bundle().probe({"pause"});
  const std::string id = new_id();
  const Outcome outcome = create_command(id, {"--pid-file", "rel.pid"}).cwd(work()).run();
  expect_success(outcome);
  EXPECT_TRUE(fs::exists(work() / "rel.pid"));
  EXPECT_FALSE(fs::exists(bundle().path() / "rel.pid"));
}

TEST_F(CreateTest, PidFileReplacesAnOldOneAtomically) {
  bundle().probe({"pause"});
  const fs::path pid_file = work() / "c.pid";
  write_text(pid_file, "an old and much longer content");
  const std::string id = new_id();
  expect_success(create_command(id, {"--pid-file", pid_file}).run());
  EXPECT_THAT(read_text(pid_file), testing::MatchesRegex("[0-9]+"));
}

TEST_F(CreateTest, BundleDefaultsToTheCurrentDirectory) {
  bundle().probe({"pause"});
  const std::string id = new_id();
  prepare(bundle(), id);
  expect_success(
      runtime({"create", "--pid-file", work() / "a.pid", id}).cwd(bundle().path()).run());
  EXPECT_EQ(state(id)["bundle"], bundle().path().string());
}

TEST_F(CreateTest, CreatedContainerSitsInItsCgroup) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  EXPECT_THAT(read_text(cgroup_dir(container.id) / "cgroup.procs"),
              HasSubstr(std::to_string(container.pid)));
}

// The shim waits for the end of the pipe: only the container may hold it once create is back.
TEST_F(CreateTest, RuntimeKeepsNoCopyOfStandardOutput) {
  const Container container = launch({"say", "hello", "exit", "0"});
  EXPECT_THAT(container.out->rest(), HasSubstr("hello"));
  EXPECT_EQ(reap(container.pid), 0);
}

TEST_F(CreateTest, StandardInputReachesTheContainer) {
  bundle().probe({"cat"});
  const std::string id = new_id();
  Pipe out = make_pipe();
  Pipe in = make_pipe();
  expect_success(create_command(id, {"--pid-file", work() / "c.pid"})
                     .stdin_fd(in.read.get())
                     .stdout_fd(out.write.get())
                     .run());
  out.write.reset();
  in.read.reset();
  expect_success(runtime({"start", id}).run());
  ASSERT_EQ(::write(in.write.get(), "ping", 4), 4);
  in.write.reset();
  EXPECT_EQ(Reader(std::move(out.read)).rest(), "ping");
}

TEST_F(CreateTest, IdInUseIsRefusedAndTheFirstContainerLives) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  expect_failure(create_command(container.id).run(), 1, "container with given ID already exists");
  EXPECT_EQ(status(container.id), "created");
}

TEST_F(CreateTest, TheSameBundleServesTwoContainers) {
  bundle().probe({"pause"});
  const Container first = create(bundle());
  const Container second = create(bundle());
  start(first);
  EXPECT_EQ(status(first.id), "running");
  EXPECT_EQ(status(second.id), "created");
}

TEST_F(CreateTest, StartTwiceIsRefused) {
  const Container container = launch_idle();
  expect_failure(runtime({"start", container.id}).run(), 1,
                 "cannot start an already running container");
}

TEST_F(CreateTest, StartAfterTheEndIsRefused) {
  const Container container = launch({"exit", "0"});
  EXPECT_EQ(reap(container.pid), 0);
  expect_failure(runtime({"start", container.id}).run(), 1,
                 "cannot start a container that has stopped");
}

TEST_F(CreateTest, StartOfAMissingContainer) {
  expect_failure(runtime({"start", new_id()}).run(), 1, "container does not exist");
}

// The executable is looked for during create, so that a caller learns of it there.
TEST_F(CreateTest, MissingExecutableInPath) {
  bundle().args({"no-such-program"});
  expect_failure(create_command(new_id(), {"--pid-file", work() / "x"}).run(), 1,
                 "exec: \"no-such-program\": executable file not found in $PATH");
  EXPECT_FALSE(fs::exists(work() / "x"));
}

TEST_F(CreateTest, MissingExecutableByPath) {
  bundle().args({"/no/such/program"});
  expect_failure(create_command(new_id()).run(), 1,
                 "exec: \"/no/such/program\": stat /no/such/program: no such file or directory");
}

TEST_F(CreateTest, ExecutableWithoutXBit) {
  write_text(bundle().rootfs() / "data/plain", "text");
  bundle().args({"/data/plain"});
  expect_failure(create_command(new_id()).run(), 1, "exec: \"/data/plain\": permission denied");
}

TEST_F(CreateTest, ExecutableIsADirectory) {
  NACRE_PEER_DIFFERS(kRunc, "1.1.5 reports a directory as permission denied");
  bundle().args({"/data"});
  expect_failure(create_command(new_id()).run(), 1, "exec: \"/data\": is a directory");
}

TEST_F(CreateTest, TheStartOfTheSentenceNamesTheCommand) {
  bundle().args({"/no/such/program"});
  expect_failure(create_command(new_id()).run(), 1,
                 "runc create failed: unable to start container process: ");
}

TEST_F(CreateTest, PathOfTheContainerIsSearched) {
  fs::create_directories(bundle().rootfs() / "opt/tools");
  fs::copy_file(bundle().rootfs() / "probe", bundle().rootfs() / "opt/tools/my-tool");
  bundle().args({"my-tool", "say", "found"}).env({"PATH=/nowhere:/opt/tools"});
  const Outcome outcome = run();
  expect_success(outcome);
  EXPECT_EQ(Report::parse(outcome.out)["say"]["text"], "found");
}

// Only execve itself can find out, and that happens at start.
TEST_F(CreateTest, MissingInterpreterFailsAtStart) {
  write_text(bundle().rootfs() / "data/script", "#!/no/such/interpreter\n");
  ::chmod((bundle().rootfs() / "data/script").c_str(), 0755);
  bundle().args({"/data/script"});
  const std::string id = new_id();
  Pipe err = make_pipe();
  expect_success(create_command(id, {"--pid-file", work() / "c.pid"}).run());
  const Outcome outcome = runtime({"start", id}).run();
  EXPECT_EQ(status(id), "stopped");
  NACRE_PEER_DIFFERS(kRunc,
                     "1.1.5 lets start succeed and prints the text on the container's stderr");
  expect_failure(outcome, 1, "exec /data/script: no such file or directory");
}

TEST_F(CreateTest, MissingWorkingDirectoryIsMade) {
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 and 1.21 refuse a missing working directory");
  bundle().process()["cwd"] = "/made/on/demand";
  EXPECT_EQ(probe({"cwd"})["cwd"]["cwd"], "/made/on/demand");
}

TEST_F(CreateTest, StateDirectoryIsPrivate) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  struct stat info{};
  ASSERT_EQ(::stat((state_root() / container.id).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0066U, 0U) << "others must not read or write it";
}

// containerd and buildkit start the runtime with a parent-death signal; it must not reach the
// container.
TEST_F(CreateTest, ContainerOutlivesTheProcessThatCreatedIt) {
  bundle().probe({"say", "here", "stdin-eof"});
  const std::string id = new_id();
  prepare(bundle(), id);
  Pipe in = make_pipe();
  Pipe out = make_pipe();
  // The shell in between is the runtime's parent and is gone when create has returned.
  NACRE_REQUIRE_PROGRAM("setpriv");
  const Command create_line =
      runtime({"create", "--bundle", bundle().path(), "--pid-file", work() / "c.pid", id});
  std::vector<std::string> shell = {"/bin/sh", "-c", "setpriv --pdeathsig KILL \"$@\"; exit $?",
                                    "sh"};
  shell.insert(shell.end(), create_line.argv().begin(), create_line.argv().end());
  const Outcome outcome = Command(shell).stdin_fd(in.read.get()).stdout_fd(out.write.get()).run();
  EXPECT_TRUE(outcome.ok()) << describe(outcome);
  EXPECT_EQ(status(id), "created");
  expect_success(runtime({"start", id}).run());
  Reader(std::move(out.read)).until("ready");
  EXPECT_EQ(status(id), "running");
}

}  // namespace
}  // namespace nacre::test
