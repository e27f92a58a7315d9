#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/mount.h>

#include <algorithm>

#include "tests/unit/plan/spec_samples.h"

namespace nacre::plan {
namespace {

using init::OpKind;

// The plan of small_spec() with one more mount; only the operations of that mount.
std::vector<PlannedOp> ops_for(oci::Mount mount, oci::Spec spec = small_spec()) {
  const std::string destination = mount.destination;
  spec.mounts.push_back(std::move(mount));
  const auto plan = make_plan(spec, root_host(), launch_options(), {});
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message());
  std::vector<PlannedOp> found;
  if (!plan) return found;
  for (const PlannedOp& op : plan->ops) {
    if (op.what.ends_with("to rootfs at \"" + destination + "\"")) found.push_back(op);
  }
  return found;
}
std::string error_for(oci::Mount mount) {
  oci::Spec spec = small_spec();
  spec.mounts.push_back(std::move(mount));
  const auto plan = make_plan(spec, root_host(), launch_options(), {});
  EXPECT_FALSE(plan);
  return plan ? "" : plan.error().message();
}
std::vector<OpKind> kinds(const std::vector<PlannedOp>& ops) {
  std::vector<OpKind> out;
  for (const PlannedOp& op : ops) out.push_back(op.kind);
  return out;
}

TEST(PlanMountsTest, BindIsCopiedCutOffMadeReadOnlyAttached) {
  const auto ops = ops_for(mount_of("bind", "/srv", "/data", {"rbind", "ro", "rprivate"}));
  EXPECT_EQ(kinds(ops), (std::vector{OpKind::kTakeMount, OpKind::kSetAttr, OpKind::kSetAttr,
                                     OpKind::kSetAttr, OpKind::kAttach}));
  EXPECT_EQ(ops[1].mode, std::uint32_t{MS_SLAVE});
  EXPECT_EQ(ops[2].mode, std::uint32_t{MS_PRIVATE});
  EXPECT_EQ(ops[3].value, std::uint64_t{MOUNT_ATTR_RDONLY});
  EXPECT_EQ(ops[3].extra, 0U);  // "ro" is the top mount alone; "rro" is all of them
}

TEST(PlanMountsTest, RecursiveReadOnlyReachesBelow) {
  const auto ops = ops_for(mount_of("bind", "/srv", "/data", {"rbind", "rro"}));
  EXPECT_EQ(ops[2].value, std::uint64_t{MOUNT_ATTR_RDONLY});
  EXPECT_EQ(ops[2].extra, std::uint32_t{AT_RECURSIVE});
}

TEST(PlanMountsTest, SharedRootfsKeepsThePeerGroupOfABind) {
  oci::Spec spec = small_spec();
  spec.linux_.rootfs_propagation = "rshared";
  const auto ops = ops_for(mount_of("bind", "/srv", "/data", {"rbind", "rshared"}), spec);
  EXPECT_EQ(kinds(ops), (std::vector{OpKind::kTakeMount, OpKind::kSetAttr, OpKind::kAttach}));
  EXPECT_EQ(ops[1].mode, std::uint32_t{MS_SHARED});
}

TEST(PlanMountsTest, TmpfsTakesTheModeOfWhatItCovers) {
  auto ops = ops_for(mount_of("tmpfs", "tmpfs", "/t", {"size=1m"}));
  EXPECT_EQ(ops[0].text2, "/t");
  EXPECT_EQ(ops[0].list, (std::vector<std::string>{"source", "tmpfs", "size", "1m"}));
  ops = ops_for(mount_of("tmpfs", "tmpfs", "/t", {"mode=700"}));
  EXPECT_EQ(ops[0].text2, "");
}

TEST(PlanMountsTest, CopyUpComesBeforeReadOnly) {
  const auto ops = ops_for(mount_of("tmpfs", "tmpfs", "/t", {"tmpcopyup", "ro", "nosuid"}));
  EXPECT_EQ(kinds(ops),
            (std::vector{OpKind::kNewFs, OpKind::kCopyUp, OpKind::kSetAttr, OpKind::kAttach}));
  EXPECT_EQ(ops[0].value, std::uint64_t{MOUNT_ATTR_NOSUID});
  EXPECT_EQ(ops[2].value, std::uint64_t{MOUNT_ATTR_RDONLY});
}

TEST(PlanMountsTest, DestinationsAreCleanedAsText) {
  const auto ops = ops_for(mount_of("tmpfs", "tmpfs", "a/../b//c/.", {}));
  EXPECT_EQ(ops.back().text, "/b/c");
}

TEST(PlanMountsTest, NothingGoesOverProc) {
  EXPECT_EQ(error_for(mount_of("tmpfs", "x", "/proc", {})),
            "error mounting \"x\" to rootfs at \"/proc\": \"/proc\" cannot be mounted over by "
            "anything but proc");
  EXPECT_EQ(error_for(mount_of("bind", "/x", "/proc/self/attr", {"bind"})),
            "error mounting \"/x\" to rootfs at \"/proc/self/attr\": \"/proc/self/attr\" cannot be "
            "mounted because it is inside /proc");
  EXPECT_EQ(error_for(mount_of("bind", "/x", "/tmp/../proc//sys/../self", {"bind"})),
            "error mounting \"/x\" to rootfs at \"/tmp/../proc//sys/../self\": \"/proc/self\" "
            "cannot be mounted because it is inside /proc");
  EXPECT_FALSE(ops_for(mount_of("bind", "/x", "/proc/meminfo", {"bind"})).empty());
}

TEST(PlanMountsTest, RootItselfIsNoDestination) {
  EXPECT_NE(error_for(mount_of("tmpfs", "x", "/a/..", {})).find("root directory itself"),
            std::string::npos);
}

TEST(PlanMountsTest, CgroupWithoutItsNamespaceShowsTheHostsAndReadOnlyInAUserNamespace) {
  oci::Spec spec = user_namespace_spec();
  std::erase_if(spec.linux_.namespaces,
                [](const oci::Namespace& ns) { return ns.type == oci::NamespaceType::kCgroup; });
  const auto ops = ops_for(mount_of("cgroup", "cgroup", "/sys/fs/cgroup", {"nosuid"}), spec);
  ASSERT_FALSE(ops.empty());
  EXPECT_EQ(ops[0].kind, OpKind::kOpenTree);
  bool readonly = false;
  for (const PlannedOp& op : ops) {
    readonly = readonly || (op.kind == OpKind::kSetAttr && (op.value & MOUNT_ATTR_RDONLY) != 0);
  }
  EXPECT_TRUE(readonly);
}

TEST(PlanMountsTest, IdmapIsTheParentsWork) {
  oci::Mount mount = mount_of("bind", "data", "/data", {"bind", "idmap"});
  mount.uid_mappings = {{0, 1000, 1}};
  mount.gid_mappings = {{0, 1000, 1}};
  oci::Spec spec = small_spec();
  spec.mounts.push_back(mount);
  const auto plan = make_plan(spec, root_host(), launch_options(), {});
  ASSERT_TRUE(plan);
  const auto opening = std::ranges::find_if(
      plan->openings, [](const Opening& item) { return item.idmap.has_value(); });
  ASSERT_NE(opening, plan->openings.end());
  EXPECT_EQ(opening->path, "/bundle/data");
  EXPECT_EQ(opening->idmap->uid.front().host_id, 1000U);
}

}  // namespace
}  // namespace nacre::plan
