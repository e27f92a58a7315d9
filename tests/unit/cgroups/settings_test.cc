#include "cgroups/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace nacre::cgroups {
namespace {

using oci::Resources;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kMax64 = std::numeric_limits<std::int64_t>::max();
constexpr auto kMaxU64 = std::numeric_limits<std::uint64_t>::max();

// "file=value", with "?" behind it when a missing file is no error, "|file=value" for the
// alternative.
std::vector<std::string> lines(const std::vector<Setting>& settings) {
  std::vector<std::string> out;
  for (const Setting& one : settings) {
    std::string line = one.file + "=" + one.value;
    if (one.if_missing == Setting::IfMissing::kIgnore) line += "?";
    if (!one.other_file.empty()) line += "|" + one.other_file + "=" + one.other_value;
    out.push_back(line);
  }
  return out;
}

std::vector<std::string> written(const Resources& resources) {
  const auto settings = settings_for(resources);
  if (!settings) return {"error: " + settings.error().message()};
  return lines(*settings);
}

std::string refused(const Resources& resources) {
  const auto settings = settings_for(resources);
  if (settings) return "not refused";
  EXPECT_EQ(settings.error().code(), ErrorCode::kInvalidArgument);
  return settings.error().message();
}

Resources memory(std::optional<std::int64_t> limit, std::optional<std::int64_t> swap = {},
                 std::optional<std::int64_t> reservation = {}) {
  Resources resources;
  resources.memory.emplace();
  resources.memory->limit = limit;
  resources.memory->swap = swap;
  resources.memory->reservation = reservation;
  return resources;
}

Resources cpu(const auto& fill) {
  Resources resources;
  fill(resources.cpu.emplace());
  return resources;
}

Resources io(const auto& fill) {
  Resources resources;
  fill(resources.block_io.emplace());
  return resources;
}

TEST(Settings, NothingGivenIsNothingWritten) {
  EXPECT_THAT(written({}), IsEmpty());
  Resources empty;
  empty.memory.emplace();
  empty.cpu.emplace();
  empty.block_io.emplace();
  empty.network.emplace();
  EXPECT_THAT(written(empty), IsEmpty());
}

TEST(Settings, MemoryLimit) {
  EXPECT_THAT(written(memory(0)), IsEmpty());
  EXPECT_THAT(written(memory(1)), ElementsAre("memory.max=1"));
  EXPECT_THAT(written(memory(kMax64)), ElementsAre("memory.max=9223372036854775807"));
  EXPECT_THAT(refused(memory(-2)),
              "linux.resources.memory.limit: -2 is neither a number of bytes nor -1");
}

TEST(Settings, MemoryLimitOfMinusOneFreesSwapToo) {
  EXPECT_THAT(written(memory(-1)), ElementsAre("memory.swap.max=max?", "memory.max=max?"));
  EXPECT_THAT(written(memory(-1, 0)), ElementsAre("memory.swap.max=max?", "memory.max=max?"));
}

TEST(Settings, SwapIsWrittenWithoutTheMemoryInIt) {
  EXPECT_THAT(written(memory(100, 250)), ElementsAre("memory.swap.max=150", "memory.max=100"));
  EXPECT_THAT(written(memory(100, 100)), ElementsAre("memory.swap.max=0?", "memory.max=100"));
  EXPECT_THAT(written(memory(1, kMax64)),
              ElementsAre("memory.swap.max=9223372036854775806", "memory.max=1"));
  EXPECT_THAT(written(memory(100, -1)), ElementsAre("memory.swap.max=max?", "memory.max=100"));
  EXPECT_THAT(written(memory(100, 0)), ElementsAre("memory.max=100"));
  EXPECT_THAT(written(memory({}, -1)), ElementsAre("memory.swap.max=max?"));
  EXPECT_THAT(written(memory(-1, 50)), ElementsAre("memory.swap.max=50", "memory.max=max?"));
}

TEST(Settings, SwapThatMakesNoSense) {
  EXPECT_THAT(refused(memory({}, 50)), HasSubstr("unable to set swap limit without memory limit"));
  EXPECT_THAT(refused(memory(0, 50)), HasSubstr("unable to set swap limit without memory limit"));
  EXPECT_THAT(refused(memory(100, 99)), HasSubstr("memory+swap limit should be >= memory limit"));
  EXPECT_THAT(refused(memory(100, -2)), HasSubstr("memory+swap limit should be >= memory limit"));
  EXPECT_THAT(refused(memory(-2, 50)), HasSubstr("memory.limit"));
  EXPECT_THAT(refused(memory(std::numeric_limits<std::int64_t>::min(), kMax64)),
              HasSubstr("memory.limit"));
}

TEST(Settings, Reservation) {
  EXPECT_THAT(written(memory({}, {}, 4096)), ElementsAre("memory.low=4096"));
  EXPECT_THAT(written(memory({}, {}, 0)), IsEmpty());
  EXPECT_THAT(written(memory({}, {}, -1)), ElementsAre("memory.low=max?"));
  EXPECT_THAT(refused(memory({}, {}, -7)), HasSubstr("linux.resources.memory.reservation: -7"));
}

TEST(Settings, CheckBeforeUpdateGuardsBothLimits) {
  Resources resources = memory(100, 250, 10);
  resources.memory->check_before_update = true;
  const auto settings = settings_for(resources);
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->size(), 3U);
  EXPECT_EQ((*settings)[0].must_exceed_usage, 250U);
  EXPECT_EQ((*settings)[1].must_exceed_usage, 100U);
  EXPECT_EQ((*settings)[2].must_exceed_usage, 0U);
  resources.memory->limit = -1;
  resources.memory->swap = -1;
  for (const Setting& one : settings_for(resources).value_or(std::vector<Setting>())) {
    EXPECT_EQ(one.must_exceed_usage, 0U) << one.file;
  }
}

TEST(Settings, MemoryFieldsThatV2HasNotAreIgnored) {
  Resources resources = memory({});
  resources.memory->swappiness = 100;
  resources.memory->disable_oom_killer = true;
  resources.memory->kernel = 1;
  resources.memory->kernel_tcp = 1;
  resources.memory->use_hierarchy = true;
  EXPECT_THAT(written(resources), IsEmpty());
}

TEST(Settings, WeightFromShares) {
  struct Pair {
    std::uint64_t shares, weight;
  };
  // Both ends, the default, and points in between computed with another program.
  const Pair pairs[] = {{0, 0},          {1, 1},          {2, 1},          {3, 2},
                        {512, 59},       {1023, 100},     {1024, 100},     {1025, 101},
                        {2048, 174},     {100000, 4340},  {262143, 10000}, {262144, 10000},
                        {262145, 10000}, {kMaxU64, 10000}};
  for (const Pair& pair : pairs) {
    EXPECT_EQ(weight_from_shares(pair.shares), pair.weight) << pair.shares << " shares";
  }
}

TEST(Settings, WeightNeverFallsAndStaysInRange) {
  std::uint64_t last = 0;
  for (std::uint64_t shares = 1; shares <= 262144; ++shares) {
    const std::uint64_t weight = weight_from_shares(shares);
    ASSERT_GE(weight, last) << shares;
    ASSERT_GE(weight, 1U);
    ASSERT_LE(weight, 10000U);
    last = weight;
  }
}

TEST(Settings, Shares) {
  EXPECT_THAT(written(cpu([](auto& c) { c.shares = 0; })), IsEmpty());
  EXPECT_THAT(written(cpu([](auto& c) { c.shares = 1024; })), ElementsAre("cpu.weight=100?"));
  EXPECT_THAT(written(cpu([](auto& c) { c.shares = 2; })), ElementsAre("cpu.weight=1"));
  EXPECT_THAT(written(cpu([](auto& c) { c.shares = kMaxU64; })), ElementsAre("cpu.weight=10000"));
}

TEST(Settings, QuotaAndPeriod) {
  EXPECT_THAT(written(cpu([](auto& c) { c.quota = 50000; })), ElementsAre("cpu.max=50000 100000"));
  EXPECT_THAT(written(cpu([](auto& c) {
                c.quota = 50000;
                c.period = 20000;
              })),
              ElementsAre("cpu.max=50000 20000"));
  EXPECT_THAT(written(cpu([](auto& c) { c.period = 20000; })), ElementsAre("cpu.max=max 20000?"));
  EXPECT_THAT(written(cpu([](auto& c) { c.quota = -1; })), ElementsAre("cpu.max=max 100000?"));
  EXPECT_THAT(written(cpu([](auto& c) { c.quota = -99; })), ElementsAre("cpu.max=max 100000?"));
  EXPECT_THAT(written(cpu([](auto& c) {
                c.quota = 0;
                c.period = 0;
              })),
              IsEmpty());
  EXPECT_THAT(written(cpu([](auto& c) {
                c.quota = kMax64;
                c.period = kMaxU64;
              })),
              ElementsAre("cpu.max=9223372036854775807 18446744073709551615"));
}

TEST(Settings, BurstIsTriedAgainAfterTheQuota) {
  const auto settings = settings_for(cpu([](auto& c) {
    c.burst = 10000;
    c.quota = 20000;
  }));
  ASSERT_TRUE(settings);
  EXPECT_THAT(lines(*settings), ElementsAre("cpu.max.burst=10000", "cpu.max=20000 100000"));
  EXPECT_TRUE((*settings)[0].retry_last);
  EXPECT_FALSE((*settings)[1].retry_last);
  EXPECT_THAT(written(cpu([](auto& c) { c.burst = 0; })), ElementsAre("cpu.max.burst=0?"));
}

TEST(Settings, Idle) {
  EXPECT_THAT(written(cpu([](auto& c) { c.idle = 1; })), ElementsAre("cpu.idle=1"));
  EXPECT_THAT(written(cpu([](auto& c) {
                c.idle = 1;
                c.shares = 2048;
              })),
              ElementsAre("cpu.idle=1"));
  EXPECT_THAT(written(cpu([](auto& c) {
                c.idle = 0;
                c.shares = 2048;
              })),
              ElementsAre("cpu.idle=0?", "cpu.weight=174"));
  EXPECT_THAT(refused(cpu([](auto& c) { c.idle = 2; })), HasSubstr("cpu.idle: 2"));
  EXPECT_THAT(refused(cpu([](auto& c) { c.idle = -1; })), HasSubstr("cpu.idle: -1"));
}

TEST(Settings, Realtime) {
  EXPECT_THAT(written(cpu([](auto& c) {
                c.realtime_runtime = 0;
                c.realtime_period = 0;
              })),
              IsEmpty());
  EXPECT_THAT(refused(cpu([](auto& c) { c.realtime_runtime = 950000; })),
              "linux.resources.cpu.realtimeRuntime: cgroup v2 has no real-time bandwidth");
  EXPECT_THAT(refused(cpu([](auto& c) { c.realtime_runtime = -1; })), HasSubstr("realtimeRuntime"));
  EXPECT_THAT(refused(cpu([](auto& c) { c.realtime_period = 1; })), HasSubstr("realtimePeriod"));
}

TEST(Settings, Cpuset) {
  const auto settings = settings_for(cpu([](auto& c) {
    c.cpus = "0-3,7";
    c.mems = "0";
  }));
  ASSERT_TRUE(settings);
  EXPECT_THAT(lines(*settings), ElementsAre("cpuset.cpus=0-3,7", "cpuset.mems=0"));
  EXPECT_EQ((*settings)[0].controller, "cpuset");
  EXPECT_EQ((*settings)[0].field, "linux.resources.cpu.cpus");
  EXPECT_THAT(refused(cpu([](auto& c) { c.cpus = "0\n1"; })), HasSubstr("newline"));
}

TEST(Settings, Pids) {
  const auto pids = [](std::int64_t limit) {
    Resources resources;
    resources.pids_limit = limit;
    return written(resources);
  };
  EXPECT_THAT(pids(5), ElementsAre("pids.max=5"));
  EXPECT_THAT(pids(0), ElementsAre("pids.max=1"));
  EXPECT_THAT(pids(-1), ElementsAre("pids.max=max?"));
  EXPECT_THAT(pids(std::numeric_limits<std::int64_t>::min()), ElementsAre("pids.max=max?"));
  EXPECT_THAT(pids(kMax64), ElementsAre("pids.max=9223372036854775807"));
}

TEST(Settings, BlockIoWeight) {
  EXPECT_THAT(written(io([](auto& b) { b.weight = 0; })), IsEmpty());
  EXPECT_THAT(written(io([](auto& b) { b.weight = 10; })),
              ElementsAre("io.bfq.weight=10|io.weight=1"));
  EXPECT_THAT(written(io([](auto& b) { b.weight = 750; })),
              ElementsAre("io.bfq.weight=750|io.weight=7475"));
  EXPECT_THAT(written(io([](auto& b) { b.weight = 1000; })),
              ElementsAre("io.bfq.weight=1000|io.weight=10000"));
  EXPECT_THAT(refused(io([](auto& b) { b.weight = 9; })), HasSubstr("blockIO.weight: 9"));
  EXPECT_THAT(refused(io([](auto& b) { b.weight = 1001; })), HasSubstr("10 to 1000"));
  EXPECT_THAT(refused(io([](auto& b) { b.weight = 65535; })), HasSubstr("65535"));
  EXPECT_THAT(written(io([](auto& b) { b.leaf_weight = 300; })), IsEmpty());
}

TEST(Settings, BlockIoWeightDevice) {
  EXPECT_THAT(written(io([](auto& b) { b.weight_device = {{8, 16, 500, {}}, {8, 0, {}, 300}}; })),
              ElementsAre("io.bfq.weight=8:16 500|io.weight=8:16 4950"));
  EXPECT_THAT(refused(io([](auto& b) { b.weight_device = {{-8, 16, 500, {}}}; })),
              HasSubstr("-8:16 is no device number"));
  EXPECT_THAT(refused(io([](auto& b) { b.weight_device = {{8, 16, 5, {}}}; })),
              HasSubstr("blockIO.weightDevice: 5"));
}

TEST(Settings, BlockIoThrottle) {
  EXPECT_THAT(written(io([](auto& b) {
                b.throttle_read_bps_device = {{8, 0, 1}, {8, 16, kMaxU64}};
                b.throttle_write_bps_device = {{8, 0, 2}};
                b.throttle_read_iops_device = {{8, 0, 3}};
                b.throttle_write_iops_device = {{8, 0, 0}};
              })),
              ElementsAre("io.max=8:0 rbps=1", "io.max=8:16 rbps=18446744073709551615",
                          "io.max=8:0 wbps=2", "io.max=8:0 riops=3", "io.max=8:0 wiops=max?"));
  EXPECT_THAT(refused(io([](auto& b) { b.throttle_write_iops_device = {{8, 1LL << 33, 1}}; })),
              HasSubstr("blockIO.throttleWriteIOPSDevice"));
}

TEST(Settings, Hugepages) {
  Resources resources;
  resources.hugepage_limits = {{"2MB", 4194304}, {"1GB", kMaxU64}};
  EXPECT_THAT(written(resources),
              ElementsAre("hugetlb.2MB.max=4194304", "hugetlb.2MB.rsvd.max=4194304?",
                          "hugetlb.1GB.max=18446744073709551615",
                          "hugetlb.1GB.rsvd.max=18446744073709551615?"));
  for (const char* size : {"", "MB", "2", "2mb", "2M", "-2MB", "2MB/../x", " 2MB"}) {
    resources.hugepage_limits = {{size, 1}};
    EXPECT_THAT(refused(resources), HasSubstr("is no page size")) << size;
  }
}

TEST(Settings, Rdma) {
  Resources resources;
  resources.rdma["mlx5_1"] = {2, 2000};
  resources.rdma["mlx5_2"] = {{}, 0};
  resources.rdma["mlx5_3"] = {};
  EXPECT_THAT(written(resources), ElementsAre("rdma.max=mlx5_1 hca_handle=2 hca_object=2000",
                                              "rdma.max=mlx5_2 hca_object=0"));
  for (const char* device : {"", "a b", "a\nb"}) {
    resources.rdma = {{device, {1, 1}}};
    EXPECT_THAT(refused(resources), HasSubstr("is no device name"));
  }
}

TEST(Settings, NetworkIsOfV1) {
  Resources resources;
  resources.network.emplace().class_id = 0;
  EXPECT_THAT(written(resources), IsEmpty());
  resources.network->class_id = 1;
  EXPECT_THAT(refused(resources), HasSubstr("network.classID"));
  resources.network->class_id.reset();
  resources.network->priorities = {{"eth0", 5}};
  EXPECT_THAT(refused(resources), HasSubstr("network.priorities"));
}

TEST(Settings, UnifiedComesLastAndVerbatim) {
  Resources resources = memory(100);
  resources.unified = {{"memory.max", " 5 "},
                       {"cgroup.freeze", "1"},
                       {"cpuset.cpus", ""},
                       {"io.max", "8:0 riops=3\n8:16 riops=4\n"}};
  const auto settings = settings_for(resources);
  ASSERT_TRUE(settings);
  EXPECT_THAT(lines(*settings),
              ElementsAre("memory.max=100", "cgroup.freeze=1", "cpuset.cpus=\n",
                          "io.max=8:0 riops=3", "io.max=8:16 riops=4", "memory.max= 5 "));
  EXPECT_EQ((*settings)[1].controller, "");
  EXPECT_EQ((*settings)[2].controller, "cpuset");
  EXPECT_EQ(settings->back().field, "linux.resources.unified[\"memory.max\"]");
}

TEST(Settings, UnifiedNamesAreFileNames) {
  for (const char* name : {"/memory.max", "a/memory.max", "..", "../memory.max"}) {
    Resources resources;
    resources.unified = {{name, "1"}};
    EXPECT_THAT(refused(resources), HasSubstr("unified resource")) << name;
  }
  for (const std::string& name :
       {std::string("memory"), std::string(), std::string("."), std::string(".max"),
        std::string("memory."), std::string("memory..max"), std::string("memory.m\0x", 10)}) {
    Resources resources;
    resources.unified = {{name, "1"}};
    EXPECT_THAT(refused(resources), HasSubstr("must be in the form CONTROLLER.PARAMETER")) << name;
  }
}

TEST(Settings, ControllerOfAFile) {
  EXPECT_EQ(controller_of("memory.swap.max"), "memory");
  EXPECT_EQ(controller_of("cpuset.cpus"), "cpuset");
  EXPECT_EQ(controller_of("hugetlb.2MB.max"), "hugetlb");
  EXPECT_EQ(controller_of("cgroup.procs"), "");
}

}  // namespace
}  // namespace nacre::cgroups
