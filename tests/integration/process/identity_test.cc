// Who the container's process is: user, groups, capabilities, limits, no_new_privs, umask.
#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

class IdentityTest : public ContainerTest {
 protected:
  json caps() { return probe({"caps"})["caps"]; }
};

TEST_F(IdentityTest, RootByDefault) {
  const json id = probe({"id"})["id"];
  for (const char* key : {"uid", "euid", "suid", "gid", "egid", "sgid"}) EXPECT_EQ(id[key], 0);
}

TEST_F(IdentityTest, UserAndGroup) {
  bundle().user(1000, 1001);
  const json id = probe({"id"})["id"];
  for (const char* key : {"uid", "euid", "suid"}) EXPECT_EQ(id[key], 1000);
  for (const char* key : {"gid", "egid", "sgid"}) EXPECT_EQ(id[key], 1001);
}

TEST_F(IdentityTest, UserNeedNotBeInPasswd) {
  bundle().user(54321, 12345);
  EXPECT_EQ(probe({"id"})["id"]["uid"], 54321);
}

TEST_F(IdentityTest, LargestUser) {
  bundle().user(4294967294U, 4294967294U);
  NACRE_PEER_DIFFERS(kRunc, "takes ids up to 2^31-1 only");
  EXPECT_EQ(probe({"id"})["id"]["uid"], 4294967294U);
}

// The runtime's own groups must not leak in (CVE-2023-25173 class).
TEST_F(IdentityTest, NoGroupsUnlessGiven) {
  EXPECT_EQ(probe({"groups"})["groups"]["groups"], json::array());
}

TEST_F(IdentityTest, AdditionalGroups) {
  bundle().user(1000, 1000);
  bundle().process()["user"]["additionalGids"] = {5, 6, 70000};
  EXPECT_EQ(probe({"groups"})["groups"]["groups"], json({5, 6, 70000}));
}

TEST_F(IdentityTest, Umask) {
  bundle().process()["user"]["umask"] = 077;
  EXPECT_EQ(probe({"umask"})["umask"]["umask"], 077);
}

TEST_F(IdentityTest, UmaskDefault) { EXPECT_EQ(probe({"umask"})["umask"]["umask"], 022); }

TEST_F(IdentityTest, FiveCapabilitySets) {
  bundle().process()["capabilities"] = {
      {"bounding", {"CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_NET_RAW"}},
      {"permitted", {"CAP_CHOWN", "CAP_KILL", "CAP_SETUID"}},
      {"effective", {"CAP_CHOWN", "CAP_KILL"}},
      {"inheritable", {"CAP_CHOWN", "CAP_KILL"}},
      {"ambient", {"CAP_CHOWN"}}};
  bundle().user(1000, 1000);  // root would get the permitted set back at exec
  bundle().process()["capabilities"]["ambient"] = {"CAP_CHOWN"};
  const json sets = caps();
  // execve of a user without file capabilities leaves the ambient set in permitted and effective.
  EXPECT_EQ(sets["bounding"], json({"CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_NET_RAW"}));
  EXPECT_EQ(sets["inheritable"], json({"CAP_CHOWN", "CAP_KILL"}));
  EXPECT_EQ(sets["ambient"], json({"CAP_CHOWN"}));
  EXPECT_EQ(sets["permitted"], json({"CAP_CHOWN"}));
  EXPECT_EQ(sets["effective"], json({"CAP_CHOWN"}));
}

TEST_F(IdentityTest, RootGetsItsBoundingSet) {
  bundle().capabilities({"CAP_CHOWN", "CAP_SYS_ADMIN"});
  const json sets = caps();
  EXPECT_EQ(sets["bounding"], json({"CAP_CHOWN", "CAP_SYS_ADMIN"}));
  EXPECT_EQ(sets["effective"], json({"CAP_CHOWN", "CAP_SYS_ADMIN"}));
  EXPECT_EQ(sets["permitted"], json({"CAP_CHOWN", "CAP_SYS_ADMIN"}));
  EXPECT_EQ(sets["inheritable"], json::array());
  EXPECT_EQ(sets["ambient"], json::array());
}

TEST_F(IdentityTest, NoCapabilitySectionMeansNone) {
  bundle().process().erase("capabilities");
  const json sets = caps();
  for (const char* set : {"bounding", "effective", "permitted", "inheritable", "ambient"}) {
    EXPECT_EQ(sets[set], json::array()) << set;
  }
}

TEST_F(IdentityTest, OrdinaryUserHasNoCapabilities) {
  bundle().user(1000, 1000);
  const json sets = caps();
  EXPECT_EQ(sets["effective"], json::array());
  EXPECT_EQ(sets["permitted"], json::array());
  EXPECT_NE(sets["bounding"], json::array());
}

// What the kernel or the machine does not know is left out and does not stop the container.
TEST_F(IdentityTest, UnknownCapabilityIsNoFailure) {
  bundle().capabilities({"CAP_CHOWN", "CAP_NO_SUCH"});
  bundle().probe({"caps"});
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_EQ(Report::parse(outcome.out)["caps"]["effective"], json({"CAP_CHOWN"}));
}

TEST_F(IdentityTest, CapabilityTheMachineWithholdsIsNoFailure) {
  NACRE_PEER_DIFFERS(kRunc, "1.1 fails to apply the set");
  NACRE_PEER_DIFFERS(kCrun, "fails to apply the set");
  if (has_capability(24 /* CAP_SYS_RESOURCE */)) GTEST_SKIP() << "this machine withholds none";
  bundle().capabilities({"CAP_CHOWN", "CAP_SYS_RESOURCE"});
  bundle().probe({"caps"});
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_THAT(Report::parse(outcome.out)["caps"]["effective"].get<std::vector<std::string>>(),
              UnorderedElementsAre("CAP_CHOWN"));
}

TEST_F(IdentityTest, NoNewPrivileges) {
  EXPECT_EQ(probe({"nnp"})["nnp"]["nnp"], false);
  bundle().process()["noNewPrivileges"] = true;
  EXPECT_EQ(probe({"nnp"})["nnp"]["nnp"], true);
}

TEST_F(IdentityTest, Rlimits) {
  bundle().process()["rlimits"] = {
      {{"type", "RLIMIT_NOFILE"}, {"soft", 100}, {"hard", 200}},
      {{"type", "RLIMIT_CORE"}, {"soft", 0}, {"hard", 0}},
      {{"type", "RLIMIT_FSIZE"}, {"soft", 1048576}, {"hard", 2097152}}};
  const json limits = probe({"rlimits"})["rlimits"];
  EXPECT_EQ(limits["RLIMIT_NOFILE"], json({{"soft", 100}, {"hard", 200}}));
  EXPECT_EQ(limits["RLIMIT_CORE"], json({{"soft", 0}, {"hard", 0}}));
  EXPECT_EQ(limits["RLIMIT_FSIZE"], json({{"soft", 1048576}, {"hard", 2097152}}));
}

TEST_F(IdentityTest, EveryRlimitNameIsKnown) {
  json limits = json::array();
  for (const char* name : {"RLIMIT_AS", "RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_FSIZE",
                           "RLIMIT_LOCKS", "RLIMIT_RSS", "RLIMIT_RTTIME"}) {
    limits.push_back({{"type", name}, {"soft", 1U << 30U}, {"hard", 1U << 30U}});
  }
  for (const char* name : {"RLIMIT_MEMLOCK", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_NPROC",
                           "RLIMIT_RTPRIO", "RLIMIT_SIGPENDING", "RLIMIT_NOFILE"}) {
    limits.push_back({{"type", name}, {"soft", 0}, {"hard", 0}});
  }
  limits.back() = {{"type", "RLIMIT_NOFILE"}, {"soft", 64}, {"hard", 64}};
  limits.push_back({{"type", "RLIMIT_STACK"}, {"soft", 8U << 20U}, {"hard", 8U << 20U}});
  bundle().process()["rlimits"] = limits;
  const json set = probe({"rlimits"})["rlimits"];
  for (const auto& limit : limits)
    EXPECT_EQ(set[std::string(limit["type"])]["hard"], limit["hard"]);
}

TEST_F(IdentityTest, RaisingAHardLimitWithoutThePrivilegeIsAnError) {
  NACRE_PEER_DIFFERS(kCrun, "leaves its cgroup behind");
  if (has_capability(24)) GTEST_SKIP() << "this machine may raise hard limits";
  bundle().process()["rlimits"] = {{{"type", "RLIMIT_RTPRIO"}, {"soft", 99}, {"hard", 99}}};
  expect_failure(run(), 1, "operation not permitted");
}

TEST_F(IdentityTest, OomScoreAdjustment) {
  bundle().process()["oomScoreAdj"] = 777;
  EXPECT_EQ(probe({"oom-score-adj"})["oom-score-adj"]["value"], 777);
}

TEST_F(IdentityTest, ContainerIsItsOwnSessionAndHasCleanSignals) {
  const Report report = probe({"pid", "signals"});
  EXPECT_EQ(report["pid"]["pid"], 1);
  EXPECT_EQ(report["pid"]["sid"], 1);
  EXPECT_EQ(report["signals"]["blocked"], json::array());
}

// The runtime's caller may ignore signals; the container starts with defaults.
TEST_F(IdentityTest, IgnoredSignalsAreNotInherited) {
  NACRE_PEER_DIFFERS(kCrun, "passes ignored signals on");
  bundle().probe({"signals"});
  const std::string id = new_id();
  prepare(bundle(), id);
  const Command inner = runtime({"run", "--bundle", bundle().path(), id});
  std::vector<std::string> shell = {"/bin/sh", "-c", "trap '' USR1 PIPE; exec \"$@\"", "sh"};
  shell.insert(shell.end(), inner.argv().begin(), inner.argv().end());
  const Outcome outcome = Command(shell).run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_EQ(Report::parse(outcome.out)["signals"]["ignored"], json::array());
}

TEST_F(IdentityTest, KeyringIsNewUnlessAskedOtherwise) {
  // The key's description tells: runc and we name it after the container.
  const std::string id = new_id();
  bundle().probe({"keyring"});
  const Outcome outcome = run_bundle(bundle(), id);
  const json fresh = Report::parse(outcome.out)["keyring"];
  EXPECT_EQ(fresh["error"], "");
  EXPECT_THAT(fresh.value("description", ""), HasSubstr(id));
}

TEST_F(IdentityTest, NoNewKeyring) {
  bundle().probe({"keyring"});
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome =
      runtime({"run", "--no-new-keyring", "--bundle", bundle().path(), id}).run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  EXPECT_THAT(Report::parse(outcome.out)["keyring"].value("description", ""),
              testing::Not(HasSubstr(id)));
}

// runtime-spec config.md: what cannot be granted is logged as a warning, and no failure.
TEST_F(IdentityTest, CapabilitiesThatCannotBeGrantedAreLogged) {
  NACRE_PEER_DIFFERS(kCrun, "has other words");
  bundle().process()["capabilities"]["bounding"] = {"CAP_CHOWN", "CAP_NONSENSE"};
  bundle().probe({"exit", "0"});
  const std::string id = new_id();
  prepare(bundle(), id);
  const auto log = work() / "warnings.json";
  const Outcome outcome =
      bare_runtime({"--root", state_root(), "--log", log, "--log-format", "json", "--log-level",
                    "warning", "run", "--bundle", bundle().path(), id})
          .run();
  EXPECT_EQ(outcome.exit_code, 0) << describe(outcome);
  if (is_peer()) return;
  EXPECT_THAT(read_text(log), testing::HasSubstr("\"level\":\"warning\""));
  EXPECT_THAT(read_text(log), testing::HasSubstr("[CAP_NONSENSE]"));
}

}  // namespace
}  // namespace nacre::test
