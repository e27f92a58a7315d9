#include "oci-spec/runtime/parse.h"

#include <gtest/gtest.h>

#include "oci-spec/runtime/validate.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using test::IsOk;

Result<Spec> parse_with_linux(const std::string& members) {
  return parse_spec(R"({"ociVersion":"1.0.0","linux":{)" + members + "}}");
}

TEST(ParseTest, AcceptsWhatRealCallersWrite) {
  for (const std::string& name : test::sample_names()) {
    SCOPED_TRACE(name);
    const auto spec = parse_spec(test::sample(name));
    ASSERT_THAT(spec, IsOk());
    if (name == "ctr-oci-spec") {  // what `ctr` fills in before it runs something
      EXPECT_THAT(validate(*spec), IsInvalid("config.json: process.args: must not be empty"));
    } else {
      EXPECT_THAT(validate(*spec), IsOk());
    }
  }
}

TEST(ParseTest, ReadsRuncsDefault) {
  const auto spec = parse_spec(test::sample("runc-spec"));
  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(spec->oci_version, "1.0.2-dev");
  EXPECT_EQ(spec->root, (Root{"rootfs", true}));
  ASSERT_TRUE(spec->process.has_value());
  EXPECT_TRUE(spec->process->terminal);
  EXPECT_EQ(spec->process->args, std::vector<std::string>{"sh"});
  EXPECT_EQ(spec->process->rlimits, (std::vector<Rlimit>{{"RLIMIT_NOFILE", 1024, 1024}}));
  EXPECT_EQ(spec->mounts.size(), 7U);
  EXPECT_EQ(spec->mounts[2].options[5], "gid=5");
  ASSERT_NE(spec->find_namespace(NamespaceType::kUts), nullptr);
  EXPECT_EQ(spec->find_namespace(NamespaceType::kUser), nullptr);
}

TEST(ParseTest, ReadsEveryKindOfValue) {
  const auto parsed = parse_spec(test::sample("every-key"));
  ASSERT_THAT(parsed, IsOk());
  const Linux& config = parsed->linux_;
  EXPECT_EQ(parsed->process->user.umask, 18U);
  EXPECT_EQ(parsed->process->rlimits[0].hard, 18446744073709551615U);
  EXPECT_EQ(parsed->process->oom_score_adj, -100);
  EXPECT_EQ(parsed->process->args[2], "echo \"é世🐌\"\n");
  EXPECT_EQ(parsed->hooks.poststop[0].timeout, 6);
  EXPECT_EQ(config.resources->pids_limit, -1);
  EXPECT_EQ(config.resources->memory->use_hierarchy, false);
  EXPECT_EQ(config.resources->block_io->throttle_write_iops_device[0].rate, 18446744073709551615U);
  EXPECT_EQ(config.resources->rdma.at("mlx4_0").hca_handles, std::nullopt);
  EXPECT_EQ(config.seccomp->syscalls[1].args[0].value, 18446744073709551615U);
  EXPECT_EQ(config.time_offsets.at("boottime"), (TimeOffset{-5, 999999999}));
  EXPECT_EQ(config.devices[0].file_mode, 0666U);
  EXPECT_EQ(config.devices[1].file_mode, std::nullopt);
  EXPECT_EQ(config.net_devices.at("eth1").name, "inner");
  EXPECT_EQ(config.namespaces[1], (Namespace{NamespaceType::kNetwork, "/run/netns/other"}));
}

TEST(ParseTest, NullIsAsIfAbsent) {
  nlohmann::json config = test::every_key();
  config["process"]["capabilities"] = nullptr;
  config["process"]["env"] = nullptr;
  config["hooks"] = nullptr;
  config["annotations"] = nullptr;
  config["linux"]["resources"]["memory"]["limit"] = nullptr;
  config["linux"]["seccomp"] = nullptr;
  const auto spec = parse_spec(config.dump());
  ASSERT_THAT(spec, IsOk());
  EXPECT_FALSE(spec->process->capabilities.has_value());
  EXPECT_TRUE(spec->process->env.empty());
  EXPECT_EQ(spec->hooks, Hooks{});
  EXPECT_TRUE(spec->annotations.empty());
  EXPECT_EQ(spec->linux_.resources->memory->limit, std::nullopt);
  EXPECT_FALSE(spec->linux_.seccomp.has_value());
}

TEST(ParseTest, NullIsNoElementAndNoFreeFormValue) {
  EXPECT_THAT(parse_spec(R"({"ociVersion":"1.0.0","process":{"args":["a",null]}})"),
              IsInvalid("config.json: process.args[1]: expected a string, got null"));
  EXPECT_THAT(parse_spec(R"({"ociVersion":"1.0.0","annotations":{"k.x":null}})"),
              IsInvalid(R"(config.json: annotations["k.x"]: expected a string, got null)"));
}

TEST(ParseTest, UnknownKeysAreIgnoredWithAllTheyHold) {
  nlohmann::json config = test::every_key();
  const auto before = parse_spec(config.dump());
  config["x"] = {{"deep", nlohmann::json::array({1.5, nullptr, "s"})}};
  config["windows"] = {{"layerFolders", 7}};
  config["process"]["commandLine"] = 5;
  config["process"]["user"]["username"] = nlohmann::json::array();
  config["linux"]["resources"]["memory"]["new"] = -1.5;
  const auto after = parse_spec(config.dump());
  ASSERT_THAT(before, IsOk());
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(*before, *after);
}

TEST(ParseTest, KeysAreComparedWithTheirCase) {
  const auto spec = parse_spec(R"({"ociVersion":"1.0.0","Hostname":"h"})");
  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(spec->hostname, "");
}

TEST(ParseTest, TheLastOfAKeyGivenTwiceCounts) {
  const auto spec = parse_spec(
      R"({"ociVersion":"1.0.0","hostname":3,"hostname":"b","mounts":[{"destination":"/a"}],)"
      R"("mounts":[{"destination":"/b"}],"annotations":{"k":"1","k":"2"}})");
  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(spec->hostname, "b");
  ASSERT_EQ(spec->mounts.size(), 1U);
  EXPECT_EQ(spec->mounts[0].destination, "/b");
  EXPECT_EQ(spec->annotations.at("k"), "2");
}

TEST(ParseTest, MandatoryKeys) {
  EXPECT_THAT(parse_spec("{}"), IsInvalid("config.json: ociVersion: is missing"));
  EXPECT_THAT(parse_spec(R"({"ociVersion":null})"),
              IsInvalid("config.json: ociVersion: is missing"));
  EXPECT_THAT(parse_spec(R"({"ociVersion":"1.0.0","root":{}})"),
              IsInvalid("config.json: root.path: is missing"));
  EXPECT_THAT(parse_spec(R"({"ociVersion":"1.0.0","mounts":[{}]})"),
              IsInvalid("config.json: mounts[0].destination: is missing"));
  EXPECT_THAT(parse_spec(R"({"ociVersion":"1.0.0","hooks":{"poststop":[{}]}})"),
              IsInvalid("config.json: hooks.poststop[0].path: is missing"));
  EXPECT_THAT(parse_with_linux(R"("uidMappings":[{"containerID":0,"hostID":1}])"),
              IsInvalid("config.json: linux.uidMappings[0].size: is missing"));
  EXPECT_THAT(parse_with_linux(R"("resources":{"devices":[{"access":"rwm"}]})"),
              IsInvalid("config.json: linux.resources.devices[0].allow: is missing"));
}

TEST(ParseTest, UnknownNamespace) {
  EXPECT_THAT(parse_with_linux(R"("namespaces":[{"type":"pid"},{"type":"net"}])"),
              IsInvalid(R"(config.json: linux.namespaces[1].type: unknown namespace "net")"));
  EXPECT_THAT(parse_with_linux(R"("namespaces":[{"type":7}])"),
              IsInvalid("config.json: linux.namespaces[0].type: expected a string, got 7"));
}

TEST(ParseTest, FileModeKeepsThePermissionBits) {
  // st_mode of a character device, as some callers send it: S_IFCHR | 0644.
  const auto spec = parse_with_linux(
      R"("devices":[{"type":"c","path":"/dev/x","major":1,"minor":3,"fileMode":8612}])");
  ASSERT_THAT(spec, IsOk());
  EXPECT_EQ(spec->linux_.devices[0].file_mode, 0644U);
}

TEST(ParseTest, SeccompFlagsGivenAsAnEmptyListAreNotTheSameAsNone) {
  const auto absent = parse_with_linux(R"("seccomp":{"defaultAction":"SCMP_ACT_ALLOW"})");
  const auto empty = parse_with_linux(R"("seccomp":{"defaultAction":"SCMP_ACT_ALLOW","flags":[]})");
  ASSERT_THAT(absent, IsOk());
  ASSERT_THAT(empty, IsOk());
  EXPECT_FALSE(absent->linux_.seccomp->flags_given);
  EXPECT_TRUE(empty->linux_.seccomp->flags_given);
}

TEST(ParseTest, SeccompWithoutActionAndCallsIsNoFilter) {
  const auto nothing = parse_with_linux(R"("seccomp":{"architectures":["SCMP_ARCH_X86"]})");
  ASSERT_THAT(nothing, IsOk());
  EXPECT_FALSE(nothing->linux_.seccomp.has_value());
  const auto calls =
      parse_with_linux(R"("seccomp":{"syscalls":[{"names":["a"],"action":"SCMP_ACT_ERRNO"}]})");
  ASSERT_THAT(calls, IsOk());
  EXPECT_TRUE(calls->linux_.seccomp.has_value());
}

TEST(ParseTest, ProcessByItself) {
  const auto process = parse_process(R"({"args":["ls"],"cwd":"/","user":{"uid":5,"gid":6}})");
  ASSERT_THAT(process, IsOk());
  EXPECT_EQ(process->user.uid, 5U);
  EXPECT_THAT(parse_process(R"({"user":{"uid":"1"}})"),
              IsInvalid("process.user.uid: expected an unsigned 32-bit number, got a string"));
  EXPECT_THAT(parse_process("[]"), IsInvalid("process: expected an object, got an array"));
  EXPECT_THAT(parse_process("{"), IsInvalid("truncated at byte 1"));
}

TEST(ParseTest, ResourcesByThemselves) {
  const auto resources = parse_resources(R"({"memory":{"limit":4096},"pids":{"limit":7}})");
  ASSERT_THAT(resources, IsOk());
  EXPECT_EQ(resources->memory->limit, 4096);
  EXPECT_EQ(resources->pids_limit, 7);
  EXPECT_THAT(parse_resources(R"({"cpu":{"shares":-1}})"),
              IsInvalid("resources.cpu.shares: expected an unsigned 64-bit number, got -1"));
  EXPECT_THAT(parse_resources(R"({"pids":{"limit":"x"}})"),
              IsInvalid("resources.pids.limit: expected a 64-bit number, got a string"));
}

}  // namespace
}  // namespace nacre::oci
