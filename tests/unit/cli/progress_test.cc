// Bars as lines: no terminal and no clock here.
#include "cli/render/progress.h"

#include <gmock/gmock.h>

#include "cli/image/listener.h"
#include "cli/render/text.h"

namespace nacre::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

BarState moving(std::uint64_t done, std::uint64_t total) {
  return {.activity = "downloading", .done = done, .total = total, .moving = true};
}

TEST(BarsTest, ABarShowsBytesRateAndTimeLeft) {
  Bars bars;
  bars.set("4c9f1fa3a2b1", moving(0, 10'000'000), 0);
  bars.set("4c9f1fa3a2b1", moving(2'500'000, 10'000'000), 1000);
  const auto lines = bars.lines(100, 10, 1000);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("4c9f1fa3a2b1  downloading"));
  EXPECT_THAT(lines[0], HasSubstr("[=========>  "));
  EXPECT_THAT(lines[0], HasSubstr("2.5MB/10MB"));
  EXPECT_THAT(lines[0], HasSubstr("2.5MB/s  3s"));
}

TEST(BarsTest, NoLineIsWiderThanTheTerminal) {
  Bars bars;
  bars.set("4c9f1fa3a2b1", moving(0, 10'000'000), 0);
  bars.set("4c9f1fa3a2b1", moving(5'000'000, 10'000'000), 2000);
  for (std::size_t width = 1; width < 150; ++width) {
    for (const std::string& line : bars.lines(width, 10, 2000))
      EXPECT_LE(display_width(line), width) << line;
  }
  EXPECT_THAT(bars.lines(50, 10, 2000)[0], Not(HasSubstr("[")));  // no room for a bar
}

TEST(BarsTest, FinishedLinesAreGivenOnce) {
  Bars bars;
  bars.set("a", {.activity = "waiting"}, 0);
  bars.set("b", {.activity = "already there", .finished = true}, 0);
  EXPECT_THAT(bars.take_finished(80), ElementsAre("b  already there"));
  EXPECT_THAT(bars.take_finished(80), IsEmpty());
  EXPECT_THAT(bars.lines(80, 10, 0), ElementsAre("a  waiting"));
}

TEST(BarsTest, WhatMovesComesFirstAndTheRestIsCounted) {
  Bars bars;
  for (const char* name : {"a", "b", "c", "d"}) bars.set(name, {.activity = "waiting"}, 0);
  bars.set("d", moving(1, 2), 0);
  const auto lines = bars.lines(80, 3, 0);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], testing::StartsWith("d  downloading"));
  EXPECT_EQ(lines[1], "a  waiting");
  EXPECT_EQ(lines[2], "... and 2 more");
}

TEST(BarsTest, GoingBackForgetsTheRate) {
  Bars bars;
  bars.set("a", moving(0, 100), 0);
  bars.set("a", moving(50, 100), 1000);
  bars.set("a", moving(0, 100), 2000);  // sent again from the beginning
  EXPECT_THAT(bars.lines(100, 1, 2000)[0], Not(HasSubstr("/s")));
}

TEST(BarsTest, WithoutATotalThereAreOnlyBytes) {
  Bars bars;
  bars.set("stdin", {.activity = "reading", .done = 1500, .moving = true}, 0);
  EXPECT_THAT(bars.lines(100, 1, 0)[0], HasSubstr("1.5kB"));
  EXPECT_THAT(bars.lines(100, 1, 0)[0], Not(HasSubstr("[")));
}

TEST(BarsTest, MoreThanTheTotalIsNoLongerBar) {
  Bars bars;
  bars.set("a", moving(300, 100), 0);
  EXPECT_LE(display_width(bars.lines(100, 1, 0)[0]), 100U);
}

TEST(ListenerTest, EveryStepHasItsWord) {
  using images::Step;
  const auto words = [](Step step) {
    return bar_of({.step = step, .done = 1, .total = 2000}, "uploading");
  };
  EXPECT_EQ(words(Step::kWaiting).activity, "waiting");
  EXPECT_EQ(words(Step::kTransfer).activity, "uploading");
  EXPECT_TRUE(words(Step::kTransfer).moving);
  EXPECT_EQ(words(Step::kUnpacking).activity, "unpacking");
  EXPECT_EQ(words(Step::kDone).activity, "done  2kB");
  for (const Step step : {Step::kDone, Step::kWasThere, Step::kMounted})
    EXPECT_TRUE(words(step).finished);
}

}  // namespace
}  // namespace nacre::cli
