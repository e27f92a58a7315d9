// Archives that are larger than they look: the memory they take is bounded, and the budgets end
// them with a sentence.
#include <sstream>

#include "tests/faults/images/fixture.h"

namespace nacre::images::test {
namespace {

using nacre::test::Command;
using nacre::test::Outcome;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::uint64_t kMostMemory = 64U << 10U;  // KiB
// What has to be remembered of each entry until the layer ends (images/layers/layers.h). With more
// than about 400,000 of them the goal of 64 MiB is not kept.
constexpr std::uint64_t kBytesOfAnEntry = 160;
#ifdef NACRE_FAULTS_EVERY_STEP
constexpr std::uint64_t kZeros = std::uint64_t{10} << 30U;
constexpr std::uint64_t kEntries = 1'000'000;
#else
constexpr std::uint64_t kZeros = std::uint64_t{1} << 30U;
constexpr std::uint64_t kEntries = 50'000;
#endif

class BombTest : public ImagesFaultTest {
 protected:
  // A blob, by the worker; what it says is what `unpack` takes.
  std::vector<std::string> make(const std::string& verb, std::uint64_t size) {
    const Outcome outcome = images_worker(root(), {verb, std::to_string(size)}).run();
    EXPECT_TRUE(outcome.ok()) << describe(outcome);
    std::istringstream words(outcome.out);
    std::vector<std::string> arguments = {"unpack"};
    for (std::string word; words >> word;) arguments.push_back(word);
    EXPECT_EQ(arguments.size(), 4U);
    return arguments;
  }
  Command unpack(const std::vector<std::string>& arguments) {
    Command command = images_worker(root(), arguments);
    command.env("NACRE_WORKER_MEMORY", "1");
    return command;
  }
  // Prints the most that it had, in KiB, and holds it against the goal where that means something.
  static void expect_little_memory(const Outcome& outcome, const std::string& what,
                                   std::uint64_t entries) {
    const std::uint64_t most =
        std::max(kMostMemory, (12U << 10U) + entries * kBytesOfAnEntry / 1024);
    const std::uint64_t peak = std::strtoul(outcome.out.c_str(), nullptr, 10);
    ASSERT_GT(peak, 0U) << describe(outcome);
    std::printf("%s: at most %lu KiB of memory (bound: %lu)\n", what.c_str(), peak, most);
#ifndef __SANITIZE_ADDRESS__
#ifndef __SANITIZE_THREAD__
    EXPECT_LE(peak, most) << what;
#endif
#endif
  }
};

TEST_F(BombTest, AFileOfZeros) {
  const auto arguments = make("zeros", kZeros);
  // Zeros become a hole: the layer takes no room, whatever it promises.
  const Outcome outcome = unpack(arguments).run();
  ASSERT_TRUE(outcome.ok()) << describe(outcome);
  expect_little_memory(outcome, std::to_string(kZeros >> 20U) + " MiB of zeros", 1);
  const auto store = open(root());
  ASSERT_NE(store, nullptr);
  expect_undamaged(*store);
  const auto layers = store->layers();
  ASSERT_OK(layers);
  ASSERT_EQ(layers->size(), 1U);
  EXPECT_EQ(layers->front().bytes, kZeros);
}

TEST_F(BombTest, AnImageOfEntries) {
  const auto arguments = make("entries", kEntries);
  const Outcome outcome = unpack(arguments).run();
  ASSERT_TRUE(outcome.ok()) << describe(outcome);
  expect_little_memory(outcome, std::to_string(kEntries) + " entries", kEntries);
  const auto store = open(root());
  ASSERT_NE(store, nullptr);
  const auto layers = store->layers();
  ASSERT_OK(layers);
  ASSERT_EQ(layers->size(), 1U);
  EXPECT_EQ(layers->front().entries, kEntries + (kEntries + 999) / 1000);
}

TEST_F(BombTest, MoreEntriesThanTheBudget) {
  const auto arguments = make("entries", kEntries);
  Command command = unpack(arguments);
  command.env("NACRE_WORKER_ENTRIES", std::to_string(kEntries / 2));
  const Outcome outcome = command.run();
  EXPECT_EQ(outcome.exit_code, 2) << describe(outcome);
  EXPECT_THAT(outcome.err, StartsWith("resource_exhausted: "));
  EXPECT_THAT(outcome.err, HasSubstr(std::to_string(kEntries / 2)));
  expect_little_memory(outcome, "half of " + std::to_string(kEntries) + " entries", kEntries);
  const auto store = open(root());
  ASSERT_NE(store, nullptr);
  const auto layers = store->layers();
  ASSERT_OK(layers);
  EXPECT_TRUE(layers->empty());
  expect_sound(*store, root());
}

}  // namespace
}  // namespace nacre::images::test
