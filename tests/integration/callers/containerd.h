// containerd without its CRI plugin, driven by ctr in a namespace that has the test's name.
#pragma once

#include "tests/integration/callers/caller_test.h"
#include "tests/integration/callers/daemon.h"

namespace nacre::test {

class ContainerdTest : public CallerTest {
 protected:
  Strings needed_programs() const override {
    return {"containerd", "containerd-shim-runc-v2", "ctr"};
  }
  void start_engine() override;
  void stop_engine() override { daemon_.reset(); }
  std::vector<std::filesystem::path> state_folders() const override;

  Command ctr(const Strings& args) const;
  Outcome ask(const Strings& args) const { return ctr(args).run(); }
  // `ctr run`; a runtime is not asked for cpu shares where the kernel could not give them.
  Command run(const Transcript& transcript, const Strings& options, const std::string& id,
              const Strings& argv) const;
  // A detached container whose output goes to the reader; it has said "ready".
  std::unique_ptr<Reader> start_service(Transcript& transcript, const std::string& id,
                                        const Strings& argv) const;
  // As in the column STATUS of `ctr tasks list`; empty when there is no such task.
  std::string status(const std::string& id) const;
  // Asks until it is so or time is up: ctr has no command that waits for a task it did not start.
  bool becomes(const std::string& id, const std::string& wanted) const;

 private:
  std::unique_ptr<Daemon> daemon_;
};

}  // namespace nacre::test
