#include "tests/bench/cases.h"

#include <sys/mount.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace nacre::bench {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
using Words = std::vector<std::string>;

const Words kTrue = {"/bin/true"};
const Words kSleep = {"/bin/sleep", "1000000"};

std::string bundle_of(const Place& place, const std::string& name) { return place.work / name; }

bool everybody(const Contender&) { return true; }
bool runtimes(const Contender& contender) { return !contender.floor; }
void nothing(const Contender&) {}

Usage launch_floor(const Place& place, const Contender& contender, Start start) {
  return run_well(contender.launch(place), start);
}

Usage run_container(const Place& place, const Contender& contender, Start start) {
  if (contender.floor) return launch_floor(place, contender, start);
  return run_well(contender.runtime(
                      place, {"run", "--bundle", bundle_of(place, contender.name), contender.name}),
                  start);
}

pid_t read_pid(const fs::path& path) {
  pid_t pid = 0;
  std::ifstream file(path);
  if (!(file >> pid) || pid <= 0) throw std::runtime_error("no pid in " + path.string());
  return pid;
}

// The container's process comes to us as to its subreaper: its end is seen at once, by nobody's
// polling.
Usage create_start_delete(const Place& place, const Contender& contender, Start start) {
  if (contender.floor) return launch_floor(place, contender, start);
  const std::string& id = contender.name;
  const fs::path pid_file = place.work / (id + ".pid");
  const Command create = contender.runtime(
      place, {"create", "--bundle", bundle_of(place, id), "--pid-file", pid_file.string(), id});
  const Command begin = contender.runtime(place, {"start", id});
  const Command end = contender.runtime(place, {"delete", id});

  const auto from = std::chrono::steady_clock::now();
  Usage usage = run_well(create, start);
  const pid_t pid = read_pid(pid_file);
  usage += run_well(begin, start);
  usage += wait_for(pid);
  usage += run_well(end, start);
  const auto taken = std::chrono::steady_clock::now() - from;
  usage.wall_us = std::chrono::duration<double, std::micro>(taken).count();
  return usage;
}

void start_sleeper(const Place& place, const Contender& contender) {
  run_well(contender.runtime(
      place, {"run", "--detach", "--bundle", bundle_of(place, contender.name), contender.name}));
}

void remove_sleeper(const Place& place, const Contender& contender) {
  run_well(contender.runtime(place, {"delete", "--force", contender.name}));
}

}  // namespace

std::vector<Case> all_cases(const Place& place, const fs::path& docker) {
  const auto write = [&place](json spec, Words args) {
    return [&place, spec = std::move(spec), args = std::move(args)](const Contender& contender) {
      if (!contender.floor) write_bundle(place, contender.name, spec, args);
    };
  };
  const auto one_run = [&place](const Contender& c, Start s) { return run_container(place, c, s); };
  const auto lifecycle = [&place](const Contender& c, Start s) {
    return create_start_delete(place, c, s);
  };
  std::vector<Case> cases;
  cases.push_back({"run", "`run` of `true`, all namespaces", everybody, write(plain_spec(), kTrue),
                   one_run, nothing});
  cases.push_back({"lifecycle", "`create`, `start`, end, `delete` of the same", everybody,
                   write(plain_spec(), kTrue), lifecycle, nothing});
  cases.push_back({"docker-run", "`run` with Docker's default spec", runtimes,
                   write(docker_spec(docker), kTrue), one_run, nothing});
  cases.push_back({"docker-lifecycle",
                   "`create`, `start`, end, `delete` with Docker's default spec", runtimes,
                   write(docker_spec(docker), kTrue), lifecycle, nothing});
  const auto begin_exec = [&place, prepare = write(plain_spec(), kSleep)](const Contender& c) {
    prepare(c);
    start_sleeper(place, c);
  };
  const auto exec_true = [&place](const Contender& c, Start s) {
    return run_well(c.runtime(place, {"exec", c.name, "/bin/true"}), s);
  };
  const auto end_exec = [&place](const Contender& c) { remove_sleeper(place, c); };
  cases.push_back({"exec", "`exec` of `true` in a running container", runtimes, begin_exec,
                   exec_true, end_exec});
  return cases;
}

Crowd::Crowd(const Place& place, const Contender& runtime, int size, bool mounts)
    : place_(place), runtime_(runtime), mounts_(mounts) {
  for (; started_ < size; ++started_) start(started_);
}

Crowd::~Crowd() {
  for (int number = 0; number < started_; ++number) {
    static_cast<void>(run(runtime_.runtime(place_, {"delete", "--force", id(number)})));
    if (mounts_) umount2((place_.work / id(number) / "rootfs").c_str(), MNT_DETACH);
  }
}

std::string Crowd::id(int number) const { return "crowd-" + std::to_string(number); }

void Crowd::start(int number) {
  Place own = place_;
  const fs::path bundle = place_.work / id(number);
  if (mounts_) {
    own.rootfs = bundle / "rootfs";
    for (const char* part : {"upper", "work", "rootfs"}) fs::create_directories(bundle / part);
    const std::string options = "lowerdir=" + place_.rootfs.string() +
                                ",upperdir=" + (bundle / "upper").string() +
                                ",workdir=" + (bundle / "work").string();
    if (mount("overlay", own.rootfs.c_str(), "overlay", 0, options.c_str()) != 0) {
      throw std::system_error(errno, std::generic_category(), "mount an overlay");
    }
  }
  write_bundle(own, id(number), plain_spec(), kSleep);
  run_well(runtime_.runtime(place_, {"run", "--detach", "--bundle", bundle, id(number)}));
}

}  // namespace nacre::bench
