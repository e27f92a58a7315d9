// Where an engine keeps what it writes: file systems in memory that go with the test, laid over
// every place that engines write to without being asked.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace nacre::test {

class Shelter {
 public:
  // Mounts a tmpfs on `home`, and empty ones over the engines' fixed places. Only in the private
  // world.
  explicit Shelter(std::filesystem::path home);
  ~Shelter();
  Shelter(const Shelter&) = delete;
  Shelter& operator=(const Shelter&) = delete;

  const std::filesystem::path& home() const { return home_; }
  // Makes `content`, a folder of the test, appear at `place`.
  void lay_over(const std::filesystem::path& content, const std::filesystem::path& place);
  // Mounts below these places that are not ours, as an engine or a runtime leaves them.
  std::vector<std::string> foreign_mounts() const;

 private:
  std::filesystem::path home_;
  std::set<std::string> known_;                // ids of the mounts that were there before
  std::vector<std::filesystem::path> places_;  // in the order of mounting
};

}  // namespace nacre::test
