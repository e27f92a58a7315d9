// The six kinds of hooks: order, place, environment, state on standard input, failures.
#include <unistd.h>

#include <array>
#include <iterator>
#include <map>
#include <sstream>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class HookTest : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    if (IsSkipped()) return;
    fs::create_directories(work() / "notes");
    fs::permissions(work() / "notes", fs::perms::all);
    bundle().with_busybox().bind(work() / "notes", "/notes");
  }
  // The directory of the notes as the hook sees it: startContainer runs after the pivot.
  std::string notes(std::string_view kind) const {
    return kind == "startContainer" ? "/notes" : (work() / "notes").string();
  }
  void add_hook(std::string_view kind, const std::string& script, std::vector<std::string> env = {},
                int timeout = 0) {
    const char* shell = "/bin/sh";
    bundle().hook(kind, {shell, "-c", script}, std::move(env), timeout);
  }
  std::string note(const std::string& name) const { return read_text(work() / "notes" / name); }
  // A container that went through its whole life.
  void live() {
    bundle().probe({"exit", "0"});
    const Container container = create(bundle());
    start(container);
    EXPECT_EQ(reap(container.pid), 0);
    remove(container);
  }
};

constexpr std::array kKinds = {"prestart",       "createRuntime", "createContainer",
                               "startContainer", "poststart",     "poststop"};

TEST_F(HookTest, Order) {
  NACRE_PEER_DIFFERS(kCrun, "dies of SIGPIPE when a hook does not read its input");
  NACRE_PEER_DIFFERS(kRunc, "1.1 runs poststart hooks during create");
  for (const char* kind : kKinds) {
    add_hook(kind, std::string("echo ") + kind + " >>" + notes(kind) + "/order");
  }
  live();
  std::istringstream words(note("order"));
  const std::vector<std::string> order{std::istream_iterator<std::string>(words), {}};
  EXPECT_THAT(order, ElementsAre("prestart", "createRuntime", "createContainer", "startContainer",
                                 "poststart", "poststop"));
}

TEST_F(HookTest, HooksOfAKindRunInOrder) {
  for (const char* word : {"a", "b", "c"}) {
    add_hook("createRuntime", std::string("echo ") + word + " >>" + notes("") + "/order");
  }
  live();
  EXPECT_EQ(note("order"), "a\nb\nc\n");
}

TEST_F(HookTest, WhenEachRuns) {
  NACRE_PEER_DIFFERS(kCrun, "dies of SIGPIPE when a hook does not read its input");
  NACRE_PEER_DIFFERS(kRunc, "1.1 runs poststart hooks during create");
  bundle().probe({"create", "/notes/process", "x", "pause"});
  for (const char* kind : kKinds) {
    add_hook(kind, std::string("echo >") + notes(kind) + "/" + kind);
  }
  const Container container = create(bundle());
  for (const char* kind : {"prestart", "createRuntime", "createContainer"}) {
    EXPECT_TRUE(fs::exists(work() / "notes" / kind)) << kind;
  }
  for (const char* kind : {"startContainer", "poststart", "poststop"}) {
    EXPECT_FALSE(fs::exists(work() / "notes" / kind)) << kind;
  }
  start(container);
  EXPECT_TRUE(fs::exists(work() / "notes/startContainer"));
  EXPECT_TRUE(fs::exists(work() / "notes/poststart"));
  EXPECT_FALSE(fs::exists(work() / "notes/poststop"));
  kill_and_reap(container);
  EXPECT_FALSE(fs::exists(work() / "notes/poststop"));
  remove(container);
  EXPECT_TRUE(fs::exists(work() / "notes/poststop"));
}

TEST_F(HookTest, StartContainerRunsBeforeTheProcess) {
  add_hook("startContainer", "test ! -e /notes/process && echo first >/notes/hook");
  bundle().probe({"create", "/notes/process", "x"});
  expect_success(run());
  EXPECT_EQ(note("hook"), "first\n");
}

TEST_F(HookTest, Place) {
  for (const char* kind : kKinds) {
    add_hook(kind, std::string("readlink /proc/self/ns/mnt >") + notes(kind) + "/" + kind);
  }
  bundle().probe({"ns"});
  const Outcome outcome = run();
  expect_success(outcome);
  const std::string inside = Report::parse(outcome.out)["ns"]["mnt"].get<std::string>() + "\n";
  std::array<char, 128> own{};
  ASSERT_GT(::readlink("/proc/self/ns/mnt", own.data(), own.size() - 1), 0);
  const std::string outside = std::string(own.data()) + "\n";
  for (const char* kind : {"prestart", "createRuntime", "poststart", "poststop"}) {
    EXPECT_EQ(note(kind), outside) << kind;
  }
  EXPECT_EQ(note("createContainer"), inside);
  EXPECT_EQ(note("startContainer"), inside);
}

// createContainer: in the container's namespaces, with the runtime's root still visible.
TEST_F(HookTest, CreateContainerSeesTheHostsRootBeforeThePivot) {
  add_hook("createContainer",
           "test -e " + bundle().rootfs().string() + "/probe && echo yes >" + notes("") + "/seen");
  live();
  EXPECT_EQ(note("seen"), "yes\n");
}

// Docker wires the network here: the namespaces exist and the pid is the container's.
TEST_F(HookTest, CreateRuntimeCanReachTheNetworkNamespace) {
  add_hook("prestart", "cat >" + notes("") + "/state");
  add_hook("createRuntime", "pid=$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/' " + notes("") +
                                "/state | tr -d '\\n'); readlink /proc/$pid/ns/net >" + notes("") +
                                "/net");
  bundle().probe({"ns"});
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  const json state = json::parse(note("state"), nullptr, false);
  ASSERT_TRUE(state.is_object());
  EXPECT_GT(state.value("pid", 0), 0);
}

TEST_F(HookTest, StateOnStandardInput) {
  NACRE_PEER_DIFFERS(kCrun, "gives startContainer hooks another bundle path");
  for (const char* kind : kKinds) {
    add_hook(kind, std::string("cat >") + notes(kind) + "/" + kind);
  }
  bundle().config()["annotations"] = {{"org.example.key", "value"}};
  bundle().probe({"exit", "0"});
  const Container container = create(bundle());
  start(container);
  reap(container.pid);
  remove(container);
  const std::map<std::string, std::string> statuses = {
      {"prestart", "creating"},      {"createRuntime", "creating"}, {"createContainer", "creating"},
      {"startContainer", "created"}, {"poststart", "running"},      {"poststop", "stopped"}};
  for (const char* kind : kKinds) {
    const json state = json::parse(note(kind), nullptr, false);
    ASSERT_TRUE(state.is_object()) << kind << ": " << note(kind);
    EXPECT_EQ(state["id"], container.id) << kind;
    EXPECT_EQ(state["bundle"], bundle().path().string()) << kind;
    EXPECT_EQ(state["annotations"]["org.example.key"], "value") << kind;
    EXPECT_THAT(state.value("ociVersion", ""), HasSubstr("1.")) << kind;
    if (is_peer()) continue;  // they disagree about status and pid in some of them
    EXPECT_EQ(state["status"], statuses.at(kind)) << kind;
    if (std::string(kind) != "poststop" && std::string(kind) != "startContainer" &&
        std::string(kind) != "createContainer") {
      EXPECT_EQ(state["pid"], container.pid) << kind;
    }
  }
}

TEST_F(HookTest, EnvironmentIsTheHooks) {
  for (const char* kind : kKinds) {
    add_hook(kind, std::string("env >") + notes(kind) + "/" + kind,
             {"X=from-hook", "PATH=/bin:/usr/bin"});
  }
  bundle().env({"PATH=/bin", "SECRET=of-the-container"});
  live();
  for (const char* kind : kKinds) {
    EXPECT_THAT(note(kind), HasSubstr("X=from-hook\n")) << kind;
    // CVE-2025-23266 class: neither the container's environment nor the runtime's.
    EXPECT_THAT(note(kind), Not(HasSubstr("SECRET="))) << kind;
    EXPECT_THAT(note(kind), Not(HasSubstr("TMPDIR="))) << kind;
  }
}

TEST_F(HookTest, NoEnvironmentMeansNone) {
  NACRE_PEER_DIFFERS(kCrun, "lets hooks without env inherit its own");
  NACRE_PEER_DIFFERS(kRunc, "1.1 lets hooks without env inherit the runtime's");
  for (const char* kind : kKinds) {
    add_hook(kind, std::string("/bin/busybox env >") + notes(kind) + "/" + kind);
  }
  live();
  for (const char* kind : kKinds) EXPECT_THAT(note(kind), Not(HasSubstr("TMPDIR="))) << kind;
}

TEST_F(HookTest, ArgumentsIncludeTheZeroth) {
  bundle().config()["hooks"]["createRuntime"] = {
      {{"path", "/bin/sh"},
       {"args", {"my-name", "-c", "echo $0 $1 >" + notes("") + "/args", "zero", "one"}}}};
  live();
  EXPECT_EQ(note("args"), "zero one\n");
}

TEST_F(HookTest, ManyHooks) {
  for (int i = 0; i < 20; ++i) {
    add_hook("createRuntime", "echo x >>" + notes("") + "/count");
    add_hook("startContainer", "echo x >>/notes/count");
  }
  live();
  EXPECT_EQ(note("count").size(), 80U);
}

TEST_F(HookTest, LargeOutputDoesNotBlock) {
  add_hook("createRuntime", "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2");
  live();
}

TEST_F(HookTest, DescriptorsOfTheRuntimeStayOut) {
  NACRE_PEER_DIFFERS(kCrun, "lets hooks inherit some");
  add_hook("createRuntime", "ls -l /proc/self/fd >" + notes("") + "/fds");
  live();
  EXPECT_THAT(note("fds"), Not(HasSubstr(state_root().string())));
  EXPECT_THAT(note("fds"), Not(HasSubstr("cgroup")));
}

class FailingHookTest : public HookTest, public testing::WithParamInterface<const char*> {};

// The second hook of the kind fails: its number, from 0, stands in the sentence.
TEST_P(FailingHookTest, ExitStatus) {
  NACRE_PEER_DIFFERS(kCrun, "wording and status are its own");
  const std::string kind = GetParam();
  if (kind == "poststart") {
    NACRE_PEER_DIFFERS(kRunc, "1.1 runs poststart hooks during create");
  }
  add_hook(kind, "exit 0");
  add_hook(kind, "echo why-it-failed >&2; exit 3");
  add_hook("poststop", "echo ran >" + notes("") + "/poststop");
  bundle().probe({"pause"});
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome created =
      runtime({"create", "--bundle", bundle().path(), "--pid-file", work() / "c.pid", id}).run();
  const std::string text =
      is_peer() ? std::string("error running hook") : "error running " + kind + " hook #1:";
  if (kind == "startContainer" || kind == "poststart") {
    expect_success(created);
    const Outcome started = runtime({"start", id}).run();
    if (is_peer() && kind == "startContainer")
      return;  // runc 1.1 reports it on the container's stderr
    expect_failure(started, 1, text);
    EXPECT_NE(reap(std::stoi(read_text(work() / "c.pid"))), 0);
    // After a failed poststart runtime-spec 1.3 goes on with the destruction of the container.
    if (fs::exists(state_root() / id)) {
      EXPECT_EQ(status(id), "stopped");
    }
  } else {
    expect_failure(created, 1, text);
    EXPECT_FALSE(fs::exists(state_root() / id));
  }
  if (!is_peer() && !created.ok()) {
    EXPECT_THAT(created.err, HasSubstr("why-it-failed"));
  }
}

std::string kind_of(const testing::TestParamInfo<const char*>& info) { return info.param; }
INSTANTIATE_TEST_SUITE_P(, FailingHookTest,
                         testing::Values("prestart", "createRuntime", "createContainer",
                                         "startContainer", "poststart"),
                         kind_of);

TEST_F(HookTest, FailingPoststopDoesNotStopDelete) {
  add_hook("poststop", "echo one >>" + notes("") + "/ran; exit 1");
  add_hook("poststop", "echo two >>" + notes("") + "/ran");
  bundle().probe({"exit", "0"});
  const Container container = create(bundle());
  start(container);
  reap(container.pid);
  const Outcome outcome = runtime({"delete", container.id}).run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_FALSE(fs::exists(state_root() / container.id));
  NACRE_PEER_DIFFERS(kRunc, "1.1 leaves the hooks after the failing one out");
  NACRE_PEER_DIFFERS(kCrun, "leaves the hooks after the failing one out");
  EXPECT_EQ(note("ran"), "one\ntwo\n");
}

TEST_F(HookTest, MissingProgramIsNamed) {
  bundle().hook("createRuntime", {"/no/such/hook"});
  const Outcome outcome = run();
  expect_failure(outcome, 1, "/no/such/hook");
  expect_failure(outcome, 1, "no such file or directory");
}

TEST_F(HookTest, RelativePathIsRefused) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 only warns");
  NACRE_PEER_DIFFERS(kCrun, "looks it up in PATH");
  bundle().hook("createRuntime", {"sh", "-c", "exit 0"});
  expect_failure(run(), 1, "hooks.createRuntime");
}

TEST_F(HookTest, TimeoutEndsTheHookAndTheCreate) {
  add_hook("createRuntime", "echo $$ >" + notes("") + "/pid; exec sleep 1000",
           {"PATH=/bin:/usr/bin"}, 1);
  const Outcome outcome = run();
  expect_failure(outcome, 1, is_peer() ? "timeout" : "error running createRuntime hook #0:");
  EXPECT_FALSE(fs::exists("/proc/" + std::to_string(std::stoi(note("pid")))))
      << "the hook lives on";
}

TEST_F(HookTest, TimeoutOfZeroOrLessIsRefused) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 does not look");
  NACRE_PEER_DIFFERS(kCrun, "does not look");
  bundle().config()["hooks"]["createRuntime"] = {{{"path", "/bin/true"}, {"timeout", 0}}};
  expect_failure(run(), 1, "timeout");
}

}  // namespace
}  // namespace nacre::test
