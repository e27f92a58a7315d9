#include "oci-spec/runtime/sysctl.h"

#include <gtest/gtest.h>

#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using test::IsOk;

TEST(SysctlPathTest, BothSpellings) {
  EXPECT_EQ(sysctl_path("net.ipv4.ip_forward"), "net/ipv4/ip_forward");
  EXPECT_EQ(sysctl_path("net/ipv4/ip_forward"), "net/ipv4/ip_forward");
  EXPECT_EQ(sysctl_path("net.ipv4.conf.eno2/100.rp_filter"), "net/ipv4/conf/eno2.100/rp_filter");
  EXPECT_EQ(sysctl_path("net/ipv4/conf/eno2.100/rp_filter"), "net/ipv4/conf/eno2.100/rp_filter");
  EXPECT_EQ(sysctl_path("net.ipv4.conf.Wan-0.forwarding"), "net/ipv4/conf/Wan-0/forwarding");
}

TEST(SysctlPathTest, NamesThatCouldLeaveTheirDirectory) {
  for (const std::string name :
       {"", ".", "/", "net", "..", "net..ipv4", ".net.ipv4", "net.ipv4.", "/proc/sys/net/x",
        "net/../kernel/core_pattern", "net/./x", "net.//.//.kernel.x", "net/ipv4//x",
        "kernel.shm_rmid_forced+kernel.core_pattern", "net.ipv4.x y", "net.ipv4.x\n", "net.é"}) {
    EXPECT_FALSE(sysctl_path(name).has_value()) << name;
  }
  EXPECT_FALSE(sysctl_path("net." + std::string(2000, 'x')).has_value());
  EXPECT_THAT(sysctl_path("net..x"), IsInvalid("sysctl \"net..x\" is not a valid name"));
}

Spec with(std::initializer_list<NamespaceType> types) {
  Spec spec;
  for (const NamespaceType type : types) spec.linux_.namespaces.push_back({type, ""});
  return spec;
}

TEST(SysctlTest, EachBelongsToItsNamespace) {
  struct Case {
    std::string name;
    NamespaceType owner;
    std::string refusal;
  };
  const Case cases[] = {
      {"net.ipv4.ip_forward", NamespaceType::kNetwork, "not allowed in host network namespace"},
      {"net/core/somaxconn", NamespaceType::kNetwork, "not allowed in host network namespace"},
      {"kernel.shmmax", NamespaceType::kIpc, "is not allowed in the hosts ipc namespace"},
      {"kernel/sem", NamespaceType::kIpc, "is not allowed in the hosts ipc namespace"},
      {"fs.mqueue.msg_max", NamespaceType::kIpc, "is not allowed in the hosts ipc namespace"},
      {"kernel.domainname", NamespaceType::kUts, "is not in a separate kernel namespace"},
      {"user.max_user_namespaces", NamespaceType::kUser, "is not allowed without a user namespace"},
  };
  for (const Case& one : cases) {
    EXPECT_THAT(check_sysctl(one.name, with({one.owner})), IsOk()) << one.name;
    EXPECT_THAT(check_sysctl(one.name, with({})),
                IsInvalid("sysctl \"" + one.name + "\" " + one.refusal));
    EXPECT_FALSE(check_sysctl(one.name, with({NamespaceType::kMount})).has_value());
  }
}

TEST(SysctlTest, WhatNoNamespaceHolds) {
  const Spec all = with({NamespaceType::kNetwork, NamespaceType::kIpc, NamespaceType::kUts,
                         NamespaceType::kUser, NamespaceType::kMount, NamespaceType::kPid});
  for (const std::string name : {"vm.swappiness", "kernel.core_pattern", "fs.file-max",
                                 "kernel.shmmax2", "fs.mqueue", "netx.y", "kernel.msgmaxx"}) {
    EXPECT_THAT(check_sysctl(name, all),
                IsInvalid("sysctl \"" + name + "\" is not in a separate kernel namespace"));
  }
  EXPECT_THAT(check_sysctl("kernel.hostname", all),
              IsInvalid("sysctl \"kernel.hostname\" is not allowed as it conflicts with the OCI "
                        "\"hostname\" field"));
}

TEST(SysctlTest, SpellingDoesNotHideTheParameter) {
  const Spec network = with({NamespaceType::kNetwork});
  EXPECT_FALSE(check_sysctl("net/../kernel/core_pattern", network).has_value());
  EXPECT_FALSE(check_sysctl("net.//.//.kernel.core_pattern", network).has_value());
  EXPECT_FALSE(check_sysctl("kernel/core_pattern", network).has_value());
}

}  // namespace
}  // namespace nacre::oci
