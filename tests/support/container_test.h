// The fixture of the integration tests: one test, one temporary directory, one --root, one cgroup
// parent, names nobody else has; afterwards nothing may be left.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/bundle.h"
#include "tests/support/command.h"
#include "tests/support/leftovers.h"
#include "tests/support/report.h"
#include "tests/support/runtime.h"
#include "tests/support/world.h"

namespace nacre::test {

// A container made by the fixture. `out` is the reading end of its standard output.
struct Container {
  std::string id;
  pid_t pid = -1;
  std::unique_ptr<Reader> out;
};

class ContainerTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  const std::filesystem::path& work() const { return work_; }
  const std::filesystem::path& state_root() const { return places_.state_root; }
  // Below the root of the v2 hierarchy, "/<token>"; made on demand by the runtime.
  std::string cgroup_parent() const { return "/" + places_.token; }
  std::filesystem::path cgroup_dir(const std::string& id) const;

  // The bundle most tests need, made at first use.
  Bundle& bundle();
  Bundle& new_bundle(const std::string& name);
  // A name for a container; deleted with --force at the end if the test has not done so.
  std::string new_id(const std::string& suffix = "c");

  // The runtime with --root, --log and --log-format json of this test and then `args`.
  Command runtime(std::vector<std::string> args);
  // The runtime with nothing but `args`.
  Command bare_runtime(std::vector<std::string> args);

  // Writes the bundle's config.json, with a cgroupsPath of this test unless it has one.
  void prepare(Bundle& bundle, const std::string& id);
  // `run`, in the foreground, of the default bundle.
  Outcome run_bundle(Bundle& bundle, const std::string& id);
  Outcome run() { return run_bundle(bundle(), new_id()); }
  // Runs the probe in the default bundle and gives what it said; the run must succeed silently.
  Report probe(std::vector<std::string> verbs);
  Report probe(Bundle& bundle, std::vector<std::string> verbs);

  // `create`, with a pid file and a pipe as standard output. Must succeed.
  Container create(Bundle& bundle, std::vector<std::string> options = {});
  void start(const Container& container);
  // create and start of the default bundle with the probe's verbs as arguments.
  Container launch(std::vector<std::string> verbs);
  // launch of a container that says it is there and then waits for ever.
  Container launch_idle();
  // Kills a container's first process through the runtime and reaps it.
  void kill_and_reap(const Container& container);
  // `delete`, which must succeed.
  void remove(const Container& container);

  json state(const std::string& id);
  std::string status(const std::string& id) { return state(id).value("status", ""); }
  // exec of the probe in a container; must succeed silently.
  Report exec(const std::string& id, std::vector<std::string> verbs,
              std::vector<std::string> options = {});

  // The id is not deleted at the end of the test.
  void forget(const std::string& id);
  // A runtime that was killed cannot reap what it forked.
  void expect_orphans() { orphans_expected_ = true; }
  // Compares with the start of the test; fails it on any difference. True when nothing was left.
  bool expect_nothing_left();
  // Kills and removes whatever is left, so that a failure does not spoil what is tested next.
  void sweep();

 private:
  void reap_orphans();
  std::filesystem::path work_;
  Places places_;
  Inventory before_;
  std::vector<std::unique_ptr<Bundle>> bundles_;
  Bundle* default_bundle_ = nullptr;
  std::vector<std::string> ids_;
  bool orphans_expected_ = false;
  int next_log_ = 0;
  int next_id_ = 0;
};

// Exit status 0, nothing on standard error, an empty or absent log.
void expect_success(const Outcome& outcome);
// The contract of every failure: this exit status, the sentence with `text` in it on standard
// error and as the only line of the JSON log, nothing on standard output. Of the peers only the
// exit status and (runc) the text are asked for.
void expect_failure(const Outcome& outcome, int exit_code, std::string_view text);
// The message of the log that this outcome's command wrote; empty when there is none.
std::string logged_message(const Outcome& outcome);

}  // namespace nacre::test
