#include "tests/integration/callers/podman.h"

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

std::string with_path(std::string text, const std::string& path) {
  const std::string shipped = "/usr/local/bin/nacre-runtime";
  const auto at = text.find(shipped);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, shipped.size(), path);
}

}  // namespace

void PodmanTest::start_engine() {
  const fs::path settings = home() / "settings";
  fs::create_directories(settings / "containers.conf.d");
  write_text(settings / "policy.json", R"({"default": [{"type": "insecureAcceptAnything"}]})");
  // The drop-in that is shipped, with the place of the runtime under test.
  write_text(settings / "containers.conf.d/nacre-runtime.conf",
             with_path(read_text(NACRE_SOURCE_DIR "/contrib/containers.conf.d/nacre-runtime.conf"),
                       runtime_path()));
  std::string own = "[engine]\nevents_logger = \"file\"\ncgroup_manager = \"cgroupfs\"\n";
  // Podman limits the number of processes unless it is told not to.
  if (!has_controller("pids")) own += "[containers]\npids_limit = 0\n";
  write_text(settings / "containers.conf.d/tests.conf", own);
  shelter().lay_over(settings, "/etc/containers");
  const Outcome loaded = ask(Transcript("runc"), {"load", "--quiet", "--input", image_archive()});
  ASSERT_TRUE(loaded.ok()) << describe(loaded);
}

std::vector<fs::path> PodmanTest::state_folders() const { return {"/run/" + runtime_name()}; }

bool PodmanTest::is_engines_own(const std::string& path) const {
  return path == (home() / "root/overlay").string() || path.ends_with("/conmon");
}

Command PodmanTest::podman(const Transcript& transcript, const Strings& args) const {
  return command(Strings{"podman", "--root", home() / "root", "--runroot", home() / "runroot",
                         "--tmpdir", home() / "libpod", "--network-config-dir", home() / "networks",
                         "--storage-driver", "overlay", "--runtime",
                         transcript.runtime() == "runc" ? "runc" : "nacre-runtime"} +
                 args);
}

Command PodmanTest::run(const Transcript& transcript, const Strings& options,
                        const Strings& argv) const {
  // Podman raises limits by default, which needs CAP_SYS_RESOURCE.
  return podman(transcript, Strings{"run", "--network=none", "--ulimit=host",
                                    "--cgroup-parent=" + cgroup_parent()} +
                                options + Strings{kImage} + argv);
}

void PodmanTest::start_service(Transcript& transcript, const Strings& options,
                               const Strings& argv) const {
  const Outcome started =
      run(transcript, Strings{"--detach", "--name=service"} + options, argv).run();
  EXPECT_TRUE(started.ok()) << describe(started);
  Pipe pipe = make_pipe();
  const Running following =
      podman(transcript, {"logs", "--follow", "service"}).stdout_fd(pipe.write.get()).start();
  pipe.write.reset();
  Reader(std::move(pipe.read)).until("ready");
}

std::string PodmanTest::inspect(const Transcript& transcript, const std::string& format) const {
  const Outcome outcome = ask(transcript, {"inspect", "--format", format, "service"});
  EXPECT_TRUE(outcome.ok()) << describe(outcome);
  return outcome.out.substr(0, outcome.out.find('\n'));
}

}  // namespace nacre::test
