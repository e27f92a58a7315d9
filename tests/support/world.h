// The private world every test program runs in, and what it can and cannot do there.
//
// main() (world_main.cc) puts the tests, when it is root, in new mount, pid, net, ipc and uts
// namespaces of their own, where they are process 1: every orphan of a container becomes our child,
// /proc lists nothing but what the test made, and all of it dies with the program. /run is an empty
// tmpfs, and /sys/fs/cgroup is cgroup v2 and nothing else, also on a host with the hybrid layout;
// the host's view stays reachable at kHybridCgroups.
#pragma once

#include <string>
#include <string_view>

namespace nacre::test {

inline constexpr const char* kHybridCgroups = "/run/host-cgroup";

// True once enter_private_world() has run.
bool in_private_world();
// Ends the program with a sentence when a step is refused.
void enter_private_world();

// Whether the host's own layout was hybrid (v1 hierarchies beside a v2 one).
bool host_is_hybrid();
// Whether cgroup v2 has the controller at its root.
bool has_controller(std::string_view controller);
std::string available_controllers();
// Whether the test process (and so the runtime under test) has the capability, by number.
bool has_capability(int capability);
bool kernel_at_least(int major, int minor);
bool has_program(std::string_view name);
bool has_filesystem(std::string_view name);  // as listed in /proc/filesystems

}  // namespace nacre::test

// Skips the test unless the v2 controller is there; what is missing is named.
#define NACRE_REQUIRE_CONTROLLER(name)                                                   \
  if (!::nacre::test::has_controller(name))                                              \
  GTEST_SKIP() << "cgroup v2 has no " << (name)                                          \
               << " controller here (it has: " << ::nacre::test::available_controllers() \
               << "); runs in tests/vm"

#define NACRE_REQUIRE_CAPABILITY(cap) \
  if (!::nacre::test::has_capability(cap)) GTEST_SKIP() << "this machine does not grant us " << #cap

#define NACRE_REQUIRE_KERNEL(major, minor)           \
  if (!::nacre::test::kernel_at_least(major, minor)) \
  GTEST_SKIP() << "needs Linux " << (major) << '.' << (minor)

#define NACRE_REQUIRE_PROGRAM(name)      \
  if (!::nacre::test::has_program(name)) \
  GTEST_SKIP() << "the program " << (name) << " is not installed"
