#include "cgroups/stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "cgroups/stats_parse.h"
#include "tests/support/fake_cgroupfs.h"

namespace nacre::cgroups {
namespace {

using test::FakeCgroupfs;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST(ParseFlatKeyed, TakesKeysAndNumbers) {
  const auto values = parse_flat_keyed("a 1\nb_c 18446744073709551615\n\n");
  ASSERT_TRUE(values);
  EXPECT_THAT(*values, UnorderedElementsAre(
                           Pair("a", 1), Pair("b_c", std::numeric_limits<std::uint64_t>::max())));
  EXPECT_TRUE(parse_flat_keyed("")->empty());
  for (const char* bad : {"a", "a x", "a -1", "a 18446744073709551616", "a 1 2", "a 0x1"}) {
    EXPECT_FALSE(parse_flat_keyed(bad)) << bad;
  }
}

TEST(ParsePressure, TakesBothLines) {
  const auto pressure = parse_pressure(
      "some avg10=1.25 avg60=0.07 avg300=100.00 total=123456\n"
      "full avg10=0.00 avg60=0.00 avg300=0.01 total=7\n");
  ASSERT_TRUE(pressure);
  EXPECT_EQ(pressure->some, (PressureLine{125, 7, 10000, 123456}));
  EXPECT_EQ(pressure->full, (PressureLine{0, 0, 1, 7}));
}

TEST(ParsePressure, RefusesWhatIsNone) {
  for (const char* bad : {"some avg10=x", "some avg10=1", "some avg10=1.2", "some avg10=1.234",
                          "some avg10=-1.00", "some total=x", "full avg60=99999999999.00"}) {
    EXPECT_FALSE(parse_pressure(bad)) << bad;
  }
}

TEST(ParseIoStat, TakesOneDeviceALine) {
  const auto devices = parse_io_stat(
      "8:0 rbytes=180224 wbytes=0 rios=3 wios=0 dbytes=0 dios=0 cost.usage=9\n"
      "253:1 \n"
      "8:16 rbytes=1 missed=?\n");
  ASSERT_TRUE(devices);
  ASSERT_EQ(devices->size(), 2U);
  EXPECT_EQ((*devices)[0].major, 8U);
  EXPECT_EQ((*devices)[0].values.at("rbytes"), 180224U);
  EXPECT_EQ((*devices)[0].values.at("cost.usage"), 9U);
  EXPECT_EQ((*devices)[1].minor, 16U);
  EXPECT_EQ((*devices)[1].values.size(), 1U);
  for (const char* bad : {"8 rbytes=1", "8: rbytes=1", "x:0 rbytes=1", " "}) {
    EXPECT_FALSE(parse_io_stat(bad)) << bad;
  }
}

TEST(ParseRdma, KnowsMax) {
  const auto devices = parse_rdma("mlx4_0 hca_handle=2 hca_object=max\nocrdma1 hca_object=3\n");
  ASSERT_TRUE(devices);
  EXPECT_EQ(devices->at("mlx4_0"), (RdmaValues{2, std::nullopt}));
  EXPECT_EQ(devices->at("ocrdma1"), (RdmaValues{std::nullopt, 3}));
  EXPECT_FALSE(parse_rdma("mlx4_0 hca_handle=x"));
}

TEST(ReadStats, OfACgroupWithEverything) {
  const FakeCgroupfs fake({
      {"cpu.stat",
       "usage_usec 10\nuser_usec 6\nsystem_usec 4\nnr_periods 1\nnr_throttled 2\n"
       "throttled_usec 3\nnr_bursts 4\nburst_usec 5\n"},
      {"cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=11\n"},
      {"memory.current", "4096\n"},
      {"memory.max", "max\n"},
      {"memory.peak", "8192\n"},
      {"memory.swap.current", "1\n"},
      {"memory.swap.max", "2\n"},
      {"memory.swap.peak", "3\n"},
      {"memory.stat", "anon 5\nfile 6\n"},
      {"pids.current", "7\n"},
      {"pids.max", "100\n"},
      {"io.stat", "8:0 rbytes=1\n"},
      {"hugetlb.2MB.current", "2097152\n"},
      {"hugetlb.2MB.rsvd.current", "0\n"},
      {"hugetlb.2MB.events", "max 9\n"},
      {"hugetlb.1GB.current", "0\n"},
      {"rdma.current", ""},
      {"rdma.max", ""},
      {"misc.current", "sev 1\n"},
      {"misc.events", "sev.max 2\n"},
  });
  const auto stats = read_stats(fake.hierarchy().root);
  ASSERT_TRUE(stats) << stats.error().message();
  EXPECT_EQ(stats->cpu.usage, 10U);
  EXPECT_EQ(stats->cpu.throttled_time, 3U);
  EXPECT_EQ(stats->cpu.burst_time, 5U);
  EXPECT_EQ(stats->cpu.pressure->some.total, 11U);
  ASSERT_TRUE(stats->memory);
  EXPECT_EQ(stats->memory->usage, 4096U);
  EXPECT_EQ(stats->memory->limit, std::nullopt);
  EXPECT_EQ(stats->memory->peak, 8192U);
  EXPECT_EQ(stats->memory->swap_limit, 2U);
  EXPECT_EQ(stats->memory->raw.at("file"), 6U);
  EXPECT_EQ(stats->memory->pressure, std::nullopt);
  EXPECT_EQ(stats->pids, (PidsStats{7, 100}));
  ASSERT_TRUE(stats->io);
  EXPECT_EQ(stats->io->devices.size(), 1U);
  EXPECT_EQ(stats->hugetlb.size(), 2U);
  EXPECT_EQ(stats->hugetlb.at("2MB"), (HugetlbStats{2097152, 0, 9}));
  EXPECT_EQ(stats->hugetlb.at("1GB"), (HugetlbStats{0, std::nullopt, 0}));
  EXPECT_TRUE(stats->rdma);
  EXPECT_EQ(stats->misc.at("sev"), (MiscStats{1, 2}));
}

TEST(ReadStats, OfACgroupWithNoController) {
  const FakeCgroupfs fake({{"cpu.stat", "usage_usec 10\nuser_usec 6\nsystem_usec 4\n"},
                           {"cgroup.procs", "12\n13\n"},
                           {"below", {{"cgroup.procs", "14\n"}}}});
  const auto stats = read_stats(fake.hierarchy().root);
  ASSERT_TRUE(stats) << stats.error().message();
  EXPECT_EQ(stats->cpu.periods, std::nullopt);
  EXPECT_EQ(stats->memory, std::nullopt);
  EXPECT_EQ(stats->pids, (PidsStats{3, std::nullopt}));
  EXPECT_EQ(stats->io, std::nullopt);
  EXPECT_TRUE(stats->hugetlb.empty());
  EXPECT_EQ(stats->rdma, std::nullopt);
}

TEST(ReadStats, SaysWhichFileItCannotUnderstand) {
  const FakeCgroupfs fake({{"memory.current", "lots\n"}});
  const auto stats = read_stats(fake.hierarchy().root);
  ASSERT_FALSE(stats);
  EXPECT_THAT(stats.error().message(), HasSubstr("cannot understand memory.current: \"lots\\n\""));
}

TEST(ReadEvents, TakesWhatIsThere) {
  const FakeCgroupfs fake({{"cgroup.events", "populated 1\nfrozen 0\n"},
                           {"memory.events", "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\n"},
                           {"pids.events", "max 6\n"}});
  const auto events = read_events(fake.hierarchy().root);
  ASSERT_TRUE(events);
  EXPECT_EQ(*events, (Events{true, false, MemoryEvents{1, 2, 3, 4, 5, 0}, 6}));

  const FakeCgroupfs bare({{"cgroup.events", "populated 0\nfrozen 1\n"}});
  const auto few = read_events(bare.hierarchy().root);
  ASSERT_TRUE(few);
  EXPECT_EQ(*few, (Events{false, true, std::nullopt, std::nullopt}));
}

TEST(ReadEvents, OfACgroupThatIsGone) {
  const FakeCgroupfs fake({});
  const auto events = read_events(fake.hierarchy().root);
  ASSERT_FALSE(events);
  EXPECT_EQ(events.error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace nacre::cgroups
