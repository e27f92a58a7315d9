// Many containers one after the other: what one leaves behind would add up.
#include <signal.h>

#include "tests/support/container_test.h"

namespace nacre::test {
namespace {

#ifdef NACRE_FAULTS_EVERY_STEP
constexpr int kRuns = 1000;
#else
constexpr int kRuns = 50;
#endif

class SoakTest : public ContainerTest {};

TEST_F(SoakTest, Runs) {
  bundle().probe({"exit", "3"});
  for (int i = 0; i < kRuns; ++i) {
    ASSERT_EQ(run().exit_code, 3) << "run " << i;
  }
  expect_nothing_left();
}

TEST_F(SoakTest, WholeLives) {
  bundle().probe({"say", "here", "pause"});
  for (int i = 0; i < kRuns; ++i) {
    Container container = create(bundle());
    start(container);
    container.out->until("here");
    ASSERT_EQ(runtime({"exec", container.id, "/probe", "exit", "5"}).run().exit_code, 5);
    kill_and_reap(container);
    remove(container);
    ASSERT_FALSE(HasFailure()) << "life " << i;
  }
  expect_nothing_left();
}

TEST_F(SoakTest, FailingCreates) {
  bundle().args({"/no/such/program"});
  for (int i = 0; i < kRuns; ++i) {
    const std::string id = new_id();
    prepare(bundle(), id);
    ASSERT_EQ(runtime({"create", "--bundle", bundle().path(), id}).run().exit_code, 1);
  }
  NACRE_PEER_DIFFERS(kCrun, "leaves cgroups behind");
  expect_nothing_left();
}

TEST_F(SoakTest, ExecsIntoOneContainer) {
  const Container container = launch_idle();
  for (int i = 0; i < kRuns; ++i) {
    ASSERT_EQ(runtime({"exec", container.id, "/probe", "exit", "0"}).run().exit_code, 0) << i;
  }
  const Outcome outcome = runtime({"ps", "-f", "json", container.id}).run();
  EXPECT_EQ(json::parse(outcome.out, nullptr, false).size(), 1U) << outcome.out;
}

}  // namespace
}  // namespace nacre::test
