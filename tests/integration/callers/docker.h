// dockerd with a containerd of its own and two runtimes, and its client.
#pragma once

#include "tests/integration/callers/caller_test.h"
#include "tests/integration/callers/daemon.h"

namespace nacre::test {

class DockerTest : public CallerTest {
 protected:
  Strings needed_programs() const override;
  void start_engine() override;
  void stop_engine() override { daemon_.reset(); }
  std::vector<std::filesystem::path> state_folders() const override;
  bool is_engines_own(const std::string& path) const override;

  Command docker(const Strings& args) const;
  // `docker run --rm` without network; `options` and then the command in the container.
  Command run(const Transcript& transcript, const Strings& options, const Strings& argv) const;
  Outcome ask(const Strings& args) const { return docker(args).run(); }
  // `docker run --detach` of a service that says "ready"; returns when it has.
  std::string start_service(Transcript& transcript, const Strings& options, const Strings& argv);
  std::string inspect(const std::string& container, const std::string& format) const;
  // What the service has said up to a line with `text`.
  std::string wait_for_log(const std::string& container, const std::string& text) const;

 private:
  std::unique_ptr<Daemon> daemon_;
};

}  // namespace nacre::test
