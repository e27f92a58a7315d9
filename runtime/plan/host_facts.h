// What planning needs to know of the machine: gathered once by runtime/setup, written by hand in
// tests.
#pragma once

#include <cstdint>
#include <string>

namespace nacre::plan {

struct HostFacts {
  std::uint32_t euid = 0;
  std::uint32_t egid = 0;
  std::uint64_t capabilities = ~std::uint64_t{0};  // permitted ones of this process
  bool in_user_namespace = false;                  // devices cannot be made then, only bound
  bool apparmor = false;
  bool selinux = false;
  bool kcore = false;        // /proc/kcore is there (CONFIG_PROC_KCORE)
  std::string cgroup_mount;  // where cgroup v2 is mounted; empty: nowhere
};

}  // namespace nacre::plan
