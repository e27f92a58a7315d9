#include "oci-spec/runtime/features.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace nacre::oci {
namespace {

using nlohmann::json;

TEST(FeaturesTest, VersionsAreAlwaysThere) {
  EXPECT_EQ(to_json(Features{}), R"({
    "ociVersionMin": "1.0.0",
    "ociVersionMax": "1.3.0"
})");
}

TEST(FeaturesTest, KnowsWhatThisModuleValidates) {
  const json document = json::parse(to_json(known_features()));
  EXPECT_EQ(document["hooks"], json({"prestart", "createRuntime", "createContainer",
                                     "startContainer", "poststart", "poststop"}));
  EXPECT_EQ(document["linux"]["namespaces"],
            json({"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"}));
  EXPECT_THAT(document["linux"]["seccomp"]["actions"].get<std::vector<std::string>>(),
              testing::Contains("SCMP_ACT_NOTIFY"));
  EXPECT_EQ(document["linux"]["memoryPolicy"]["modes"].size(), 7U);
  EXPECT_FALSE(document["linux"]["seccomp"].contains("enabled"));
  EXPECT_FALSE(document["linux"].contains("cgroup"));
}

TEST(FeaturesTest, EveryMemberIsWrittenUnderItsKey) {
  Features features;
  features.hooks = {"h"};
  features.mount_options = {"rro"};
  features.annotations = {{"a", "b"}};
  features.potentially_unsafe_config_annotations = {"bundle", "org.systemd.property."};
  LinuxFeatures& config = features.linux_;
  config.namespaces = {"n"};
  config.capabilities = {"CAP_KILL"};
  config.cgroup = {false, true, false, true, true};
  config.seccomp = {true, {"act"}, {"op"}, {"arch"}, {"known"}, {"supported"}};
  config.apparmor = true;
  config.selinux = false;
  config.intel_rdt = {true, false, true};
  config.memory_policy = {{"mode"}, {"flag"}};
  config.idmap_mounts = true;
  config.net_devices = true;
  EXPECT_EQ(json::parse(to_json(features)), json::parse(R"({
    "ociVersionMin":"1.0.0","ociVersionMax":"1.3.0","hooks":["h"],"mountOptions":["rro"],
    "linux":{
      "namespaces":["n"],"capabilities":["CAP_KILL"],
      "cgroup":{"v1":false,"v2":true,"systemd":false,"systemdUser":true,"rdma":true},
      "seccomp":{"enabled":true,"actions":["act"],"operators":["op"],"archs":["arch"],
                 "knownFlags":["known"],"supportedFlags":["supported"]},
      "apparmor":{"enabled":true},"selinux":{"enabled":false},
      "intelRdt":{"enabled":true,"schemata":false,"monitoring":true},
      "memoryPolicy":{"modes":["mode"],"flags":["flag"]},
      "mountExtensions":{"idmap":{"enabled":true}},"netDevices":{"enabled":true}},
    "annotations":{"a":"b"},
    "potentiallyUnsafeConfigAnnotations":["bundle","org.systemd.property."]})"));
}

}  // namespace
}  // namespace nacre::oci
