// Podman with conmon, its settings and storage in memory.
#pragma once

#include "tests/integration/callers/caller_test.h"

namespace nacre::test {

class PodmanTest : public CallerTest {
 protected:
  Strings needed_programs() const override { return {"podman", "conmon"}; }
  void start_engine() override;
  void stop_engine() override {}
  std::vector<std::filesystem::path> state_folders() const override;
  bool is_engines_own(const std::string& path) const override;

  Command podman(const Transcript& transcript, const Strings& args) const;
  Outcome ask(const Transcript& transcript, const Strings& args) const {
    return podman(transcript, args).run();
  }
  Command run(const Transcript& transcript, const Strings& options, const Strings& argv) const;
  // Detached; it has said "ready".
  void start_service(Transcript& transcript, const Strings& options, const Strings& argv) const;
  std::string inspect(const Transcript& transcript, const std::string& format) const;
};

}  // namespace nacre::test
