// Tables that commands print.
#include "runtime/commands/output.h"

#include <gtest/gtest.h>

#include "runtime/commands/owner.h"
#include "runtime/commands/process_table.h"

namespace nacre::commands {
namespace {

TEST(OutputTest, ColumnsAreTwelveWideOrAsWideAsTheirCells) {
  EXPECT_EQ(align_columns({{"ID", "PID", "OWNER"}, {"a-rather-long-id", "1", "root"}}),
            "ID                 PID         OWNER\n"
            "a-rather-long-id   1           root\n");
  EXPECT_EQ(align_columns({{"ID", "PID"}}), "ID          PID\n");
}

TEST(OutputTest, ListFormat) {
  EXPECT_EQ(parse_list_format(""), ListFormat::kTable);
  EXPECT_EQ(parse_list_format("json"), ListFormat::kJson);
  EXPECT_FALSE(parse_list_format("yaml"));
}

constexpr const char* kTable =
    "UID          PID    PPID CMD\n"
    "root           1       0 /sbin/init\n"
    "root          12       1 sh -c 1 13\n"
    "u           1213      12 sleep 12\n";

TEST(ProcessTableTest, KeepsTheLinesOfTheProcesses) {
  EXPECT_EQ(filter_process_table(kTable, {12, 99}),
            "UID          PID    PPID CMD\nroot          12       1 sh -c 1 13\n");
  EXPECT_EQ(filter_process_table(kTable, {}), "UID          PID    PPID CMD\n");
}

TEST(ProcessTableTest, NeedsAColumnOfPids) {
  EXPECT_FALSE(filter_process_table("TIME CMD\n0:00 sh\n", {1}));
  EXPECT_FALSE(filter_process_table("", {1}));
}

TEST(ProcessTableTest, ALineWithoutANumberThereIsNotOneOfOurs) {
  EXPECT_EQ(filter_process_table("CMD PID\nx\ny z\nw 7\n", {7}), "CMD PID\nw 7\n");
}

TEST(OwnersTest, NamesFromThePasswordFile) {
  const Owners owners("root:x:0:0:root:/root:/bin/sh\nbroken\n:x:5:5::/:\nu:x:1000:1000::/:\n");
  EXPECT_EQ(owners.name_of(0), "root");
  EXPECT_EQ(owners.name_of(1000), "u");
  EXPECT_EQ(owners.name_of(5), "#5");
  EXPECT_EQ(owners.name_of(7), "#7");
}

}  // namespace
}  // namespace nacre::commands
