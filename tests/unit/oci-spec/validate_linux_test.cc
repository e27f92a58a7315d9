#include <gtest/gtest.h>

#include <functional>

#include "oci-spec/defaults/default_spec.h"
#include "oci-spec/runtime/enums.h"
#include "oci-spec/runtime/validate.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using test::IsOk;

struct Case {
  std::function<void(Linux&)> change;
  std::string message;  // without "config.json: "; empty: valid
};

void expect_all(const std::vector<Case>& cases) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    Spec spec = default_spec();
    cases[i].change(spec.linux_);
    if (cases[i].message.empty()) {
      EXPECT_THAT(validate(spec), IsOk());
    } else {
      EXPECT_THAT(validate(spec), IsInvalid("config.json: " + cases[i].message));
    }
  }
}

void add(Linux& config, NamespaceType type, std::string path = {}) {
  config.namespaces.push_back({type, std::move(path)});
}

void remove(Linux& config, NamespaceType type) {
  std::erase_if(config.namespaces, [&](const Namespace& ns) { return ns.type == type; });
}

TEST(ValidateLinuxTest, Namespaces) {
  expect_all({
      {[](Linux& l) { add(l, NamespaceType::kTime); }, ""},
      {[](Linux& l) { add(l, NamespaceType::kPid); },
       "linux.namespaces[6]: malformed spec file: duplicated ns \"pid\""},
      {[](Linux& l) { add(l, NamespaceType::kNetwork, "/x"); },
       "linux.namespaces[6]: malformed spec file: duplicated ns \"network\""},
      {[](Linux& l) { l.namespaces[1].path = "proc/1/ns/net"; },
       "linux.namespaces[1].path: must be an absolute path"},
  });
}

TEST(ValidateLinuxTest, IdMappings) {
  const std::string none =
      "linux.uidMappings: user namespaces enabled, but no namespace path to "
      "join nor mappings to apply specified";
  const auto mapped = [](Linux& l, std::vector<IdMapping> uids, std::vector<IdMapping> gids) {
    add(l, NamespaceType::kUser);
    l.uid_mappings = std::move(uids);
    l.gid_mappings = std::move(gids);
  };
  const IdMapping one{0, 1000, 1};
  expect_all({
      {[&](Linux& l) { mapped(l, {one}, {one}); }, ""},
      {[&](Linux& l) { mapped(l, {}, {}); }, none},
      {[&](Linux& l) { mapped(l, {one}, {}); },
       "linux.gidMappings: a new user namespace needs at least one mapping"},
      {[&](Linux& l) { mapped(l, {}, {one}); },
       "linux.uidMappings: a new user namespace needs at least one mapping"},
      {[&](Linux& l) { l.uid_mappings = {one}; },
       "linux.uidMappings: user namespace mappings specified, but user namespace isn't enabled in "
       "the config"},
      {[&](Linux& l) { l.gid_mappings = {one}; },
       "linux.gidMappings: user namespace mappings specified, but user namespace isn't enabled in "
       "the config"},
      {[&](Linux& l) { add(l, NamespaceType::kUser, "/proc/1/ns/user"); }, ""},
      {[&](Linux& l) {
         mapped(l, {one}, {one});
         l.namespaces.back().path = "/proc/1/ns/user";
       },
       ""},
      {[&](Linux& l) { mapped(l, {{0, 0, 0}}, {one}); },
       "linux.uidMappings[0]: size must be at least 1"},
      {[&](Linux& l) { mapped(l, {{0, 0, 4294967295}}, {one}); }, ""},
      {[&](Linux& l) { mapped(l, {one, {4294967295, 5, 1}}, {one}); }, ""},
      {[&](Linux& l) { mapped(l, {one, {4294967295, 5, 2}}, {one}); },
       "linux.uidMappings[1]: reaches beyond the last 32-bit id"},
      {[&](Linux& l) { mapped(l, {one}, {{0, 4294967290, 7}}); },
       "linux.gidMappings[0]: reaches beyond the last 32-bit id"},
      {[&](Linux& l) { mapped(l, {{10, 100, 10}, {0, 200, 11}}, {one}); },
       "linux.uidMappings: containerID 10 is mapped twice"},
      {[&](Linux& l) { mapped(l, {one}, {{0, 100, 10}, {10, 109, 1}}); },
       "linux.gidMappings: hostID 109 is mapped twice"},
      {[&](Linux& l) { mapped(l, {one}, {{0, 100, 10}, {10, 110, 1}}); }, ""},
  });
}

TEST(ValidateLinuxTest, AsManyMappingsAsTheKernelTakes) {
  std::vector<IdMapping> many;
  for (std::uint32_t i = 0; i < 340; ++i) many.push_back({i, i * 2, 1});
  expect_all({
      {[&](Linux& l) {
         add(l, NamespaceType::kUser);
         l.uid_mappings = l.gid_mappings = many;
       },
       ""},
      {[&](Linux& l) {
         add(l, NamespaceType::kUser);
         l.uid_mappings = l.gid_mappings = many;
         l.uid_mappings.push_back({1000, 1000, 1});
       },
       "linux.uidMappings: more than 340 mappings"},
  });
}

TEST(ValidateLinuxTest, TimeOffsets) {
  expect_all({
      {[](Linux& l) {
         add(l, NamespaceType::kTime);
         l.time_offsets = {{"monotonic", {-1, 999999999}}, {"boottime", {5, 0}}};
       },
       ""},
      {[](Linux& l) { l.time_offsets = {{"monotonic", {1, 0}}}; },
       "linux.timeOffsets: time namespace offsets specified, but time namespace isn't enabled in "
       "the config"},
      {[](Linux& l) {
         add(l, NamespaceType::kTime, "/proc/1/ns/time");
         l.time_offsets = {{"monotonic", {1, 0}}};
       },
       "linux.timeOffsets: time namespace enabled, but both namespace path and time offsets "
       "specified"},
      {[](Linux& l) {
         add(l, NamespaceType::kTime);
         l.time_offsets = {{"realtime", {1, 0}}};
       },
       "linux.timeOffsets: unknown clock \"realtime\""},
      {[](Linux& l) {
         add(l, NamespaceType::kTime);
         l.time_offsets = {{"boottime", {1, 1000000000}}};
       },
       "linux.timeOffsets.boottime.nanosecs: 1000000000 is a second or more"},
  });
}

TEST(ValidateLinuxTest, Sysctl) {
  expect_all({
      {[](Linux& l) { l.sysctl = {{"net.ipv4.ip_forward", "1"}}; }, ""},
      {[](Linux& l) { l.sysctl = {{"vm.swappiness", "1"}}; },
       "linux.sysctl: sysctl \"vm.swappiness\" is not in a separate kernel namespace"},
  });
}

TEST(ValidateLinuxTest, MaskedAndReadonlyPaths) {
  expect_all({
      {[](Linux& l) { remove(l, NamespaceType::kMount); },
       "linux.maskedPaths: unable to restrict sys entries without a private MNT namespace"},
      {[](Linux& l) {
         remove(l, NamespaceType::kMount);
         l.masked_paths.clear();
       },
       "linux.readonlyPaths: unable to restrict sys entries without a private MNT namespace"},
      {[](Linux& l) {
         remove(l, NamespaceType::kMount);
         l.masked_paths.clear();
         l.readonly_paths.clear();
       },
       ""},
      {[](Linux& l) { l.masked_paths = {"/a", "b"}; },
       "linux.maskedPaths[1]: must be an absolute path"},
      {[](Linux& l) { l.readonly_paths = {""}; },
       "linux.readonlyPaths[0]: must be an absolute path"},
  });
}

TEST(ValidateLinuxTest, Devices) {
  const auto device = [](Linux& l, std::string type, std::string path, std::int64_t major,
                         std::int64_t minor) {
    Device result;
    result.type = std::move(type);
    result.path = std::move(path);
    result.major = major;
    result.minor = minor;
    l.devices.push_back(result);
  };
  expect_all({
      {[&](Linux& l) {
         for (const char* type : {"c", "b", "u"}) device(l, type, "/dev/x", 4095, 1048575);
         device(l, "p", "/dev/pipe", 0, 0);
       },
       ""},
      {[&](Linux& l) { device(l, "a", "/dev/x", 1, 1); },
       "linux.devices[0].type: invalid device type \"a\""},
      {[&](Linux& l) { device(l, "", "/dev/x", 1, 1); },
       "linux.devices[0].type: invalid device type \"\""},
      {[&](Linux& l) { device(l, "c", "dev/x", 1, 1); },
       "linux.devices[0].path: must be an absolute path"},
      {[&](Linux& l) { device(l, "c", "/dev/../etc/x", 1, 1); },
       "linux.devices[0].path: must not contain \"..\""},
      {[&](Linux& l) { device(l, "c", "/dev/..x", 1, 1); }, ""},
      {[&](Linux& l) { device(l, "c", "/dev/x", 4096, 1); },
       "linux.devices[0]: major 4096 is out of range"},
      {[&](Linux& l) { device(l, "c", "/dev/x", -1, 1); },
       "linux.devices[0]: major -1 is out of range"},
      {[&](Linux& l) { device(l, "c", "/dev/x", 1, 1048576); },
       "linux.devices[0]: minor 1048576 is out of range"},
  });
}

TEST(ValidateLinuxTest, NetDevices) {
  expect_all({
      {[](Linux& l) { l.net_devices = {{"eth0", {"a-15-bytes-name"}}, {"eth1", {""}}}; }, ""},
      {[](Linux& l) {
         remove(l, NamespaceType::kNetwork);
         l.net_devices = {{"eth0", {}}};
       },
       "linux.netDevices: unable to move network devices without a NET namespace"},
      {[](Linux& l) { l.net_devices = {{"", {}}}; },
       "linux.netDevices: invalid network device name \"\""},
      {[](Linux& l) { l.net_devices = {{"a/b", {}}}; },
       "linux.netDevices: invalid network device name \"a/b\""},
      {[](Linux& l) { l.net_devices = {{"eth0", {".."}}}; },
       "linux.netDevices: invalid network device name \"..\""},
      {[](Linux& l) { l.net_devices = {{"eth0", {"a b"}}}; },
       "linux.netDevices: invalid network device name \"a b\""},
      {[](Linux& l) { l.net_devices = {{"a-16-bytes--name", {}}}; },
       "linux.netDevices: invalid network device name \"a-16-bytes--name\""},
  });
}

TEST(ValidateLinuxTest, Propagation) {
  for (const std::string_view known : kPropagations) {
    Spec spec = default_spec();
    spec.linux_.rootfs_propagation = known;
    EXPECT_THAT(validate(spec), IsOk()) << known;
  }
  expect_all({{[](Linux& l) { l.rootfs_propagation = "rec"; },
               "linux.rootfsPropagation: rootfsPropagation=\"rec\" is not supported"}});
}

TEST(ValidateLinuxTest, IntelRdt) {
  const auto id = [](Linux& l, std::string value) { l.intel_rdt.emplace().clos_id = value; };
  expect_all({
      {[&](Linux& l) { id(l, "group"); }, ""},
      {[&](Linux& l) { id(l, "/"); }, ""},
      {[&](Linux& l) { id(l, ""); }, ""},
      {[&](Linux& l) { id(l, "."); }, "linux.intelRdt.closID: invalid intelRdt.ClosID \".\""},
      {[&](Linux& l) { id(l, ".."); }, "linux.intelRdt.closID: invalid intelRdt.ClosID \"..\""},
      {[&](Linux& l) { id(l, "a/b"); }, "linux.intelRdt.closID: invalid intelRdt.ClosID \"a/b\""},
  });
}

TEST(ValidateLinuxTest, MemoryPolicy) {
  const auto policy = [](Linux& l, std::string mode, std::string nodes,
                         std::vector<std::string> flags = {}) {
    l.memory_policy = MemoryPolicy{std::move(mode), std::move(nodes), std::move(flags)};
  };
  expect_all({
      {[&](Linux& l) { policy(l, "MPOL_INTERLEAVE", "0-1", {"MPOL_F_STATIC_NODES"}); }, ""},
      {[&](Linux& l) { policy(l, "MPOL_PREFERRED", ""); }, ""},
      {[&](Linux& l) { policy(l, "MPOL_LOCAL", ""); }, ""},
      {[&](Linux& l) { policy(l, "", ""); }, "linux.memoryPolicy: invalid memory policy mode \"\""},
      {[&](Linux& l) { policy(l, "MPOL_BIND", "0", {"MPOL_F_FOO"}); },
       "linux.memoryPolicy: invalid memory policy flag \"MPOL_F_FOO\""},
      {[&](Linux& l) { policy(l, "MPOL_BIND", "x"); },
       "linux.memoryPolicy: invalid memory policy nodes \"x\""},
      {[&](Linux& l) { policy(l, "MPOL_BIND", ""); },
       "linux.memoryPolicy: invalid memory policy: MPOL_BIND needs at least one node"},
      {[&](Linux& l) { policy(l, "MPOL_DEFAULT", "0"); },
       "linux.memoryPolicy: invalid memory policy: MPOL_DEFAULT takes no nodes"},
  });
}

TEST(ValidateLinuxTest, Personality) {
  expect_all({
      {[](Linux& l) { l.personality = Personality{"LINUX", {}}; }, ""},
      {[](Linux& l) { l.personality = Personality{"LINUX32", {}}; }, ""},
      {[](Linux& l) { l.personality = Personality{"BSD", {}}; },
       "linux.personality.domain: invalid personality domain \"BSD\""},
      {[](Linux& l) { l.personality = Personality{"LINUX", {"ADDR_NO_RANDOMIZE"}}; },
       "linux.personality.flags: unknown personality flag \"ADDR_NO_RANDOMIZE\""},
  });
}

SeccompSyscall call(std::string name, std::string action) {
  SeccompSyscall result;
  result.names = {std::move(name)};
  result.action = std::move(action);
  return result;
}

TEST(ValidateLinuxTest, Seccomp) {
  const auto filter = [](Linux& l) -> Seccomp& {
    l.seccomp.emplace().default_action = "SCMP_ACT_ALLOW";
    l.seccomp->syscalls = {call("open", "SCMP_ACT_ERRNO")};
    return *l.seccomp;
  };
  const std::string first = "linux.seccomp.syscalls[0]";
  expect_all({
      {[&](Linux& l) { filter(l); }, ""},
      {[&](Linux& l) { filter(l).default_action = "ALLOW"; },
       "linux.seccomp.defaultAction: unknown seccomp action \"ALLOW\""},
      {[&](Linux& l) { filter(l).default_errno_ret = 4096; },
       "linux.seccomp.defaultErrnoRet: 4096 is more than 4095"},
      {[&](Linux& l) { filter(l).architectures = {"SCMP_ARCH_X86", "x86_64"}; },
       "linux.seccomp.architectures[1]: unknown seccomp architecture \"x86_64\""},
      {[&](Linux& l) { filter(l).flags = {"TSYNC"}; },
       "linux.seccomp.flags[0]: unknown seccomp flag \"TSYNC\""},
      {[&](Linux& l) { filter(l).syscalls[0].action = ""; },
       first + ".action: unknown seccomp action \"\""},
      {[&](Linux& l) { filter(l).syscalls[0].names.clear(); }, first + ".names: must not be empty"},
      {[&](Linux& l) { filter(l).syscalls[0].names = {"a", ""}; },
       first + ".names[1]: must not be empty"},
      {[&](Linux& l) { filter(l).syscalls[0].names = {"no_such_call"}; }, ""},
      {[&](Linux& l) { filter(l).syscalls[0].errno_ret = 5000; },
       first + ".errnoRet: 5000 is more than 4095"},
      {[&](Linux& l) {
         filter(l).syscalls[0].action = "SCMP_ACT_TRACE";
         l.seccomp->syscalls[0].errno_ret = 65535;
       },
       ""},
      {[&](Linux& l) { filter(l).syscalls[0].args = {{5, 0, 0, "SCMP_CMP_EQ"}}; }, ""},
      {[&](Linux& l) { filter(l).syscalls[0].args = {{6, 0, 0, "SCMP_CMP_EQ"}}; },
       first + ".args[0].index: 6 is more than 5"},
      {[&](Linux& l) { filter(l).syscalls[0].args = {{0, 0, 0, "=="}}; },
       first + ".args[0].op: unknown seccomp operator \"==\""},
  });
}

TEST(ValidateLinuxTest, SeccompListener) {
  const auto filter = [](Linux& l, const std::string& name) -> Seccomp& {
    l.seccomp.emplace().default_action = "SCMP_ACT_ALLOW";
    l.seccomp->syscalls = {call(name, "SCMP_ACT_NOTIFY")};
    l.seccomp->listener_path = "/run/agent.sock";
    return *l.seccomp;
  };
  expect_all({
      {[&](Linux& l) { filter(l, "mkdir").listener_metadata = "m"; }, ""},
      {[&](Linux& l) { filter(l, "write"); },
       "linux.seccomp.syscalls[0].names: SCMP_ACT_NOTIFY cannot be used for the write syscall"},
      {[&](Linux& l) { filter(l, "mkdir").default_action = "SCMP_ACT_NOTIFY"; },
       "linux.seccomp.defaultAction: SCMP_ACT_NOTIFY cannot be used as default action"},
      {[&](Linux& l) { filter(l, "mkdir").listener_path = "agent"; },
       "linux.seccomp.listenerPath: must be an absolute path"},
      {[&](Linux& l) { filter(l, "mkdir").listener_path = ""; },
       "linux.seccomp.listenerPath: must be set for SCMP_ACT_NOTIFY"},
      {[&](Linux& l) {
         filter(l, "mkdir").listener_path = "";
         l.seccomp->listener_metadata = "m";
       },
       "linux.seccomp.listenerMetadata: must not be set without listenerPath"},
  });
}

}  // namespace
}  // namespace nacre::oci
