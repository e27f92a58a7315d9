// The driver of tests/bench/run: measures contenders beside each other, round by round.
#include <fcntl.h>
#include <getopt.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "tests/bench/cases.h"
#include "tests/bench/memory_floor.h"
#include "tests/bench/report.h"
#include "tests/bench/rounds.h"

namespace nacre::bench {
namespace {

constexpr const char* kUsage =
    "usage: nacre-bench [options] NAME=PROGRAM ...\n"
    "  --case NAME        run, lifecycle, docker-run, docker-lifecycle, exec; again for more "
    "(all)\n"
    "  --memory-floor     instead: the smallest memory limit in which a container starts\n"
    "  --write-bundles    instead: only writes what the cases use, below --work\n"
    "  --rounds N         measured rounds (100)\n"
    "  --warm-up N        rounds before them, from which the peak memory is taken (5)\n"
    "  --crowd N          N sleeping containers run beside what is measured (0)\n"
    "  --crowd-mounts     each of them has an overlay in the host's mount table\n"
    "  --no-device-rules  no linux.resources.devices in any bundle\n"
    "  --work FOLDER      on a tmpfs, for bundles and state\n"
    "  --rootfs FOLDER    with /bin/true and /bin/sleep\n"
    "  --cgroup FOLDER    the directory of the cgroup /bench\n"
    "  --docker-spec FILE a config.json as Docker writes it\n"
    "  --format text|json (text)\n"
    "  --enter FOLDER     make it the root first (after pivot_root); the other paths are those "
    "inside\n"
    "The first contender is the one that the others are compared with; names beginning with "
    "\"floor\" are\n"
    "programs that are called like nacre-bench-floor.\n";

struct Options {
  std::vector<std::string> cases;
  bool memory_floor = false;
  bool write_bundles = false;
  int rounds = 100;
  int warm_up = 5;
  int crowd = 0;
  bool crowd_mounts = false;
  Place place;
  std::string docker_spec;
  std::string enter;
  bool json = false;
  std::vector<Contender> contenders;
};

int parse_number(const char* text) {
  char* end = nullptr;
  const long value = strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < 0 || value > 1'000'000) {
    throw std::runtime_error(std::string("not a number: ") + text);
  }
  return static_cast<int>(value);
}

void check(const Options& options) {
  if (options.write_bundles) return;
  if (options.contenders.empty() || options.contenders.front().floor) {
    throw std::runtime_error("the first contender must be a runtime");
  }
  if (options.rounds < 1 || options.warm_up < 1) throw std::runtime_error("no rounds, no numbers");
  if (options.place.work.empty() || options.place.rootfs.empty() || options.place.cgroup.empty() ||
      options.docker_spec.empty()) {
    throw std::runtime_error("--work, --rootfs, --cgroup and --docker-spec are needed");
  }
}

void require(bool done, const std::string& what) {
  if (!done) throw std::system_error(errno, std::generic_category(), what);
}

// `root` is a mount point. Nothing of the old root stays in the mount table that containers copy.
void enter(const std::string& root) {
  const int old_root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  require(old_root >= 0 && chdir(root.c_str()) == 0, root);
  require(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root to " + root);
  require(fchdir(old_root) == 0 && umount2(".", MNT_DETACH) == 0, "unmount the old root");
  require(chdir("/") == 0, "/");
  close(old_root);
}

Options parse_options(int argc, char** argv) {
  static const option kLong[] = {{"case", required_argument, nullptr, 'c'},
                                 {"memory-floor", no_argument, nullptr, 'm'},
                                 {"rounds", required_argument, nullptr, 'n'},
                                 {"warm-up", required_argument, nullptr, 'w'},
                                 {"crowd", required_argument, nullptr, 'k'},
                                 {"crowd-mounts", no_argument, nullptr, 'K'},
                                 {"work", required_argument, nullptr, 'd'},
                                 {"rootfs", required_argument, nullptr, 'r'},
                                 {"cgroup", required_argument, nullptr, 'g'},
                                 {"docker-spec", required_argument, nullptr, 's'},
                                 {"format", required_argument, nullptr, 'f'},
                                 {"help", no_argument, nullptr, 'h'},
                                 {"no-device-rules", no_argument, nullptr, 'D'},
                                 {"write-bundles", no_argument, nullptr, 'b'},
                                 {"enter", required_argument, nullptr, 'e'},
                                 {nullptr, 0, nullptr, 0}};
  Options options;
  for (int key = 0; (key = getopt_long(argc, argv, "h", kLong, nullptr)) != -1;) {
    switch (key) {
      case 'c':
        options.cases.emplace_back(optarg);
        break;
      case 'm':
        options.memory_floor = true;
        break;
      case 'b':
        options.write_bundles = true;
        break;
      case 'D':
        options.place.device_rules = false;
        break;
      case 'n':
        options.rounds = parse_number(optarg);
        break;
      case 'w':
        options.warm_up = parse_number(optarg);
        break;
      case 'k':
        options.crowd = parse_number(optarg);
        break;
      case 'K':
        options.crowd_mounts = true;
        break;
      case 'd':
        options.place.work = optarg;
        break;
      case 'r':
        options.place.rootfs = optarg;
        break;
      case 'g':
        options.place.cgroup = optarg;
        break;
      case 's':
        options.docker_spec = optarg;
        break;
      case 'f':
        options.json = std::string(optarg) == "json";
        break;
      case 'e':
        options.enter = optarg;
        break;
      case 'h':
        static_cast<void>(fputs(kUsage, stdout));
        exit(0);
      default:
        throw std::runtime_error("see --help");
    }
  }
  if (!options.enter.empty()) enter(options.enter);
  for (int i = optind; i < argc; ++i) options.contenders.push_back(parse_contender(argv[i]));
  check(options);
  return options;
}

Result run_case(const Case& one, const Options& options) {
  std::vector<Contender> contenders;
  std::ranges::copy_if(options.contenders, std::back_inserter(contenders), one.takes_part);
  Result result{one.name, one.what, options.crowd, {}};
  for (const Contender& contender : contenders) {
    result.series.push_back({contender.name, {}, {}, {}});
    one.prepare(contender);
  }
  play_rounds(contenders, options.rounds, options.warm_up, one.measure, result);
  for (const Contender& contender : contenders) one.finish(contender);
  return result;
}

std::vector<Result> run_cases(const Options& options) {
  std::vector<Result> results;
  for (const Case& one : all_cases(options.place, options.docker_spec)) {
    const bool wanted = options.cases.empty() || std::ranges::count(options.cases, one.name) > 0;
    if (wanted) results.push_back(run_case(one, options));
  }
  if (results.size() < options.cases.size())
    throw std::runtime_error("an unknown case was asked for");
  return results;
}

void bench(const Options& options) {
  if (options.write_bundles) {
    write_bundle(options.place, "plain", plain_spec(), {"/bin/true"});
    write_bundle(options.place, "docker", docker_spec(options.docker_spec), {"/bin/true"});
    return;
  }
  // Containers that `create` leaves come to this process.
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  mkdir(options.place.cgroup.c_str(), 0755);
  const nlohmann::json surroundings = describe_surroundings(options.contenders);
  if (options.memory_floor) {
    const auto floors = find_memory_floors(options.place, options.contenders);
    printf("%s", options.json ? floors.dump(2).c_str() : memory_floor_text(floors).c_str());
    return;
  }
  std::optional<Crowd> crowd;
  if (options.crowd > 0) {
    crowd.emplace(options.place, options.contenders.front(), options.crowd, options.crowd_mounts);
  }
  const nlohmann::json report = to_json(run_cases(options), surroundings);
  printf("%s\n", options.json ? report.dump(2).c_str() : to_text(report).c_str());
}

}  // namespace
}  // namespace nacre::bench

int main(int argc, char** argv) {
  try {
    nacre::bench::bench(nacre::bench::parse_options(argc, argv));
  } catch (const std::exception& error) {
    static_cast<void>(fprintf(stderr, "nacre-bench: %s\n", error.what()));
    return 1;
  }
  return 0;
}
