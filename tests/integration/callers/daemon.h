// An engine's daemon, from the moment it is ready until it has left.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/command.h"

namespace nacre::test {

class Daemon {
 public:
  // Starts it and waits for its READY=1, which containerd and dockerd send as systemd wants it.
  Daemon(std::vector<std::string> argv, std::filesystem::path work);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Asks it to leave and waits.
  void stop();
  std::string log() const;

 private:
  std::filesystem::path work_;
  std::unique_ptr<Running> process_;
};

}  // namespace nacre::test
