#include <gtest/gtest.h>

#include <functional>

#include "oci-spec/runtime/validate.h"
#include "tests/unit/oci-spec/samples.h"

namespace nacre::oci {
namespace {

using test::IsInvalid;
using test::IsOk;

struct Case {
  std::function<void(Resources&)> change;
  std::string message;  // without "resources."; empty: valid
};

// Each by itself and as a part of a configuration.
void expect_all(const std::vector<Case>& cases) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    Resources resources;
    cases[i].change(resources);
    Spec spec = test::small_spec();
    spec.linux_.resources = resources;
    if (cases[i].message.empty()) {
      EXPECT_THAT(validate_resources(resources), IsOk());
      EXPECT_THAT(validate(spec), IsOk());
    } else {
      EXPECT_THAT(validate_resources(resources), IsInvalid("resources." + cases[i].message));
      EXPECT_THAT(validate(spec), IsInvalid("config.json: linux.resources." + cases[i].message));
    }
  }
}

DeviceRule rule(std::string type, std::int64_t major, std::int64_t minor, std::string access) {
  DeviceRule result;
  result.type = std::move(type);
  result.major = major;
  result.minor = minor;
  result.access = std::move(access);
  return result;
}

TEST(ValidateResourcesTest, DeviceRules) {
  expect_all({
      {[](Resources& r) { r.devices = {DeviceRule{}}; }, ""},
      {[](Resources& r) { r.devices = {rule("a", -1, -1, "rwm"), rule("c", 1, 3, "r")}; }, ""},
      {[](Resources& r) { r.devices = {rule("u", 1, 3, "r")}; },
       "devices[0].type: invalid device type \"u\""},
      {[](Resources& r) { r.devices = {rule("c", 1, 3, "rwx")}; },
       "devices[0].access: not of the letters \"rwm\": \"rwx\""},
      {[](Resources& r) { r.devices = {rule("c", -2, 3, "r")}; },
       "devices[0].major: -2 is out of range"},
      {[](Resources& r) { r.devices = {rule("c", 1, -9, "r")}; },
       "devices[0].minor: -9 is out of range"},
  });
}

TEST(ValidateResourcesTest, CpuLists) {
  expect_all({
      {[](Resources& r) { r.cpu.emplace().cpus = "0-3,7:1/2"; }, ""},
      {[](Resources& r) { r.cpu.emplace().cpus = "0\n1"; },
       "cpu.cpus: not a list of CPUs: \"0\\n1\""},
      {[](Resources& r) { r.cpu.emplace().mems = "all"; },
       "cpu.mems: not a list of memory nodes: \"all\""},
  });
}

TEST(ValidateResourcesTest, BlockIo) {
  expect_all({
      {[](Resources& r) { r.block_io.emplace().weight = 0; }, ""},
      {[](Resources& r) { r.block_io.emplace().weight = 10; }, ""},
      {[](Resources& r) { r.block_io.emplace().weight = 1000; }, ""},
      {[](Resources& r) { r.block_io.emplace().weight = 9; },
       "blockIO.weight: 9 is not within 10 and 1000"},
      {[](Resources& r) { r.block_io.emplace().leaf_weight = 1001; },
       "blockIO.leafWeight: 1001 is not within 10 and 1000"},
      {[](Resources& r) { r.block_io.emplace().weight_device = {{8, -1, 10, 10}}; },
       "blockIO.weightDevice[0]: minor -1 is out of range"},
      {[](Resources& r) { r.block_io.emplace().weight_device = {{8, 0, 5, 10}}; },
       "blockIO.weightDevice[0].weight: 5 is not within 10 and 1000"},
      {[](Resources& r) { r.block_io.emplace().weight_device = {{8, 0, 10, 5}}; },
       "blockIO.weightDevice[0].leafWeight: 5 is not within 10 and 1000"},
      {[](Resources& r) { r.block_io.emplace().throttle_read_bps_device = {{5000, 0, 1}}; },
       "blockIO.throttleReadBpsDevice[0]: major 5000 is out of range"},
      {[](Resources& r) { r.block_io.emplace().throttle_write_bps_device = {{5000, 0, 1}}; },
       "blockIO.throttleWriteBpsDevice[0]: major 5000 is out of range"},
      {[](Resources& r) { r.block_io.emplace().throttle_read_iops_device = {{5000, 0, 1}}; },
       "blockIO.throttleReadIOPSDevice[0]: major 5000 is out of range"},
      {[](Resources& r) { r.block_io.emplace().throttle_write_iops_device = {{5000, 0, 1}}; },
       "blockIO.throttleWriteIOPSDevice[0]: major 5000 is out of range"},
  });
}

TEST(ValidateResourcesTest, HugepageSizes) {
  for (const std::string good : {"64KB", "2MB", "1GB", "1TB", "32MB"}) {
    Resources resources;
    resources.hugepage_limits = {{good, 1}};
    EXPECT_THAT(validate_resources(resources), IsOk()) << good;
  }
  for (const std::string bad :
       {"", "MB", "2", "2mb", "2MiB", "02MB", "-2MB", "2MB.max", "../2MB"}) {
    Resources resources;
    resources.hugepage_limits = {{bad, 1}};
    EXPECT_THAT(
        validate_resources(resources),
        IsInvalid("resources.hugepageLimits[0].pageSize: not a page size: \"" + bad + "\""));
  }
}

TEST(ValidateResourcesTest, WordsInControlFiles) {
  expect_all({
      {[](Resources& r) { r.rdma = {{"mlx5_1", {}}}; }, ""},
      {[](Resources& r) { r.rdma = {{"", {}}}; }, "rdma: not the name of a device: \"\""},
      {[](Resources& r) { r.rdma = {{"a b", {}}}; }, "rdma: not the name of a device: \"a b\""},
      {[](Resources& r) { r.rdma = {{"a\nb", {}}}; }, "rdma: not the name of a device: \"a\\nb\""},
      {[](Resources& r) { r.network.emplace().priorities = {{"eth0", 1}}; }, ""},
      {[](Resources& r) { r.network.emplace().priorities = {{"eth0 5", 1}}; },
       "network.priorities: not the name of an interface: \"eth0 5\""},
  });
}

TEST(ValidateResourcesTest, UnifiedNamesOneFileOfAController) {
  for (const std::string good : {"memory.high", "cpu.weight.nice", "hugetlb.2MB.max", "io.cost_x",
                                 "cgroup.max.depth", "cgroup.max.descendants", "cgroup.pressure"}) {
    Resources resources;
    resources.unified = {{good, "x"}};
    EXPECT_THAT(validate_resources(resources), IsOk()) << good;
  }
  for (const std::string bad : {"", ".", "..", "memory", ".memory", "memory high.x", "memory.é",
                                "cgroup.procs", "cgroup.threads", "cgroup.kill", "cgroup.freeze",
                                "cgroup.subtree_control", "cgroup.type"}) {
    Resources resources;
    resources.unified = {{bad, "x"}};
    EXPECT_THAT(validate_resources(resources),
                IsInvalid("resources.unified: unified resource \"" + bad +
                          "\" is not a limit of a cgroup controller"));
  }
  Resources resources;
  resources.unified = {{"../memory.max", "x"}};
  EXPECT_THAT(validate_resources(resources),
              IsInvalid("resources.unified: unified resource \"../memory.max\" must be a file name "
                        "(no slashes)"));
}

}  // namespace
}  // namespace nacre::oci
