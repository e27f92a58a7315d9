// What a caller gets wrong: each gives one sentence that names the field or path, the right exit
// status, and leaves nothing (the fixture looks).
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct BadField {
  const char* name;
  std::function<void(json&)> edit;
  const char* says;  // in our sentence
  bool peers_refuse = true;
};
void PrintTo(const BadField& entry, std::ostream* out) { *out << entry.name; }

class BadFieldTest : public ContainerTest, public testing::WithParamInterface<BadField> {};

TEST_P(BadFieldTest, IsRefusedByName) {
  if (is_peer() && !GetParam().peers_refuse) GTEST_SKIP() << "the peers let this pass";
  const std::string id = new_id();
  bundle().linux_section()["cgroupsPath"] = cgroup_parent() + "/" + id;
  GetParam().edit(bundle().config());
  const fs::path pid_file = work() / "never";
  prepare(bundle(), id);
  const Outcome outcome =
      runtime({"create", "--bundle", bundle().path(), "--pid-file", pid_file, id}).run();
  EXPECT_NE(outcome.exit_code, 0) << describe(outcome);
  EXPECT_FALSE(fs::exists(pid_file));
  EXPECT_FALSE(fs::exists(state_root() / id)) << "a failed create leaves no state";
  if (!is_peer()) expect_failure(outcome, 1, GetParam().says);
}

std::string name_of(const testing::TestParamInfo<BadField>& info) { return info.param.name; }

json device(json fields) {
  json entry = {{"path", "/dev/x"}, {"type", "c"}, {"major", 1}, {"minor", 3}};
  entry.update(fields);
  return entry;
}

INSTANTIATE_TEST_SUITE_P(
    , BadFieldTest,
    testing::Values(
        BadField{"no_process_args", [](json& c) { c["process"].erase("args"); }, "process.args"},
        BadField{"empty_args", [](json& c) { c["process"]["args"] = json::array(); },
                 "process.args"},
        BadField{"args_of_numbers", [](json& c) { c["process"]["args"] = {1, 2}; }, "process.args"},
        BadField{"args_a_string", [](json& c) { c["process"]["args"] = "/probe"; }, "process.args"},
        BadField{"no_cwd", [](json& c) { c["process"].erase("cwd"); }, "cwd"},
        BadField{"relative_cwd", [](json& c) { c["process"]["cwd"] = "data"; }, "cwd"},
        BadField{"no_root", [](json& c) { c.erase("root"); }, "root"},
        BadField{"root_path_empty", [](json& c) { c["root"]["path"] = ""; }, "root"},
        BadField{"root_path_missing", [](json& c) { c["root"]["path"] = "no-such"; }, "no-such"},
        BadField{"root_readonly_text", [](json& c) { c["root"]["readonly"] = "yes"; },
                 "root.readonly"},
        BadField{"no_version", [](json& c) { c.erase("ociVersion"); }, "ociVersion", false},
        BadField{"version_2", [](json& c) { c["ociVersion"] = "2.0.0"; }, "ociVersion", false},
        BadField{"version_text", [](json& c) { c["ociVersion"] = "new"; }, "ociVersion", false},
        BadField{"mounts_an_object", [](json& c) { c["mounts"] = json::object(); }, "mounts"},
        BadField{"mount_without_destination",
                 [](json& c) { c["mounts"].push_back({{"type", "tmpfs"}}); }, "destination"},
        BadField{"mount_options_text",
                 [](json& c) {
                   c["mounts"].push_back(
                       {{"destination", "/x"}, {"type", "tmpfs"}, {"options", "ro"}});
                 },
                 "options"},
        BadField{"namespace_unknown",
                 [](json& c) { c["linux"]["namespaces"].push_back({{"type", "no-such"}}); },
                 "no-such", false},
        BadField{"namespace_without_type",
                 [](json& c) { c["linux"]["namespaces"].push_back({{"path", "/x"}}); },
                 "namespaces", false},
        BadField{"namespace_relative_path",
                 [](json& c) { c["linux"]["namespaces"][2] = {{"type", "ipc"}, {"path", "rel"}}; },
                 "linux.namespaces[2]"},
        BadField{"rlimit_unknown",
                 [](json& c) {
                   c["process"]["rlimits"] = {
                       {{"type", "RLIMIT_NO_SUCH"}, {"soft", 1}, {"hard", 1}}};
                 },
                 "RLIMIT_NO_SUCH"},
        BadField{"rlimit_soft_above_hard",
                 [](json& c) {
                   c["process"]["rlimits"] = {{{"type", "RLIMIT_CORE"}, {"soft", 2}, {"hard", 1}}};
                 },
                 "process.rlimits[0]"},
        BadField{"rlimit_negative",
                 [](json& c) {
                   c["process"]["rlimits"] = {{{"type", "RLIMIT_CORE"}, {"soft", -5}, {"hard", 1}}};
                 },
                 "rlimits"},
        BadField{"rlimit_twice",
                 [](json& c) {
                   c["process"]["rlimits"] = {{{"type", "RLIMIT_CORE"}, {"soft", 1}, {"hard", 1}},
                                              {{"type", "RLIMIT_CORE"}, {"soft", 0}, {"hard", 0}}};
                 },
                 "RLIMIT_CORE", false},
        BadField{"uid_text", [](json& c) { c["process"]["user"]["uid"] = "root"; }, "uid"},
        BadField{"uid_negative", [](json& c) { c["process"]["user"]["uid"] = -1; }, "uid"},
        BadField{"uid_fraction", [](json& c) { c["process"]["user"]["uid"] = 1.5; }, "uid"},
        BadField{"gid_too_large", [](json& c) { c["process"]["user"]["gid"] = 4294967296; }, "gid"},
        BadField{"terminal_text", [](json& c) { c["process"]["terminal"] = "false"; }, "terminal"},
        BadField{"env_an_object", [](json& c) { c["process"]["env"] = {{"A", "b"}}; },
                 "process.env"},
        BadField{"oom_score_out_of_range", [](json& c) { c["process"]["oomScoreAdj"] = 2000; },
                 "oomScoreAdj"},
        BadField{"capabilities_a_list",
                 [](json& c) { c["process"]["capabilities"] = {"CAP_CHOWN"}; }, "capabilities"},
        BadField{"hostname_number", [](json& c) { c["hostname"] = 5; }, "hostname"},
        BadField{"device_relative_path",
                 [](json& c) { c["linux"]["devices"] = {device({{"path", "dev/x"}})}; },
                 "linux.devices[0].path", false},
        BadField{"device_type_unknown",
                 [](json& c) { c["linux"]["devices"] = {device({{"type", "q"}})}; }, "type"},
        BadField{"device_mode_text",
                 [](json& c) { c["linux"]["devices"] = {device({{"fileMode", "0666"}})}; },
                 "fileMode"},
        BadField{"device_rule_access",
                 [](json& c) {
                   c["linux"]["resources"]["devices"] = {{{"allow", true}, {"access", "xyz"}}};
                 },
                 "access", false},
        BadField{"mapping_size_zero",
                 [](json& c) {
                   c["linux"]["namespaces"].push_back({{"type", "user"}});
                   c["linux"]["uidMappings"] = {{{"containerID", 0}, {"hostID", 0}, {"size", 0}}};
                   c["linux"]["gidMappings"] = {{{"containerID", 0}, {"hostID", 0}, {"size", 1}}};
                 },
                 "uidMappings"},
        BadField{"mapping_beyond_the_end",
                 [](json& c) {
                   c["linux"]["namespaces"].push_back({{"type", "user"}});
                   c["linux"]["uidMappings"] = {
                       {{"containerID", 4294967290}, {"hostID", 0}, {"size", 100}}};
                   c["linux"]["gidMappings"] = {{{"containerID", 0}, {"hostID", 0}, {"size", 1}}};
                 },
                 "uidMappings"},
        BadField{"user_namespace_without_mappings",
                 [](json& c) { c["linux"]["namespaces"].push_back({{"type", "user"}}); },
                 "uidMappings", false},
        BadField{"hooks_a_list", [](json& c) { c["hooks"] = json::array({1}); }, "hooks"},
        BadField{"hook_without_path",
                 [](json& c) { c["hooks"]["createRuntime"] = {{{"args", {"x"}}}}; },
                 "createRuntime"},
        BadField{"annotations_of_numbers", [](json& c) { c["annotations"] = {{"a", 1}}; },
                 "annotations"},
        BadField{"seccomp_no_default",
                 [](json& c) {
                   c["linux"]["seccomp"]["syscalls"] = {
                       {{"names", {"mkdir"}}, {"action", "SCMP_ACT_ERRNO"}}};
                 },
                 "defaultAction", false},
        BadField{"seccomp_architecture",
                 [](json& c) {
                   c["linux"]["seccomp"] = {
                       {"defaultAction", "SCMP_ACT_ALLOW"},
                       {"architectures", {"SCMP_ARCH_NO_SUCH"}},
                       {"syscalls", {{{"names", {"getpgid"}}, {"action", "SCMP_ACT_ERRNO"}}}}};
                 },
                 "SCMP_ARCH_NO_SUCH"},
        BadField{"sysctl_number",
                 [](json& c) { c["linux"]["sysctl"] = {{"net.core.somaxconn", 5}}; }, "sysctl"},
        BadField{"masked_path_relative", [](json& c) { c["linux"]["maskedPaths"] = {"etc"}; },
                 "maskedPaths", false},
        BadField{"linux_a_text", [](json& c) { c["linux"] = "yes"; }, "linux"},
        BadField{"resources_pids_text",
                 [](json& c) { c["linux"]["resources"]["pids"]["limit"] = "many"; }, "pids"},
        BadField{"console_size_negative",
                 [](json& c) { c["process"]["consoleSize"] = {{"height", -1}, {"width", 80}}; },
                 "consoleSize"}),
    name_of);

class BadInputTest : public ContainerTest {
 protected:
  Outcome create_with(const std::string& text) {
    bundle().raw_config(text);
    return run();
  }
};

TEST_F(BadInputTest, NoConfig) {
  const Outcome outcome = runtime({"create", "--bundle", bundle().path(), new_id()}).run();
  expect_failure(outcome, 1, "config.json");
  expect_failure(outcome, 1, is_peer() ? "not found" : "no such file or directory");
}

TEST_F(BadInputTest, NoBundle) {
  const Outcome outcome = runtime({"create", "--bundle", "/no/such/bundle", new_id()}).run();
  expect_failure(outcome, 1, "/no/such/bundle");
}

TEST_F(BadInputTest, BundleIsAFile) {
  write_text(work() / "file", "x");
  const Outcome outcome = runtime({"create", "--bundle", work() / "file", new_id()}).run();
  expect_failure(outcome, 1, "not a directory");
}

TEST_F(BadInputTest, ConfigIsADirectory) {
  fs::create_directories(bundle().path() / "config.json");
  const Outcome outcome = runtime({"create", "--bundle", bundle().path(), new_id()}).run();
  expect_failure(outcome, 1, "is a directory");
}

TEST_F(BadInputTest, ConfigIsAFifo) {
  NACRE_PEER_DIFFERS(kRunc, "waits for a writer");
  NACRE_PEER_DIFFERS(kCrun, "waits for a writer");
  ASSERT_EQ(::mkfifo((bundle().path() / "config.json").c_str(), 0600), 0);
  const Outcome outcome = runtime({"create", "--bundle", bundle().path(), new_id()}).run();
  expect_failure(outcome, 1, "config.json");
}

TEST_F(BadInputTest, MalformedDocuments) {
  for (const char* text : {"", " ", "{", "}", "[]", "null", "42", "\"text\"", "{\"a\":}", "{]",
                           "{\"ociVersion\": \"1.0.2\"", "{\"process\":{\"args\":[\"a\",]}}",
                           "\xff\xfe", "{\"ociVersion\": \"1.0.2\"} trailing"}) {
    if (is_peer() && std::string_view(text) == "null") continue;  // runc 1.1 crashes
    const Outcome outcome = create_with(*text == '\0' ? " " : text);
    EXPECT_EQ(outcome.exit_code, 1) << '"' << text << "\" " << describe(outcome);
    if (!is_peer()) expect_failure(outcome, 1, "config.json");
  }
}

TEST_F(BadInputTest, TruncatedAtEveryQuarter) {
  const std::string whole = bundle().config().dump();
  for (std::size_t quarter = 1; quarter < 4; ++quarter) {
    const Outcome outcome = create_with(whole.substr(0, whole.size() * quarter / 4));
    EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
  }
}

TEST_F(BadInputTest, DeepNesting) {
  const Outcome outcome = create_with(std::string(1000000, '['));
  EXPECT_EQ(outcome.exit_code, 1) << outcome.exit_code << " " << outcome.err.substr(0, 300);
  NACRE_PEER_DIFFERS(kCrun, "wording is its own");
}

TEST_F(BadInputTest, NestingInsideAnUnknownField) {
  std::string text = bundle().config().dump();
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  text.insert(1, "\"unknown\":" + deep + ",");
  const Outcome outcome = create_with(text);
  NACRE_PEER_DIFFERS(kCrun, "its parser has a limit of its own");
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err.substr(0, 300);
}

TEST_F(BadInputTest, OversizedConfig) {
  NACRE_PEER_DIFFERS(kRunc, "has no limit");
  NACRE_PEER_DIFFERS(kCrun, "has no limit");
  std::string text = bundle().config().dump();
  text.insert(1, "\"unknown\":\"" + std::string(64U << 20U, 'x') + "\",");
  const Outcome outcome = create_with(text);
  expect_failure(outcome, 1, "config.json");
}

TEST_F(BadInputTest, UnknownFieldsAreIgnored) {
  bundle().config()["future"] = {{"deep", {1, 2, 3}}};
  bundle().process()["future"] = "x";
  bundle().linux_section()["future"] = 1;
  EXPECT_EQ(probe({"id"})["id"]["uid"], 0);
}

TEST_F(BadInputTest, ZeroBytesInTexts) {
  for (const char* field : {"args", "env"}) {
    Bundle& own = new_bundle(field);
    own.process()[field].push_back(std::string("a\0b", 3));
    NACRE_PEER_DIFFERS(kCrun, "cuts the text");
    EXPECT_EQ(run_bundle(own, new_id()).exit_code, 1) << field;
  }
}

TEST_F(BadInputTest, LongPathsAreAnErrorNotACrash) {
  bundle().mount(
      {{"destination", "/" + std::string(5000, 'a')}, {"type", "tmpfs"}, {"source", "tmpfs"}});
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1);
  expect_failure(outcome, 1, "file name too long");
}

TEST_F(BadInputTest, LongHostname) {
  bundle().config()["hostname"] = std::string(100, 'h');
  const Outcome outcome = run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
}

TEST_F(BadInputTest, ManyMountsAreFine) {
  for (int i = 0; i < 300; ++i) {
    bundle().mount(
        {{"destination", "/many/" + std::to_string(i)}, {"type", "tmpfs"}, {"source", "tmpfs"}});
  }
  EXPECT_EQ(probe({"id"})["id"]["uid"], 0);
}

TEST_F(BadInputTest, StateRootThatIsAFile) {
  write_text(state_root(), "x");
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome = runtime({"create", "--bundle", bundle().path(), id}).run();
  expect_failure(outcome, 1, "not a directory");
  forget(id);
}

TEST_F(BadInputTest, UnwritablePidFileLeavesNothing) {
  const std::string id = new_id();
  prepare(bundle(), id);
  const Outcome outcome =
      runtime({"create", "--bundle", bundle().path(), "--pid-file", "/no/such/dir/pid", id}).run();
  expect_failure(outcome, 1, "/no/such/dir");
  EXPECT_FALSE(fs::exists(state_root() / id));
}

TEST_F(BadInputTest, DamagedStateIsAnErrorThatForceCleans) {
  NACRE_PEER_DIFFERS(kCrun, "forgets the process");
  NACRE_PEER_DIFFERS(kRunc, "1.1 cannot delete it either");
  bundle().probe({"pause"});
  const Container container = create(bundle());
  for (const auto& entry : fs::directory_iterator(state_root() / container.id)) {
    if (entry.is_regular_file() && entry.path().extension() != ".lock")
      write_text(entry.path(), "damaged");
  }
  const Outcome outcome = runtime({"state", container.id}).run();
  EXPECT_EQ(outcome.exit_code, 1) << describe(outcome);
  EXPECT_EQ(runtime({"delete", "--force", container.id}).run().exit_code, 0);
  EXPECT_FALSE(fs::exists(state_root() / container.id));
  // Which process and cgroup were the container's is what the damaged file would have said.
  ::kill(container.pid, SIGKILL);
  reap(container.pid);
  ::rmdir(cgroup_dir(container.id).c_str());
}

}  // namespace
}  // namespace nacre::test
