#include "tests/integration/callers/docker.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

// Debian's own: another one in $PATH may not speak with a daemon of this age.
constexpr const char* kClient = "/usr/bin/docker";

std::string runtime_option(const Transcript& transcript) {
  return transcript.runtime() == "runc" ? "--runtime=runc" : "--runtime=nacre";
}

}  // namespace

Strings DockerTest::needed_programs() const {
  return {"dockerd", "containerd", "containerd-shim-runc-v2", "docker"};
}

void DockerTest::start_engine() {
  // The example that is shipped, with the places of this test.
  json config = json::parse(read_text(NACRE_SOURCE_DIR "/contrib/docker/daemon.json"));
  config["runtimes"]["nacre"]["path"] = runtime_path();
  config["hosts"] = {"unix://" + (home() / "docker.sock").string()};
  config["data-root"] = home() / "data";
  config["exec-root"] = home() / "exec";
  config["pidfile"] = home() / "docker.pid";
  config["deprecated-key-path"] = home() / "key.json";
  config["cgroup-parent"] = cgroup_parent();
  config["storage-driver"] = "overlay2";
  config["bridge"] = "none";
  config["iptables"] = false;
  config["ip-forward"] = false;
  write_text(home() / "daemon.json", config.dump());
  daemon_ =
      std::make_unique<Daemon>(Strings{"dockerd", "--config-file", home() / "daemon.json"}, home());
  const Outcome loaded = ask({"load", "--quiet", "--input", image_archive()});
  ASSERT_TRUE(loaded.ok()) << describe(loaded);
}

std::vector<fs::path> DockerTest::state_folders() const {
  return {home() / "exec/runtime-nacre/moby", "/run/docker/runtime-nacre/moby",
          "/var/run/docker/runtime-nacre/moby"};
}

bool DockerTest::is_engines_own(const std::string& path) const {
  return path.find("/netns/") != std::string::npos || path == (home() / "data").string();
}

Command DockerTest::docker(const Strings& args) const {
  return command(Strings{kClient, "--host", "unix://" + (home() / "docker.sock").string()} + args);
}

Command DockerTest::run(const Transcript& transcript, const Strings& options,
                        const Strings& argv) const {
  return docker(Strings{"run", "--rm", runtime_option(transcript), "--network=none"} + options +
                Strings{kImage} + argv);
}

std::string DockerTest::start_service(Transcript& transcript, const Strings& options,
                                      const Strings& argv) {
  const std::string name = "service";
  const Outcome started =
      ask(Strings{"run", "--detach", "--name", name, runtime_option(transcript), "--network=none"} +
          options + Strings{kImage} + argv);
  EXPECT_TRUE(started.ok()) << describe(started);
  wait_for_log(name, "ready");
  return name;
}

std::string DockerTest::inspect(const std::string& container, const std::string& format) const {
  const Outcome outcome = ask({"inspect", "--format", format, container});
  EXPECT_TRUE(outcome.ok()) << describe(outcome);
  return outcome.out.substr(0, outcome.out.find('\n'));
}

std::string DockerTest::wait_for_log(const std::string& container, const std::string& text) const {
  Pipe pipe = make_pipe();
  const Running following =
      docker({"logs", "--follow", container}).stdout_fd(pipe.write.get()).start();
  pipe.write.reset();
  return Reader(std::move(pipe.read)).until(text);
}

}  // namespace nacre::test
