// New namespaces, shared ones, and what is set up in a new one.
#include <sched.h>
#include <unistd.h>

#include <array>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;

std::string own_namespace(const std::string& link) {
  std::array<char, 128> target{};
  const std::string path = "/proc/self/ns/" + link;
  EXPECT_GT(::readlink(path.c_str(), target.data(), target.size() - 1), 0) << path;
  return target.data();
}

struct Kind {
  const char* type;  // in config.json
  const char* link;  // in /proc/self/ns
};
// Gives the test a readable name in CTest.
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.type; }
std::string type_of(const testing::TestParamInfo<Kind>& info) { return info.param.type; }

class NamespaceTest : public ContainerTest, public testing::WithParamInterface<Kind> {};

TEST_P(NamespaceTest, NewOneDiffersFromTheHosts) {
  bundle().with_namespace(GetParam().type);
  const json links = probe({"ns"})["ns"];
  EXPECT_NE(links[GetParam().link], own_namespace(GetParam().link));
  EXPECT_THAT(links.value(GetParam().link, ""), testing::StartsWith(GetParam().link));
}

TEST_P(NamespaceTest, LeftOutMeansTheHosts) {
  const std::string type = GetParam().type;
  if (type == "mount") GTEST_SKIP() << "a container without a mount namespace is refused";
  bundle().without_namespace(type);
  if (type == "network") bundle().without_mount("/sys").bind("/sys", "/sys", {"ro"});
  if (type == "ipc") bundle().without_mount("/dev/mqueue");
  if (type == "uts") bundle().config().erase("hostname");
  const json links = probe({"ns"})["ns"];
  EXPECT_EQ(links[GetParam().link], own_namespace(GetParam().link));
}

TEST_P(NamespaceTest, JoinedByPath) {
  const Kind kind = GetParam();
  const std::string type = kind.type;
  if (type == "mount") GTEST_SKIP() << "see MountNamespaceJoinedByPath";
  const Container holder = launch_idle();
  const std::string path = "/proc/" + std::to_string(holder.pid) + "/ns/" + kind.link;
  const std::string expected = exec(holder.id, {"ns"})["ns"][kind.link];
  Bundle& second = new_bundle("second");
  second.with_namespace(type, path);
  if (type == "uts") second.config().erase("hostname");
  const json links = probe(second, {"ns"})["ns"];
  EXPECT_EQ(links[kind.link], expected);
}

INSTANTIATE_TEST_SUITE_P(, NamespaceTest,
                         testing::Values(Kind{"pid", "pid"}, Kind{"network", "net"},
                                         Kind{"ipc", "ipc"}, Kind{"uts", "uts"},
                                         Kind{"mount", "mnt"}, Kind{"cgroup", "cgroup"}),
                         type_of);

class NewNamespaceTest : public ContainerTest {};

TEST_F(NewNamespaceTest, PidNamespaceStartsAtOne) {
  const Report report = probe({"pid", "processes"});
  EXPECT_EQ(report["pid"]["pid"], 1);
  EXPECT_EQ(report["processes"]["pids"], json({1}));
}

// A mount namespace that sees the host's root, prepared by somebody else.
TEST_F(NewNamespaceTest, MountNamespaceJoinedByPath) {
  Pipe ready = make_pipe();
  Running holder = Command({"/bin/sh", "-c", "echo ready; exec sleep 1000"})
                       .stdout_fd(ready.write.get())
                       .before_exec([] { ::unshare(CLONE_NEWNS); })
                       .start();
  Reader(std::move(ready.read)).until("ready");
  std::array<char, 128> expected{};
  const std::string path = "/proc/" + std::to_string(holder.pid()) + "/ns/mnt";
  ASSERT_GT(::readlink(path.c_str(), expected.data(), expected.size() - 1), 0);
  bundle().with_namespace("mount", path);
  EXPECT_EQ(probe({"ns"})["ns"]["mnt"], expected.data());
}

TEST_F(NewNamespaceTest, LoopbackIsUp) {
  EXPECT_EQ(probe({"links"})["links"].value("lo", ""), "up");
}

TEST_F(NewNamespaceTest, NetworkNamespaceHasNothingElseThatIsUp) {
  const json links = probe({"links"})["links"];
  for (const auto& [name, status] : links.items()) {
    if (name == "lo" || name == "verb") continue;
    EXPECT_EQ(status, "down") << name;
  }
}

TEST_F(NewNamespaceTest, CgroupNamespaceIsRootedAtTheContainer) {
  const json text = probe({"read", "/proc/self/cgroup"})["read"];
  EXPECT_THAT(text.value("data", ""), testing::EndsWith("0::/\n"));
}

TEST_F(NewNamespaceTest, WithoutACgroupNamespaceThePathShows) {
  bundle().without_namespace("cgroup").probe({"read", "/proc/self/cgroup"});
  const std::string id = new_id();
  const Outcome outcome = run_bundle(bundle(), id);
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_THAT(Report::parse(outcome.out)["read"].value("data", ""), HasSubstr(id));
}

TEST_F(NewNamespaceTest, MissingPathIsNamed) {
  bundle().with_namespace("network", "/no/such/netns");
  expect_failure(run(), 1, "/no/such/netns");
}

TEST_F(NewNamespaceTest, PathOfAnotherKindIsRefused) {
  bundle().with_namespace("network", "/proc/self/ns/uts");
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

TEST_F(NewNamespaceTest, PathThatIsNoNamespaceIsRefused) {
  write_text(work() / "plain", "x");
  bundle().with_namespace("ipc", (work() / "plain").string());
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

TEST_F(NewNamespaceTest, SameTypeTwiceIsRefused) {
  bundle().linux_section()["namespaces"].push_back({{"type", "pid"}});
  const Outcome outcome = run();
  NACRE_PEER_DIFFERS(kCrun, "accepts it");
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

TEST_F(NewNamespaceTest, HostnameWithoutAUtsNamespaceIsRefused) {
  NACRE_PEER_DIFFERS(kCrun, "would rename the host");
  bundle().without_namespace("uts");
  expect_failure(run(), 1, "UTS namespace");
}

TEST_F(NewNamespaceTest, TimeOffsets) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 knows no time namespace (runtime-spec 1.1)");
  bundle().with_namespace("time");
  bundle().linux_section()["timeOffsets"] = {{"monotonic", {{"secs", 1000000}, {"nanosecs", 500}}},
                                             {"boottime", {{"secs", 2000000}, {"nanosecs", 0}}}};
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const Report report = probe({"timens", "ns"});
  EXPECT_GE(report["timens"]["monotonic"].get<long>(), now.tv_sec + 1000000);
  EXPECT_LT(report["timens"]["monotonic"].get<long>(), now.tv_sec + 1001000);
  EXPECT_GE(report["timens"]["boottime"].get<long>(), 2000000);
  EXPECT_NE(report["ns"]["time"], own_namespace("time"));
}

TEST_F(NewNamespaceTest, NegativeTimeOffset) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 knows no time namespace (runtime-spec 1.1)");
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  bundle().with_namespace("time");
  bundle().linux_section()["timeOffsets"]["boottime"] = {{"secs", -(now.tv_sec / 2)},
                                                         {"nanosecs", 0}};
  EXPECT_LT(probe({"timens"})["timens"]["boottime"].get<long>(), now.tv_sec);
}

TEST_F(NewNamespaceTest, TimeNamespaceJoinedByPath) {
  NACRE_PEER_DIFFERS(kCrun, "1.21 loses its helper process");
  NACRE_PEER_DIFFERS(kRunc, "1.1 knows no time namespace (runtime-spec 1.1)");
  bundle().with_namespace("time");
  bundle().linux_section()["timeOffsets"]["monotonic"] = {{"secs", 5000000}, {"nanosecs", 0}};
  const Container holder = launch_idle();
  Bundle& second = new_bundle("second");
  second.with_namespace("time", "/proc/" + std::to_string(holder.pid) + "/ns/time");
  EXPECT_GE(probe(second, {"timens"})["timens"]["monotonic"].get<long>(), 5000000);
}

TEST_F(NewNamespaceTest, OffsetsWithoutATimeNamespaceAreRefused) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 knows no time namespace (runtime-spec 1.1)");
  NACRE_PEER_DIFFERS(kCrun, "ignores them");
  bundle().linux_section()["timeOffsets"]["monotonic"] = {{"secs", 5}, {"nanosecs", 0}};
  expect_failure(run(), 1, "time namespace");
}

}  // namespace
}  // namespace nacre::test
