#include "tests/integration/callers/shelter.h"

#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

// Sockets and states of all; locks of Podman; blob caches and default roots; plugins of containerd.
constexpr const char* kFixedPlaces[] = {"/run", "/dev/shm", "/var/lib", "/opt"};

void mount_memory(const fs::path& place, const char* options) {
  EXPECT_EQ(::mount("tmpfs", place.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options), 0)
      << place << ": " << std::strerror(errno);
}

// Targets by mount id.
std::map<std::string, std::string> mounts() {
  std::map<std::string, std::string> all;
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, target;
    fields >> id >> parent >> device >> root >> target;
    all[id] = target;
  }
  return all;
}

}  // namespace

Shelter::Shelter(fs::path home) : home_(std::move(home)) {
  fs::create_directories(home_);
  // Device nodes of images are made in here, and setuid programs of containers started from here.
  EXPECT_EQ(::mount("tmpfs", home_.c_str(), "tmpfs", 0, "mode=0755"), 0) << std::strerror(errno);
  places_.push_back(home_);
  for (const char* place : kFixedPlaces) {
    mount_memory(place, std::string_view(place) == "/dev/shm" ? "mode=1777" : "mode=0755");
    places_.emplace_back(place);
  }
  for (const auto& [id, target] : mounts()) known_.insert(id);
}

Shelter::~Shelter() {
  // Detached with all that is mounted on it: what should not have been there has been reported by
  // now.
  while (!places_.empty()) {
    EXPECT_EQ(::umount2(places_.back().c_str(), MNT_DETACH), 0)
        << places_.back() << ": " << std::strerror(errno);
    places_.pop_back();
  }
}

void Shelter::lay_over(const fs::path& content, const fs::path& place) {
  ASSERT_EQ(::mount(content.c_str(), place.c_str(), nullptr, MS_BIND, nullptr), 0)
      << place << ": " << std::strerror(errno);
  places_.push_back(place);
}

std::vector<std::string> Shelter::foreign_mounts() const {
  std::vector<std::string> targets;
  for (const auto& [id, target] : mounts()) {
    for (const auto& place : places_) {
      if (!known_.contains(id) && target.starts_with(place.string() + "/"))
        targets.push_back(target);
    }
  }
  return targets;
}

}  // namespace nacre::test
