// main() of every test program that needs the kernel's privileges. Listing tests, and running as
// somebody who is not root, need no private world; the fixture then skips with the reason.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/world.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!testing::GTEST_FLAG(list_tests) && ::geteuid() == 0) nacre::test::enter_private_world();
  return RUN_ALL_TESTS();
}
