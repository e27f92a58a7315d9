// Measures whole commands beside each other, round by round.
//   nacre-bench-commands [--rounds N] [--warm-up N] [--format text|json] --what TEXT NAME=FOLDER
//   ...
// A FOLDER has the executables `prepare` (may be missing), `measure` and `finish` (may be missing);
// only `measure` is timed. The first contender is the one that the others are compared with. The
// processor time and the memory are those of `measure` and what it waited for: not those of a
// daemon behind it.
#include <getopt.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <stdexcept>

#include "tests/bench/report.h"
#include "tests/bench/rounds.h"

namespace nacre::bench {
namespace {

namespace fs = std::filesystem;

struct Options {
  int rounds = 5;
  int warm_up = 1;
  bool json = false;
  std::string what;
  std::vector<Contender> contenders;
};

int parse_number(const std::string& text) {
  std::size_t used = 0;
  const int value = std::stoi(text, &used);
  if (used != text.size() || value < 1) throw std::runtime_error("not a number of rounds: " + text);
  return value;
}

Options parse_options(int argc, char** argv) {
  static const option kLong[] = {{"rounds", required_argument, nullptr, 'n'},
                                 {"warm-up", required_argument, nullptr, 'w'},
                                 {"format", required_argument, nullptr, 'f'},
                                 {"what", required_argument, nullptr, 't'},
                                 {nullptr, 0, nullptr, 0}};
  Options options;
  for (int key = 0; (key = getopt_long(argc, argv, "", kLong, nullptr)) != -1;) {
    switch (key) {
      case 'n':
        options.rounds = parse_number(optarg);
        break;
      case 'w':
        options.warm_up = parse_number(optarg);
        break;
      case 'f':
        options.json = std::string(optarg) == "json";
        break;
      case 't':
        options.what = optarg;
        break;
      default:
        throw std::runtime_error("see the head of tests/bench/commands.cc");
    }
  }
  for (int i = optind; i < argc; ++i) options.contenders.push_back(parse_contender(argv[i]));
  if (options.contenders.empty()) throw std::runtime_error("nobody to measure");
  return options;
}

void run_if_there(const fs::path& program) {
  if (fs::exists(program)) run_well({program.string()});
}

Usage measure(const Contender& contender, Start start) {
  run_if_there(contender.program / "prepare");
  // What was written before is not this one's to wait for.
  ::sync();
  const Usage usage = run_well({(contender.program / "measure").string()}, start);
  run_if_there(contender.program / "finish");
  return usage;
}

Result measure_all(const Options& options) {
  Result result{.name = "commands", .what = options.what, .crowd = 0, .series = {}};
  for (const Contender& one : options.contenders) result.series.push_back({one.name, {}, {}, {}});
  play_rounds(options.contenders, options.rounds, options.warm_up, measure, result);
  return result;
}

}  // namespace
}  // namespace nacre::bench

int main(int argc, char** argv) {
  using namespace nacre::bench;
  try {
    const Options options = parse_options(argc, argv);
    const auto report = to_json({measure_all(options)}, describe_surroundings({}));
    const std::string text = options.json ? report.dump() + "\n" : to_table(report);
    return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
  } catch (const std::exception& error) {
    static_cast<void>(std::fprintf(stderr, "nacre-bench-commands: %s\n", error.what()));
    return 1;
  }
}
