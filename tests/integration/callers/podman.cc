#include "tests/integration/callers/podman.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

std::string with_path(std::string text, const std::string& path) {
  const std::string shipped = "/usr/local/bin/nacre-runtime";
  const auto at = text.find(shipped);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, shipped.size(), path);
}

// One that is still running of what Podman has started, if any.
UniqueFd find_process() {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::error_code absent;
    if (!fs::exists(entry.path() / "comm", absent)) continue;
    const std::string name = read_text(entry.path() / "comm");
    if (name != "conmon\n" && name != "podman\n") continue;
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd) return pidfd;
  }
  return {};
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

// conmon starts podman once more when a container or an exec ends, and nobody waits for that.
void PodmanTest::stop_engine() {
  for (UniqueFd pidfd = find_process(); pidfd; pidfd = find_process()) {
    ASSERT_TRUE(wait_for_end(pidfd.get())) << "conmon or podman does not end";
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

std::vector<fs::path> PodmanTest::state_folders() const { return {"/run/" + runtime_name()}; }

bool PodmanTest::is_engines_own(const std::string& path) const {
  return path == (home() / "root/overlay").string() || path.ends_with("/conmon");
}

Command PodmanTest::podman(const Transcript& transcript, Strings args) const {
  return command(Strings{"podman", "--root", home() / "root", "--runroot", home() / "runroot",
                         "--tmpdir", home() / "libpod", "--network-config-dir", home() / "networks",
                         "--storage-driver", "overlay", "--runtime",
                         transcript.runtime() == "runc" ? "runc" : "nacre-runtime"} +
                 args);
}

Command PodmanTest::run(const Transcript& transcript, Strings options, Strings argv) const {
  // Podman raises limits by default, which needs CAP_SYS_RESOURCE.
  return podman(transcript, Strings{"run", "--network=none", "--ulimit=host",
                                    "--cgroup-parent=" + cgroup_parent()} +
                                options + Strings{kImage} + argv);
}

void PodmanTest::start_service(Transcript& transcript, Strings options, Strings argv) const {
  const Outcome started =
      run(transcript, Strings{"--detach", "--name=service"} + options, std::move(argv)).run();
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
