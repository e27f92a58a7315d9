#include "oci-spec/runtime/enums.h"

#include <gtest/gtest.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <sys/personality.h>

#include <algorithm>
#include <set>

namespace nacre::oci {
namespace {

template <class Value, std::size_t kCount>
void expect_round_trip(const Named<Value> (&table)[kCount]) {
  std::set<std::string_view> names;
  for (const Named<Value>& row : table) {
    EXPECT_EQ(value_of(table, row.name), row.value) << row.name;
    EXPECT_EQ(name_of(table, row.value), row.name);
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " stands twice";
    EXPECT_TRUE(is_known(table, row.name));
  }
  EXPECT_EQ(value_of(table, "no such name"), std::nullopt);
  EXPECT_EQ(value_of(table, ""), std::nullopt);
  EXPECT_FALSE(is_known(table, "no such name"));
}

TEST(EnumsTest, TablesGoBothWays) {
  expect_round_trip(kNamespaceTypes);
  expect_round_trip(kStatuses);
  expect_round_trip(kRlimits);
  expect_round_trip(kIoClasses);
  expect_round_trip(kSchedulerPolicies);
  expect_round_trip(kSchedulerFlags);
  expect_round_trip(kPersonalityDomains);
  expect_round_trip(kMemoryPolicyModes);
  expect_round_trip(kMemoryPolicyFlags);
}

TEST(EnumsTest, NameListsHaveNoDuplicates) {
  const auto distinct = [](const auto& names) {
    return std::set<std::string_view>(std::begin(names), std::end(names)).size();
  };
  EXPECT_EQ(distinct(kPropagations), std::size(kPropagations));
  EXPECT_EQ(distinct(kHookNames), std::size(kHookNames));
  EXPECT_EQ(distinct(kSeccompActions), 9U);
  EXPECT_EQ(distinct(kSeccompOperators), 7U);
  EXPECT_EQ(distinct(kSeccompArchitectures), 23U);
  EXPECT_EQ(distinct(kSeccompFlags), 4U);
  EXPECT_TRUE(is_known(kSeccompActions, "SCMP_ACT_LOG"));
  EXPECT_FALSE(is_known(kSeccompActions, "scmp_act_log"));
}

TEST(EnumsTest, ValuesThatHaveNoName) {
  EXPECT_EQ(name_of(kSchedulerFlags, std::uint64_t{0x80}), "");
  EXPECT_EQ(name_of(kIoClasses, 0), "");
}

// The tables that write the kernel's numbers themselves, against its headers.
TEST(EnumsTest, NumbersAreTheKernels) {
  EXPECT_EQ(value_of(kIoClasses, "IOPRIO_CLASS_RT"), 1);
  EXPECT_EQ(value_of(kIoClasses, "IOPRIO_CLASS_BE"), 2);
  EXPECT_EQ(value_of(kIoClasses, "IOPRIO_CLASS_IDLE"), 3);
  EXPECT_EQ(value_of(kSchedulerPolicies, "SCHED_FIFO"), std::uint32_t{SCHED_FIFO});
  EXPECT_EQ(value_of(kSchedulerPolicies, "SCHED_RR"), std::uint32_t{SCHED_RR});
  EXPECT_EQ(value_of(kSchedulerPolicies, "SCHED_BATCH"), std::uint32_t{SCHED_BATCH});
  EXPECT_EQ(value_of(kSchedulerPolicies, "SCHED_IDLE"), std::uint32_t{SCHED_IDLE});
  EXPECT_EQ(value_of(kSchedulerPolicies, "SCHED_DEADLINE"), std::uint32_t{SCHED_DEADLINE});
  EXPECT_EQ(value_of(kPersonalityDomains, "LINUX32"), std::uint32_t{PER_LINUX32});
  EXPECT_EQ(value_of(kMemoryPolicyModes, "MPOL_PREFERRED"), int{MPOL_PREFERRED});
  EXPECT_EQ(value_of(kMemoryPolicyModes, "MPOL_BIND"), int{MPOL_BIND});
  EXPECT_EQ(value_of(kMemoryPolicyModes, "MPOL_INTERLEAVE"), int{MPOL_INTERLEAVE});
  EXPECT_EQ(value_of(kMemoryPolicyModes, "MPOL_LOCAL"), int{MPOL_LOCAL});
  EXPECT_EQ(value_of(kMemoryPolicyModes, "MPOL_PREFERRED_MANY"), int{MPOL_PREFERRED_MANY});
  EXPECT_EQ(value_of(kMemoryPolicyFlags, "MPOL_F_STATIC_NODES"),
            std::uint32_t{MPOL_F_STATIC_NODES});
  EXPECT_EQ(value_of(kMemoryPolicyFlags, "MPOL_F_RELATIVE_NODES"),
            std::uint32_t{MPOL_F_RELATIVE_NODES});
  EXPECT_EQ(value_of(kMemoryPolicyFlags, "MPOL_F_NUMA_BALANCING"),
            std::uint32_t{MPOL_F_NUMA_BALANCING});
}

TEST(EnumsTest, EveryRlimitOfTheKernelHasAName) {
  EXPECT_EQ(std::size(kRlimits), std::size_t{RLIM_NLIMITS});
  for (int number = 0; number < static_cast<int>(RLIM_NLIMITS); ++number)
    EXPECT_NE(name_of(kRlimits, number), "") << number;
}

}  // namespace
}  // namespace nacre::oci
