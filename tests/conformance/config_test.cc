// config.json as a table: what is written there, and what a process in the container finds.
#include <functional>

#include "tests/conformance/known_differences.h"
#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

using Edit = std::function<void(Bundle&)>;
using Check = std::function<void(const Report&)>;

struct Row {
  const char* name;
  Edit edit;
  std::vector<std::string> verbs;
  Check check;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
std::string name_of(const testing::TestParamInfo<Row>& info) { return info.param.name; }

// The answer of a verb has this value under this key.
Check says(std::string verb, std::string key, json value) {
  return [=](const Report& report) { EXPECT_EQ(report[verb][key], value) << report[verb]; };
}
Edit nothing() {
  return [](Bundle&) {};
}
Edit process(std::string key, json value) {
  return [=](Bundle& bundle) { bundle.process()[key] = value; };
}
Edit section(std::string key, json value) {
  return [=](Bundle& bundle) { bundle.linux_section()[key] = value; };
}
Edit top(std::string key, json value) {
  return [=](Bundle& bundle) { bundle.config()[key] = value; };
}
Edit mounted(json entry) {
  return [=](Bundle& bundle) { bundle.mount(entry); };
}

const json kTmpfsReadOnly = {
    {"destination", "/mnt"}, {"type", "tmpfs"}, {"source", "tmpfs"}, {"options", {"ro"}}};
const json kTmpfsMode = {{"destination", "/mnt"},
                         {"type", "tmpfs"},
                         {"source", "tmpfs"},
                         {"options", {"mode=0700", "size=2m"}}};
// Root's folder, seen as another user's.
void mount_idmapped(Bundle& bundle) {
  bundle.mount({{"destination", "/mnt"},
                {"type", "bind"},
                {"source", bundle.path().string()},
                {"options", {"rbind", "ro", "idmap"}},
                {"uidMappings", {{{"containerID", 0}, {"hostID", 777}, {"size", 1}}}},
                {"gidMappings", {{{"containerID", 0}, {"hostID", 888}, {"size", 1}}}}});
}
const json kRefuseGetpgid = {
    {"defaultAction", "SCMP_ACT_ALLOW"},
    {"architectures", {"SCMP_ARCH_X86_64"}},
    {"syscalls", {{{"names", {"getpgid"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", 88}}}}};
json with_flags(json profile) {
  profile["flags"] = {"SECCOMP_FILTER_FLAG_LOG"};
  return profile;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> kRows = {
      {"user", process("user", {{"uid", 5}, {"gid", 6}}), {"id"}, says("id", "uid", 5)},
      {"group", process("user", {{"uid", 5}, {"gid", 6}}), {"id"}, says("id", "gid", 6)},
      {"largest_uid",
       process("user", {{"uid", 4294967294U}, {"gid", 6}}),
       {"id"},
       says("id", "uid", 4294967294U)},
      {"groups",
       process("user", {{"uid", 0}, {"gid", 0}, {"additionalGids", {7, 8}}}),
       {"groups"},
       says("groups", "groups", {7, 8})},
      {"umask",
       process("user", {{"uid", 0}, {"gid", 0}, {"umask", 027}}),
       {"umask"},
       says("umask", "umask", 027)},
      {"cwd", process("cwd", "/tmp"), {"cwd"}, says("cwd", "cwd", "/tmp")},
      {"env", process("env", {"A=b", "HOME=/x"}), {"env"}, says("env", "env", {"A=b", "HOME=/x"})},
      {"no_new_privileges", process("noNewPrivileges", true), {"nnp"}, says("nnp", "nnp", true)},
      {"oom_score_adj",
       process("oomScoreAdj", 500),
       {"oom-score-adj"},
       says("oom-score-adj", "value", 500)},
      {"rlimit",
       process("rlimits", {{{"type", "RLIMIT_NOFILE"}, {"soft", 50}, {"hard", 60}}}),
       {"rlimits"},
       says("rlimits", "RLIMIT_NOFILE", {{"soft", 50}, {"hard", 60}})},
      {"no_capabilities",
       process("capabilities", capability_sets({})),
       {"caps"},
       says("caps", "bounding", json::array())},
      {"one_capability",
       process("capabilities", capability_sets({"CAP_KILL"})),
       {"caps"},
       says("caps", "effective", {"CAP_KILL"})},
      {"scheduler",
       process("scheduler", {{"policy", "SCHED_BATCH"}, {"nice", 3}}),
       {"sched"},
       says("sched", "policy", 3)},
      {"io_priority",
       process("ioPriority", {{"class", "IOPRIO_CLASS_IDLE"}, {"priority", 0}}),
       {"ioprio"},
       says("ioprio", "class", 3)},
      {"hostname", top("hostname", "conform"), {"host"}, says("host", "hostname", "conform")},
      {"domainname",
       top("domainname", "example.org"),
       {"host"},
       says("host", "domainname", "example.org")},
      {"readonly_root",
       top("root", {{"path", "rootfs"}, {"readonly", true}}),
       {"create", "/x", "y"},
       says("create", "error", "EROFS")},
      {"writable_root", nothing(), {"create", "/x", "y"}, says("create", "error", "")},
      {"first_process", nothing(), {"pid"}, says("pid", "pid", 1)},
      {"new_session", nothing(), {"pid"}, says("pid", "sid", 1)},
      {"proc_shows_the_container", nothing(), {"processes"}, says("processes", "pids", {1})},
      {"null_device", nothing(), {"stat", "/dev/null"}, says("stat", "minor", 3)},
      {"fd_link", nothing(), {"stat", "/dev/fd"}, says("stat", "target", "/proc/self/fd")},
      {"tmpfs_read_only",
       mounted(kTmpfsReadOnly),
       {"create", "/mnt/x", "y"},
       says("create", "error", "EROFS")},
      {"tmpfs_mode", mounted(kTmpfsMode), {"stat", "/mnt"}, says("stat", "mode", "0700")},
      {"tmpfs_size", mounted(kTmpfsMode), {"statfs", "/mnt"}, says("statfs", "bytes", 2 << 20)},
      {"sysfs_read_only", nothing(), {"statfs", "/sys"}, says("statfs", "readonly", true)},
      {"idmapped_mount", mount_idmapped, {"stat", "/mnt"}, says("stat", "uid", 777)},
      {"masked_path",
       section("maskedPaths", {"/proc/version"}),
       {"read", "/proc/version"},
       says("read", "data", "")},
      {"readonly_path",
       section("readonlyPaths", {"/proc/sys"}),
       {"write", "/proc/sys/kernel/hostname", "x"},
       says("write", "error", "EROFS")},
      {"sysctl",
       section("sysctl", {{"net.core.somaxconn", "99"}}),
       {"sysctl", "net.core.somaxconn"},
       says("sysctl", "value", "99")},
      {"extra_device",
       section("devices", {{{"path", "/dev/mine"},
                            {"type", "c"},
                            {"major", 1},
                            {"minor", 5},
                            {"fileMode", 0600}}}),
       {"stat", "/dev/mine"},
       says("stat", "mode", "0600")},
      {"device_rules",
       section("resources", {{"devices", {{{"allow", false}, {"access", "rwm"}}}}}),
       {"open-dev", "c", "1", "1"},
       says("open-dev", "read", "EPERM")},
      {"seccomp",
       section("seccomp", kRefuseGetpgid),
       {"syscall", "121", "9999", "0", "0", "0"},
       says("syscall", "error", "ENOTSOCK")},
      {"seccomp_flags",
       section("seccomp", with_flags(kRefuseGetpgid)),
       {"syscall", "121", "9999", "0", "0", "0"},
       says("syscall", "error", "ENOTSOCK")},
      {"personality",
       section("personality", {{"domain", "LINUX32"}}),
       {"host"},
       says("host", "machine", "i686")},
      {"time_namespace",
       [](Bundle& bundle) {
         bundle.with_namespace("time");
         bundle.linux_section()["timeOffsets"]["boottime"] = {{"secs", 90000000}, {"nanosecs", 0}};
       },
       {"timens"},
       [](const Report& report) { EXPECT_GE(report["timens"]["boottime"].get<long>(), 90000000); }},
      {"loopback_is_up", nothing(), {"links"}, says("links", "lo", "up")},
      {"standard_descriptors_only",
       nothing(),
       {"fds"},
       [](const Report& report) { EXPECT_EQ(report["fds"]["fds"].size(), 3U) << report["fds"]; }},
      {"no_blocked_signals", nothing(), {"signals"}, says("signals", "blocked", json::array())},
  };
  return kRows;
}

class ConfigTest : public ContainerTest, public testing::WithParamInterface<Row> {};

TEST_P(ConfigTest, Row) {
  const Row& row = GetParam();
  if (const auto reason = known_difference(row.name))
    GTEST_SKIP() << runtime_name() << ": " << *reason;
  row.edit(bundle());
  row.check(probe(row.verbs));
}

// exec must find the same, where the field is the container's and not the first process's.
TEST_P(ConfigTest, RowByExec) {
  const Row& row = GetParam();
  const std::string name = row.name;
  if (const auto reason = known_difference(name)) GTEST_SKIP() << runtime_name() << ": " << *reason;
  for (const char* own : {"first_process", "new_session", "proc_shows_the_container", "rlimit",
                          "scheduler", "io_priority", "oom_score_adj", "env", "groups", "umask"}) {
    if (name == own) GTEST_SKIP() << "concerns the first process, or is given anew with each exec";
  }
  row.edit(bundle());
  const Container container = launch_idle();
  row.check(exec(container.id, row.verbs));
}

INSTANTIATE_TEST_SUITE_P(, ConfigTest, testing::ValuesIn(rows()), name_of);

}  // namespace
}  // namespace nacre::test
