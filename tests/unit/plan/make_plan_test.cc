#include "runtime/plan/make_plan.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/sched.h>

#include "tests/unit/plan/spec_samples.h"

namespace nacre::plan {
namespace {

using init::OpKind;
using oci::NamespaceType;

Plan plan_of(const oci::Spec& spec, const LaunchOptions& options = launch_options(),
             const SeccompProgram& seccomp = {}, const HostFacts& host = root_host()) {
  auto plan = make_plan(spec, host, options, seccomp);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message());
  return plan ? std::move(*plan) : Plan{};
}
std::string error_of(const oci::Spec& spec, const HostFacts& host = root_host()) {
  const auto plan = make_plan(spec, host, launch_options(), {});
  EXPECT_FALSE(plan);
  return plan ? "" : plan.error().message();
}

TEST(MakePlanTest, BaseCaseWaitsForNobodyButStart) {
  const Plan plan = plan_of(small_spec());
  EXPECT_TRUE(ops_of(plan, OpKind::kRendezvous).empty());
  EXPECT_EQ(ops_of(plan, OpKind::kAwaitStart).size(), 1U);
  EXPECT_FALSE(plan.two_steps);
  EXPECT_FALSE(plan.needs_procfs);
}

TEST(MakePlanTest, RunDoesNotWaitForStart) {
  LaunchOptions options = launch_options();
  options.wait_for_start = false;
  EXPECT_TRUE(ops_of(plan_of(small_spec(), options), OpKind::kAwaitStart).empty());
}

TEST(MakePlanTest, CgroupNamespaceIsMadeByInitInsideItsCgroup) {
  const Plan plan = plan_of(small_spec());
  EXPECT_EQ(plan.clone_flags,
            std::uint64_t{CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS});
  const auto unshare = ops_of(plan, OpKind::kUnshare);
  ASSERT_EQ(unshare.size(), 1U);
  EXPECT_EQ(unshare.front().value, std::uint64_t{CLONE_NEWCGROUP});
}

TEST(MakePlanTest, UserNamespaceWaitsForMapsAndOpensHostPathsBeforeItsIdsChange) {
  oci::Spec spec = user_namespace_spec();
  spec.mounts.push_back(mount_of("bind", "/srv", "/srv", {"rbind", "ro"}));
  const Plan plan = plan_of(spec);
  EXPECT_TRUE(plan.exec_without_maps);
  ASSERT_TRUE(plan.id_maps);
  EXPECT_TRUE(plan.openings.empty());  // a copy made by the parent would not be locked
  EXPECT_LT(position_of(plan, OpKind::kOpenTree), position_of(plan, OpKind::kBecomeRoot));
  EXPECT_LT(position_of(plan, OpKind::kRendezvous), position_of(plan, OpKind::kOpenTree));
  EXPECT_TRUE(ops_of(plan, OpKind::kMakeDevice).empty());
}

TEST(MakePlanTest, JoinedNamespacesAreEnteredBeforeANewUserNamespace) {
  oci::Spec spec = user_namespace_spec();
  spec.linux_.namespaces[1].path = "/run/netns/x";
  const Plan plan = plan_of(spec);
  EXPECT_TRUE(plan.two_steps);
  EXPECT_EQ(plan.clone_flags, 0U);
  EXPECT_LT(position_of(plan, OpKind::kJoin), position_of(plan, OpKind::kFork));
  EXPECT_NE(ops_of(plan, OpKind::kFork).front().value & CLONE_NEWUSER, 0U);
}

TEST(MakePlanTest, JoinedUserNamespaceComesFirst) {
  oci::Spec spec = small_spec();
  spec.linux_.namespaces[1].path = "/proc/7/ns/net";
  spec.linux_.namespaces.push_back({NamespaceType::kUser, "/proc/7/ns/user"});
  const auto joins = ops_of(plan_of(spec), OpKind::kJoin);
  ASSERT_EQ(joins.size(), 2U);
  EXPECT_EQ(joins.front().value, std::uint64_t{CLONE_NEWUSER});
}

TEST(MakePlanTest, TimeOffsetsAreWrittenBeforeAnythingRunsInTheNamespace) {
  oci::Spec spec = small_spec();
  spec.linux_.namespaces.push_back({NamespaceType::kTime, ""});
  spec.linux_.time_offsets["monotonic"] = {86400, 5};
  const Plan plan = plan_of(spec);
  EXPECT_TRUE(plan.two_steps);
  const auto writes = ops_of(plan, OpKind::kWriteProc);
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes.front().text, "self/timens_offsets");
  EXPECT_EQ(writes.front().text2, "monotonic 86400 5\n");
  EXPECT_LT(position_of(plan, OpKind::kWriteProc), position_of(plan, OpKind::kFork));
}

TEST(MakePlanTest, OrderOfSecurityRelevantSteps) {
  oci::Spec spec = small_spec();
  spec.root.readonly = true;
  spec.linux_.masked_paths = {"/proc/keys"};
  spec.linux_.readonly_paths = {"/proc/sys"};
  spec.linux_.sysctl["net.ipv4.ip_forward"] = "1";
  spec.process->no_new_privileges = true;
  const Plan plan = plan_of(spec, launch_options(), {.filter = std::string(8, 'x')});
  const auto at = [&plan](OpKind kind) { return position_of(plan, kind); };
  EXPECT_LT(at(OpKind::kPivotRoot), at(OpKind::kReadonlyRoot));
  EXPECT_LT(at(OpKind::kWriteProc), at(OpKind::kForget));
  EXPECT_LT(at(OpKind::kForget), at(OpKind::kWorkingDirectory));
  EXPECT_LT(at(OpKind::kBounding), at(OpKind::kIdentity));
  EXPECT_LT(at(OpKind::kIdentity), at(OpKind::kFindExecutable));
  EXPECT_LT(at(OpKind::kFindExecutable), at(OpKind::kAwaitStart));
  EXPECT_LT(at(OpKind::kAwaitStart), at(OpKind::kNoNewPrivileges));
  EXPECT_LT(at(OpKind::kNoNewPrivileges), at(OpKind::kSeccomp));
  EXPECT_LT(at(OpKind::kSeccomp), at(OpKind::kFinalCapabilities));
  EXPECT_EQ(at(OpKind::kExec), plan.ops.size() - 1);
}

TEST(MakePlanTest, CapabilityForSeccompIsKeptOnlyWithoutNoNewPrivileges) {
  oci::Spec spec = small_spec();
  const SeccompProgram filter{.filter = std::string(8, 'x')};
  EXPECT_EQ(ops_of(plan_of(spec, launch_options(), filter), OpKind::kCapabilities).front().value,
            std::uint64_t{1} << CAP_SYS_ADMIN);
  spec.process->no_new_privileges = true;
  EXPECT_EQ(ops_of(plan_of(spec, launch_options(), filter), OpKind::kCapabilities).front().value,
            0U);
  EXPECT_EQ(ops_of(plan_of(spec), OpKind::kCapabilities).front().value, 0U);
}

TEST(MakePlanTest, HooksInTheRightPlaces) {
  oci::Spec spec = small_spec();
  spec.hooks.prestart.push_back({.path = "/h"});
  spec.hooks.create_container.push_back({.path = "/h", .args = {"h", "x"}, .timeout = 3});
  spec.hooks.start_container.push_back({.path = "/in"});
  const Plan plan = plan_of(spec);
  EXPECT_TRUE(plan.parent_hooks);
  const auto hooks = ops_of(plan, OpKind::kHook);
  ASSERT_EQ(hooks.size(), 2U);
  EXPECT_EQ(hooks[0].value, 3000U);
  EXPECT_EQ(hooks[0].what, "error running createContainer hook #0");
  EXPECT_EQ(hooks[1].list, std::vector<std::string>{"/in"});
  EXPECT_LT(position_of(plan, OpKind::kRendezvous), position_of(plan, OpKind::kHook));
  EXPECT_LT(position_of(plan, OpKind::kHook), position_of(plan, OpKind::kPivotRoot));
  EXPECT_LT(position_of(plan, OpKind::kAwaitStart),
            position_of(plan, OpKind::kNoNewPrivileges) + 1);
}

TEST(MakePlanTest, LastOfTwoVariablesWins) {
  oci::Spec spec = small_spec();
  spec.process->env = {"A=1", "PATH=/x", "A=2"};
  EXPECT_EQ(ops_of(plan_of(spec), OpKind::kExec).front().list2,
            (std::vector<std::string>{"PATH=/x", "A=2"}));
}

TEST(MakePlanTest, HomeIsLookedUpOnlyWhenItIsNotGiven) {
  oci::Spec spec = small_spec();
  EXPECT_EQ(ops_of(plan_of(spec), OpKind::kFindHome).size(), 1U);
  spec.process->env.emplace_back("HOME=/h");
  EXPECT_TRUE(ops_of(plan_of(spec), OpKind::kFindHome).empty());
}

TEST(MakePlanTest, LimitsGoThroughTheParentInAUserNamespace) {
  oci::Spec spec = small_spec();
  spec.process->rlimits.push_back({"RLIMIT_NOFILE", 10, 20});
  EXPECT_EQ(ops_of(plan_of(spec), OpKind::kRlimit).size(), 1U);
  oci::Spec user = user_namespace_spec();
  user.process->rlimits = spec.process->rlimits;
  const Plan plan = plan_of(user);
  EXPECT_TRUE(ops_of(plan, OpKind::kRlimit).empty());
  ASSERT_EQ(plan.parent_rlimits.size(), 1U);
  EXPECT_EQ(plan.parent_rlimits.front().hard, 20U);
}

TEST(MakePlanTest, RefusesWhatItCannotGive) {
  oci::Spec spec = small_spec();
  spec.process->apparmor_profile = "docker-default";
  EXPECT_EQ(error_of(spec),
            "process.apparmorProfile \"docker-default\" cannot be applied: AppArmor is not enabled "
            "on this host");
  spec = small_spec();
  spec.linux_.net_devices["eth0"] = {};
  EXPECT_EQ(error_of(spec), "linux.netDevices: moving network devices is not supported");
  spec = small_spec();
  std::erase_if(spec.linux_.namespaces,
                [](const oci::Namespace& ns) { return ns.type == NamespaceType::kMount; });
  EXPECT_EQ(error_of(spec), "mounts: a container without a mount namespace cannot have any");
}

TEST(MakePlanTest, CoreLinkOnlyWhereTheKernelShowsIt) {
  const auto links_to_kcore = [](const HostFacts& host) {
    const Plan plan = plan_of(small_spec(), launch_options(), {}, host);
    return std::ranges::count_if(ops_of(plan, OpKind::kMakeLink),
                                 [](const auto& op) { return op.text2 == "/proc/kcore"; });
  };
  HostFacts host = root_host();
  EXPECT_EQ(links_to_kcore(host), 1);
  host.kcore = false;
  EXPECT_EQ(links_to_kcore(host), 0);
}

TEST(MakePlanTest, RootlessGroupsAreRefused) {
  oci::Spec spec = user_namespace_spec();
  spec.linux_.uid_mappings = {{0, 1000, 1}};
  spec.linux_.gid_mappings = {{0, 1000, 1}};
  spec.process->user.additional_gids = {5};
  HostFacts host = root_host();
  host.euid = 1000;
  EXPECT_EQ(
      error_of(spec, host),
      "process.user.additionalGids: cannot set any additional groups in a rootless container");
}

TEST(MakeExecPlanTest, JoinsThenForksThenRuns) {
  const oci::Spec spec = small_spec();
  const auto plan = make_exec_plan(*spec.process, {CLONE_NEWPID | CLONE_NEWNS, false}, root_host(),
                                   launch_options(), {});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->two_steps);
  EXPECT_EQ(plan->ops[0].kind, OpKind::kJoin);
  EXPECT_EQ(plan->ops[1].kind, OpKind::kFork);
  EXPECT_TRUE(ops_of(*plan, OpKind::kAwaitStart).empty());
  EXPECT_TRUE(ops_of(*plan, OpKind::kBecomeRoot).empty());
  // A missing working directory is an error for exec, never made.
  EXPECT_EQ(ops_of(*plan, OpKind::kWorkingDirectory).front().extra, 2U);
}

}  // namespace
}  // namespace nacre::plan
