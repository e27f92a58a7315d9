// Containers made by somebody who is not root: one id, and the ranges of newuidmap.
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr unsigned kUser = 12345;
constexpr unsigned kGroup = 12346;

bool may_make_user_namespaces() {
  const Outcome outcome = Command({"/bin/sh", "-c", "unshare -U true"})
                              .before_exec([] {
                                ::setgroups(0, nullptr);
                                ::setresgid(kGroup, kGroup, kGroup);
                                ::setresuid(kUser, kUser, kUser);
                              })
                              .run();
  return outcome.ok();
}

class RootlessTest : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    if (IsSkipped()) return;
    if (!may_make_user_namespaces()) {
      GTEST_SKIP() << "users other than root may not make user namespaces here";
    }
    own_ = work() / "own";
    fs::create_directories(own_ / "run");
    make_rootless(bundle());
    give(own_);
    give(work() / "logs");
  }

  // As `spec --rootless` writes it: no cgroup path, a user namespace with one id.
  void make_rootless(Bundle& bundle) {
    json& section = bundle.linux_section();
    bundle.with_namespace("user");
    section["uidMappings"] = {{{"containerID", 0}, {"hostID", kUser}, {"size", 1}}};
    section["gidMappings"] = {{{"containerID", 0}, {"hostID", kGroup}, {"size", 1}}};
    bundle.without_namespace("network").without_mount("/sys").bind("/sys", "/sys", {"ro"});
    // gid=5 of a terminal's group would not be mapped.
    bundle.mount_options("/dev/pts",
                         {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"});
    give(bundle.path());
  }

  static void give(const fs::path& tree) {
    ::lchown(tree.c_str(), kUser, kGroup);
    for (const auto& entry : fs::recursive_directory_iterator(tree)) {
      ::lchown(entry.path().c_str(), kUser, kGroup);
    }
  }

  // The runtime as that user, with a --root the user owns.
  Command as_user(std::vector<std::string> args) {
    const std::vector<std::string> global = {
        "--root",       own_ / "state", "--log", own_ / ("log" + std::to_string(next_log_++)),
        "--log-format", "json"};
    args.insert(args.begin(), global.begin(), global.end());
    Command command = bare_runtime(std::move(args));
    command.env("XDG_RUNTIME_DIR", own_ / "run").env("TMPDIR", own_ / "run").before_exec([] {
      ::setgroups(0, nullptr);
      ::setresgid(kGroup, kGroup, kGroup);
      ::setresuid(kUser, kUser, kUser);
    });
    return command;
  }

  Outcome run_as_user(Bundle& bundle, const std::string& id) {
    bundle.save();
    give(bundle.path());
    return as_user({"run", "--bundle", bundle.path(), id}).run();
  }

  Report probe_as_user(std::vector<std::string> verbs) {
    bundle().probe(std::move(verbs));
    const Outcome outcome = run_as_user(bundle(), new_id());
    expect_success(outcome);
    return Report::parse(outcome.out);
  }

  fs::path own_;
  int next_log_ = 0;
};

TEST_F(RootlessTest, RunsAsRootInside) {
  const Report report = probe_as_user({"id", "pid", "create", "/data/file", "x", "stat",
                                       "/data/file", "read", "/proc/self/uid_map", "host"});
  EXPECT_EQ(report["id"]["uid"], 0);
  EXPECT_EQ(report["id"]["gid"], 0);
  EXPECT_EQ(report["pid"]["pid"], 1);
  EXPECT_EQ(report["stat"]["uid"], 0);
  EXPECT_EQ(report["host"]["hostname"], "nacre-test");
  EXPECT_THAT(report["read"].value("data", ""), testing::ContainsRegex("0 +12345 +1\n"));
  struct stat info{};
  ASSERT_EQ(::stat((bundle().rootfs() / "data/file").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, kUser);
}

TEST_F(RootlessTest, UsualMountsAndDevices) {
  const Report report = probe_as_user({"mounts", "write", "/dev/null", "x", "open", "/dev/zero",
                                       "r", "open", "/dev/ptmx", "rw", "stat", "/dev/tty"});
  for (const char* target : {"/proc", "/dev", "/dev/pts", "/dev/shm", "/dev/mqueue", "/sys"}) {
    EXPECT_TRUE(report.mount_at(target).is_object()) << target;
  }
  EXPECT_EQ(report["write"]["error"], "");
  EXPECT_EQ(report.at("open", 0)["error"], "");
  EXPECT_EQ(report.at("open", 1)["error"], "");
  EXPECT_EQ(report["stat"]["type"], "char");
}

TEST_F(RootlessTest, NewNetworkNamespace) {
  bundle().with_namespace("network").without_mount("/sys").mount(
      {{"destination", "/sys"},
       {"type", "sysfs"},
       {"source", "sysfs"},
       {"options", {"nosuid", "noexec", "nodev", "ro"}}});
  EXPECT_EQ(probe_as_user({"links"})["links"].value("lo", ""), "up");
}

TEST_F(RootlessTest, WholeLife) {
  bundle().probe({"say", "here", "pause"});
  bundle().save();
  give(bundle().path());
  const std::string id = new_id();
  Pipe out = make_pipe();
  const fs::path pid_file = own_ / "c.pid";
  expect_success(as_user({"create", "--bundle", bundle().path(), "--pid-file", pid_file, id})
                     .stdout_fd(out.write.get())
                     .run());
  out.write.reset();
  expect_success(as_user({"start", id}).run());
  Reader(std::move(out.read)).until("here");
  const Outcome state = as_user({"state", id}).run();
  EXPECT_THAT(state.out, HasSubstr("\"running\""));
  const Outcome inside = as_user({"exec", id, "/probe", "id"}).run();
  expect_success(inside);
  EXPECT_EQ(Report::parse(inside.out)["id"]["uid"], 0);
  expect_success(as_user({"kill", id, "KILL"}).run());
  EXPECT_EQ(reap(std::stoi(read_text(pid_file))), 137);
  expect_success(as_user({"delete", id}).run());
  EXPECT_FALSE(fs::exists(own_ / "state" / id));
}

TEST_F(RootlessTest, DefaultRootIsTheUsersRuntimeDirectory) {
  bundle().probe({"pause"});
  bundle().save();
  give(bundle().path());
  const std::string id = new_id();
  const auto as_is = [&](std::vector<std::string> args) {
    Command command = bare_runtime(std::move(args));
    command.env("XDG_RUNTIME_DIR", own_ / "run").env("TMPDIR", own_ / "run").before_exec([] {
      ::setgroups(0, nullptr);
      ::setresgid(kGroup, kGroup, kGroup);
      ::setresuid(kUser, kUser, kUser);
    });
    return command.run();
  };
  const Outcome created =
      as_is({"create", "--bundle", bundle().path(), "--pid-file", own_ / "c.pid", id});
  EXPECT_EQ(created.exit_code, 0) << describe(created);
  const fs::path expected = own_ / "run" / (is_peer() ? runtime_name() : "nacre-runtime");
  EXPECT_TRUE(fs::exists(expected / id)) << expected;
  EXPECT_EQ(as_is({"delete", "--force", id}).exit_code, 0);
}

TEST_F(RootlessTest, NoPrivilegeIsGained) {
  bundle().all_capabilities();
  const Report report = probe_as_user({"mknod", "/data/disk", "b", "8", "0", "write",
                                       "/proc/sys/kernel/printk_ratelimit", "5", "groups"});
  EXPECT_EQ(report["mknod"]["error"], "EPERM");
  EXPECT_NE(report["write"]["error"], "");
}

// setgroups is denied in such a namespace: groups that cannot be dropped stay, as "nobody".
TEST_F(RootlessTest, AdditionalGroupsAreAnError) {
  bundle().process()["user"]["additionalGids"] = {5};
  EXPECT_NE(run_as_user(bundle(), new_id()).exit_code, 0);
}

TEST_F(RootlessTest, LimitsWithoutACgroupOfOnesOwnAreAnError) {
  NACRE_PEER_DIFFERS(kCrun, "ignores them");
  bundle().linux_section()["resources"]["pids"]["limit"] = 10;
  const Outcome outcome = run_as_user(bundle(), new_id());
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

// Root's container of the same name is none of this user's business.
TEST_F(RootlessTest, TheCgroupOfRootsContainerIsNotInTheWay) {
  NACRE_PEER_DIFFERS(kRunc, "not asked here: 1.1 places it elsewhere");
  NACRE_PEER_DIFFERS(kCrun, "not asked here");
  const fs::path taken = "/sys/fs/cgroup/" + new_id();
  fs::create_directory(taken);
  Running holder = Command({"sleep", "1000"}).start();
  std::ofstream(taken / "cgroup.procs") << holder.pid();
  bundle().probe({"exit", "4"});
  EXPECT_EQ(run_as_user(bundle(), taken.filename()).exit_code, 4);
  holder.send(SIGKILL);
  static_cast<void>(holder.wait());
  EXPECT_EQ(::rmdir(taken.c_str()), 0);
}

TEST_F(RootlessTest, RootlessFalseInsistsOnACgroup) {
  NACRE_PEER_DIFFERS(kCrun, "has no such flag");
  bundle().probe({"exit", "0"});
  bundle().save();
  give(bundle().path());
  const Outcome outcome =
      as_user({"--rootless", "false", "run", "--bundle", bundle().path(), new_id()}).run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

TEST_F(RootlessTest, WithoutAUserNamespaceTheReasonIsSaid) {
  NACRE_PEER_DIFFERS(kCrun, "has other words");
  bundle().without_namespace("user");
  bundle().linux_section().erase("uidMappings");
  bundle().linux_section().erase("gidMappings");
  const Outcome outcome = run_as_user(bundle(), new_id());
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("rootless container requires user namespaces"));
}

TEST_F(RootlessTest, CgroupPathWithoutPermissionIsAnError) {
  NACRE_PEER_DIFFERS(kCrun, "goes on without a cgroup");
  bundle().linux_section()["cgroupsPath"] = cgroup_parent() + "/mine";
  const Outcome outcome = run_as_user(bundle(), new_id());
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

class NewuidmapTest : public RootlessTest {
 protected:
  void SetUp() override {
    NACRE_REQUIRE_PROGRAM("newuidmap");
    NACRE_REQUIRE_PROGRAM("newgidmap");
    RootlessTest::SetUp();
    if (IsSkipped()) return;
    // In the private world: these files are seen by nobody else.
    const std::string number = std::to_string(kUser);
    cover("/etc/passwd", "root:x:0:0::/root:/bin/sh\nnacre-test:x:" + number + ":" +
                             std::to_string(kGroup) + "::/:/bin/sh\n");
    cover("/etc/subuid", "nacre-test:500000:65536\n");
    cover("/etc/subgid", "nacre-test:600000:65536\n");
    bundle().linux_section()["uidMappings"] = {
        {{"containerID", 0}, {"hostID", kUser}, {"size", 1}},
        {{"containerID", 1}, {"hostID", 500000}, {"size", 65536}}};
    bundle().linux_section()["gidMappings"] = {
        {{"containerID", 0}, {"hostID", kGroup}, {"size", 1}},
        {{"containerID", 1}, {"hostID", 600000}, {"size", 65536}}};
  }
  void TearDown() override {
    for (const auto& file : covered_) ::umount2(file.c_str(), MNT_DETACH);
    RootlessTest::TearDown();
  }
  void cover(const std::string& file, const std::string& text) {
    const fs::path replacement = work() / fs::path(file).filename();
    write_text(replacement, text);
    ASSERT_EQ(::mount(replacement.c_str(), file.c_str(), nullptr, MS_BIND, nullptr), 0) << file;
    covered_.push_back(file);
  }
  std::vector<std::string> covered_;
};

TEST_F(NewuidmapTest, RangesAreMapped) {
  const Report report =
      probe_as_user({"id", "read", "/proc/self/uid_map", "read", "/proc/self/gid_map"});
  EXPECT_THAT(report.at("read", 0).value("data", ""), testing::ContainsRegex("1 +500000 +65536"));
  EXPECT_THAT(report.at("read", 1).value("data", ""), testing::ContainsRegex("1 +600000 +65536"));
}

TEST_F(NewuidmapTest, AnotherUserAndGroupsInside) {
  NACRE_PEER_DIFFERS(kRunc, "refuses additional groups in every rootless container");
  bundle().user(1000, 1000);
  bundle().process()["user"]["additionalGids"] = {7};
  const Report report = probe_as_user({"id", "groups", "create", "/tmp/mine", "x"});
  EXPECT_EQ(report["id"]["uid"], 1000);
  EXPECT_EQ(report["groups"]["groups"], json({7}));
  struct stat info{};
  ASSERT_EQ(::stat((bundle().rootfs() / "tmp/mine").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 500999U);
}

TEST_F(NewuidmapTest, RangeThatIsNotOursIsAnError) {
  bundle().linux_section()["uidMappings"] = {
      {{"containerID", 0}, {"hostID", kUser}, {"size", 1}},
      {{"containerID", 1}, {"hostID", 900000}, {"size", 65536}}};
  const Outcome outcome = run_as_user(bundle(), new_id());
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
  if (!is_peer()) {
    EXPECT_THAT(outcome.err, HasSubstr("newuidmap"));
  }
}

}  // namespace
}  // namespace nacre::test
