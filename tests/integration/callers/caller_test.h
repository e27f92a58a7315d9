// The fixture of the tests in which somebody else starts the runtime.
//
// A scenario is played twice, with the runtime under test and with runc in the hands of the same
// engine, and what the user sees must be the same: exit statuses and output. A scenario also says
// what is right by itself, for both. The engine lives in memory inside the private world; when it
// has left, nothing of the runtime may be there.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/callers/shelter.h"
#include "tests/integration/callers/terminal.h"
#include "tests/integration/callers/transcript.h"
#include "tests/support/container_test.h"

namespace nacre::test {

using Strings = std::vector<std::string>;

Strings operator+(Strings first, const Strings& second);

class CallerTest : public ContainerTest {
 protected:
  static constexpr const char* kImage = "docker.io/library/nacre-test:latest";

  void SetUp() override;
  void TearDown() override;

  // Below: what one engine's fixture has to say about itself.
  virtual Strings needed_programs() const = 0;
  virtual void start_engine() = 0;
  virtual void stop_engine() = 0;
  // The folders in which the runtime keeps the state of this engine's containers.
  virtual std::vector<std::filesystem::path> state_folders() const = 0;
  // Whether the engine itself leaves this mount or cgroup behind, whatever the runtime.
  virtual bool is_engines_own(const std::string& /*path*/) const { return false; }

  Shelter& shelter() { return *shelter_; }
  std::filesystem::path home() const { return work() / "engine"; }
  // The name of this test's cgroup, and of the namespace in containerd.
  std::string token() const { return cgroup_parent().substr(1); }
  // An archive with the image kImage: busybox, /probe, /not-executable and /bad-interpreter.
  std::filesystem::path image_archive();
  Command command(const Strings& argv) const;

  void compare(const std::function<void(Transcript&)>& scenario);
  // The processes, mounts, state and cgroups of containers.
  Strings leftovers() const;

 private:
  std::unique_ptr<Shelter> shelter_;
};

// Says "ready", and on SIGTERM says so and exits with status 3. Its first process is a shell.
Strings polite_service();
// The same without listening to SIGTERM.
Strings stubborn_service();
// Makes the caller start something in a terminal.
using InTerminal = std::function<Command(const Strings&)>;
// A command that waits for the window's first size and then for its second, and exits with status
// 5: the user pulls at the window in between.
void play_window_watcher(Transcript& transcript, const InTerminal& in_terminal);
// The probe looks at its terminal and waits for a signal: the user presses Ctrl-C.
void play_interrupt(Transcript& transcript, const InTerminal& in_terminal);

}  // namespace nacre::test
