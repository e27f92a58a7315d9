// The bundles that every contender runs: the same config.json but for the cgroup's name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace nacre::bench {

// All namespaces but user and time, the mounts of `spec`, a device rule that denies; no seccomp, no
// masked paths: what nacre-bench-floor does.
nlohmann::json plain_spec();

// What Docker's daemon writes for `docker run`, from a file of the tests, made to run here: no
// network hook, no AppArmor, no limits, and the three files it binds taken from /etc of the bundle.
nlohmann::json docker_spec(const std::filesystem::path& recorded);

// Where bundles stand and what they share.
struct Place {
  std::filesystem::path work;    // on a tmpfs: bundles, and each runtime's state
  std::filesystem::path rootfs;  // used by all, never written to
  std::filesystem::path cgroup;  // the cgroup above all others, here called /bench
  bool device_rules = true;      // else the bundles have none; crun 1.8 fails on them without
                                 // CAP_SYS_RESOURCE
};

// Writes <work>/<name>/config.json for a container in the cgroup /bench/<name> that runs `args`.
// Returns the bundle's folder.
std::filesystem::path write_bundle(const Place& place, const std::string& name, nlohmann::json spec,
                                   const std::vector<std::string>& args);

}  // namespace nacre::bench
