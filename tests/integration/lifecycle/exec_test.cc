// exec: a further process in a running container.
#include <signal.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ExecTest : public ContainerTest {
 protected:
  fs::path process_file(json process) {
    const fs::path file = work() / "process.json";
    if (!process.contains("cwd")) process["cwd"] = "/";
    if (!process.contains("user")) process["user"] = {{"uid", 0}, {"gid", 0}};
    write_text(file, process.dump());
    return file;
  }
};

TEST_F(ExecTest, RunsInTheContainersNamespaces) {
  const Container container = launch_idle();
  const Report inside = exec(container.id, {"ns", "processes", "host"});
  const Report again = exec(container.id, {"ns"});
  EXPECT_EQ(inside["ns"], again["ns"]);
  EXPECT_EQ(inside["host"]["hostname"], "nacre-test");
  EXPECT_THAT(inside["processes"]["pids"].get<std::vector<int>>(), testing::Contains(1));
}

TEST_F(ExecTest, ExitStatusIsTheProcesss) {
  const Container container = launch_idle();
  for (const int status : {0, 1, 17, 255}) {
    EXPECT_EQ(
        runtime({"exec", container.id, "/probe", "exit", std::to_string(status)}).run().exit_code,
        status);
  }
  EXPECT_EQ(runtime({"exec", container.id, "/probe", "signal-self", "15"}).run().exit_code,
            128 + SIGTERM);
}

TEST_F(ExecTest, SitsInTheContainersCgroup) {
  const Container container = launch_idle();
  const Report report = exec(container.id, {"read", "/proc/self/cgroup"});
  EXPECT_THAT(report["read"].value("data", ""), HasSubstr("0::/\n"));
}

TEST_F(ExecTest, ArgumentsAfterTheIdAreTheProcesss) {
  bundle().with_busybox();
  const Container container = launch_idle();
  const Outcome outcome =
      runtime({"exec", container.id, "sh", "-c", "echo $0 $@", "--help", "-x"}).run();
  expect_success(outcome);
  EXPECT_EQ(outcome.out, "--help -x\n");
}

TEST_F(ExecTest, FlagsForUserCwdEnvironment) {
  fs::create_directories(bundle().rootfs() / "data/dir");
  const Container container = launch_idle();
  const Report report =
      exec(container.id, {"id", "cwd", "env"},
           {"--user", "1000:1001", "--cwd", "/data/dir", "--env", "A=1", "--env", "B=two words"});
  EXPECT_EQ(report["id"]["uid"], 1000);
  EXPECT_EQ(report["id"]["gid"], 1001);
  EXPECT_EQ(report["cwd"]["cwd"], "/data/dir");
  EXPECT_THAT(report["env"]["env"].get<std::vector<std::string>>(),
              testing::IsSupersetOf({"A=1", "B=two words"}));
}

TEST_F(ExecTest, UserWithoutGroup) {
  const Container container = launch_idle();
  EXPECT_EQ(exec(container.id, {"id"}, {"-u", "1000"})["id"]["uid"], 1000);
}

// CVE-2026-30892 class: "1" must be user 1 and "1x" must be nobody at all.
TEST_F(ExecTest, UserIsParsedStrictly) {
  const Container container = launch_idle();
  EXPECT_EQ(exec(container.id, {"id"}, {"--user", "1"})["id"]["uid"], 1);
  for (const char* user : {"1x", "x", "-1", "4294967296", "1:", "1:x", " 1", "", "1:-1"}) {
    const Outcome outcome = runtime({"exec", "--user", user, container.id, "/probe", "id"}).run();
    if (is_peer() && outcome.exit_code == 0) continue;
    EXPECT_EQ(outcome.exit_code, is_peer() ? outcome.exit_code : 255) << describe(outcome);
  }
}

TEST_F(ExecTest, ProcessDocument) {
  const Container container = launch_idle();
  const fs::path file = process_file({{"args", {"/probe", "id", "env", "cwd", "caps", "nnp"}},
                                      {"env", {"X=y"}},
                                      {"cwd", "/data"},
                                      {"user", {{"uid", 7}, {"gid", 8}}},
                                      {"noNewPrivileges", true}});
  const Outcome outcome = runtime({"exec", "--process", file, container.id}).run();
  expect_success(outcome);
  const Report report = Report::parse(outcome.out);
  EXPECT_EQ(report["id"]["uid"], 7);
  EXPECT_EQ(report["id"]["gid"], 8);
  EXPECT_EQ(report["cwd"]["cwd"], "/data");
  EXPECT_EQ(report["nnp"]["nnp"], true);
  EXPECT_THAT(report["env"]["env"].get<std::vector<std::string>>(), testing::Contains("X=y"));
  EXPECT_TRUE(report["caps"]["effective"].empty()) << "not inherited from the container";
}

TEST_F(ExecTest, CapabilitiesDefaultToTheContainers) {
  bundle().capabilities({"CAP_CHOWN", "CAP_KILL"});
  const Container container = launch_idle();
  const Report report = exec(container.id, {"caps"});
  EXPECT_EQ(report["caps"]["effective"], json({"CAP_CHOWN", "CAP_KILL"}));
  EXPECT_EQ(report["caps"]["bounding"], json({"CAP_CHOWN", "CAP_KILL"}));
}

TEST_F(ExecTest, CapFlagAddsToAllButInheritable) {
  bundle().capabilities({"CAP_CHOWN"});
  const Container container = launch_idle();
  const Report report = exec(container.id, {"caps"}, {"--cap", "CAP_KILL"});
  EXPECT_THAT(report["caps"]["effective"].get<std::vector<std::string>>(),
              testing::Contains("CAP_KILL"));
  EXPECT_THAT(report["caps"]["bounding"].get<std::vector<std::string>>(),
              testing::Contains("CAP_KILL"));
  // CVE-2022-29162, CVE-2022-27650: never inheritable.
  EXPECT_TRUE(report["caps"]["inheritable"].empty()) << report["caps"];
}

TEST_F(ExecTest, DetachedWritesAPidFileAndReturns) {
  const Container container = launch_idle();
  Pipe out = make_pipe();
  const fs::path pid_file = work() / "exec.pid";
  expect_success(
      runtime({"exec", "--detach", "--pid-file", pid_file, container.id, "/probe", "wait-signal"})
          .stdout_fd(out.write.get())
          .run());
  out.write.reset();
  Reader reader(std::move(out.read));
  reader.until("ready");
  const std::string text = read_text(pid_file);
  EXPECT_THAT(text, testing::MatchesRegex("[0-9]+"));
  ASSERT_EQ(::kill(std::stoi(text), SIGUSR1), 0);
  EXPECT_THAT(reader.rest(), HasSubstr("\"signal\":10"));
  EXPECT_EQ(reap(std::stoi(text)), 0);
}

// conmon tells "the runtime failed" from "the command failed" by the missing pid file.
TEST_F(ExecTest, FailureIs255WithoutAPidFile) {
  const Container container = launch_idle();
  const fs::path pid_file = work() / "none";
  const Outcome outcome = runtime({"exec", "--pid-file", pid_file, container.id, "/no/such"}).run();
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 exits with 1");
  expect_failure(outcome, 255, "exec failed: unable to start container process: ");
  expect_failure(outcome, 255, "stat /no/such: no such file or directory");
  EXPECT_FALSE(fs::exists(pid_file));
}

TEST_F(ExecTest, MissingExecutableInPath) {
  const Container container = launch_idle();
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 exits with 1");
  expect_failure(runtime({"exec", container.id, "nothing"}).run(), 255,
                 "exec: \"nothing\": executable file not found in $PATH");
}

TEST_F(ExecTest, StoppedContainer) {
  const Container container = launch({"exit", "0"});
  reap(container.pid);
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 exits with 1");
  expect_failure(runtime({"exec", container.id, "/probe", "id"}).run(), 255,
                 "cannot exec in a stopped container");
}

TEST_F(ExecTest, MissingContainer) {
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 exits with 1");
  expect_failure(runtime({"exec", new_id(), "/probe", "id"}).run(), 255,
                 "container does not exist");
}

TEST_F(ExecTest, PausedContainer) {
  const Container container = launch_idle();
  expect_success(runtime({"pause", container.id}).run());
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 exits with 1");
  expect_failure(runtime({"exec", container.id, "/probe", "id"}).run(), 255,
                 "cannot exec in a paused container (use --ignore-paused to override)");
}

TEST_F(ExecTest, IgnorePaused) {
  NACRE_PEER_DIFFERS(kCrun, "has no --ignore-paused");
  const Container container = launch_idle();
  expect_success(runtime({"pause", container.id}).run());
  Running running =
      runtime({"exec", "--ignore-paused", container.id, "/probe", "say", "thawed"}).start();
  // It starts frozen; how far it gets before resume is the kernel's affair.
  expect_success(runtime({"resume", container.id}).run());
  const Outcome outcome = running.wait();
  expect_success(outcome);
  EXPECT_THAT(outcome.out, HasSubstr("thawed"));
}

TEST_F(ExecTest, WorksInACreatedContainer) {
  bundle().probe({"pause"});
  const Container container = create(bundle());
  EXPECT_EQ(exec(container.id, {"host"})["host"]["hostname"], "nacre-test");
}

TEST_F(ExecTest, StandardInput) {
  const Container container = launch_idle();
  const Outcome outcome =
      runtime({"exec", container.id, "/probe", "cat"}).stdin_text("through").run();
  expect_success(outcome);
  EXPECT_EQ(outcome.out, "through");
}

TEST_F(ExecTest, SignalsAreForwarded) {
  const Container container = launch_idle();
  Pipe out = make_pipe();
  Running running =
      runtime({"exec", container.id, "/probe", "wait-signal"}).stdout_fd(out.write.get()).start();
  out.write.reset();
  Reader reader(std::move(out.read));
  reader.until("ready");
  running.send(SIGUSR2);
  EXPECT_THAT(reader.rest(), HasSubstr("\"signal\":12"));
  EXPECT_EQ(running.wait().exit_code, 0);
}

TEST_F(ExecTest, SubCgroup) {
  NACRE_PEER_DIFFERS(kCrun, "resolves --cgroup from the host's root");
  const Container container = launch_idle();
  fs::create_directories(cgroup_dir(container.id) / "inner");
  const Report report = exec(container.id, {"read", "/proc/self/cgroup"}, {"--cgroup", "inner"});
  EXPECT_THAT(report["read"].value("data", ""), HasSubstr("0::/inner\n"));
}

TEST_F(ExecTest, SubCgroupMayNotLeaveTheContainers) {
  NACRE_PEER_DIFFERS(kCrun, "resolves --cgroup from the host's root");
  const Container container = launch_idle();
  for (const char* path : {"../..", "/../../", "no-such"}) {
    const Outcome outcome = runtime({"exec", "--cgroup", path, container.id, "/probe", "id"}).run();
    EXPECT_EQ(outcome.exit_code, 255) << path << "\n" << describe(outcome);
  }
}

TEST_F(ExecTest, NoDescriptorsLeakIn) {
  const Container container = launch_idle();
  const Report report = exec(container.id, {"fds"});
  std::vector<std::string> numbers;
  for (const auto& [number, target] : report["fds"]["fds"].items()) numbers.push_back(number);
  EXPECT_THAT(numbers, testing::UnorderedElementsAre("0", "1", "2")) << report["fds"];
}

TEST_F(ExecTest, PreservedDescriptors) {
  const Container container = launch_idle();
  Pipe pipe = make_pipe();
  const Outcome outcome = runtime({"exec", "--preserve-fds", "1", container.id, "/probe", "fds"})
                              .pass_fd(pipe.write.get(), 3)
                              .run();
  expect_success(outcome);
  const Report report = Report::parse(outcome.out);
  EXPECT_THAT(report["fds"]["fds"].value("3", ""), testing::StartsWith("pipe:"));
}

TEST_F(ExecTest, NoExecAfterTheFirstProcessDied) {
  const Container container = launch_idle();
  kill_and_reap(container);
  EXPECT_NE(runtime({"exec", container.id, "/probe", "id"}).run().exit_code, 0);
}

TEST_F(ExecTest, BadProcessDocuments) {
  const Container container = launch_idle();
  NACRE_PEER_DIFFERS(kCrun, "1.8.1 exits with 1");
  const fs::path file = work() / "process.json";
  for (const char* text : {"", "{", "[]", "{\"args\": 3}", "{\"args\": []}", "{\"cwd\": \"/\"}"}) {
    write_text(file, text);
    const Outcome outcome = runtime({"exec", "--process", file, container.id}).run();
    EXPECT_EQ(outcome.exit_code, 255) << text << "\n" << describe(outcome);
  }
  EXPECT_EQ(runtime({"exec", "--process", "/no/such", container.id}).run().exit_code, 255);
}

}  // namespace
}  // namespace nacre::test
