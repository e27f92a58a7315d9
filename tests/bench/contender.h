// Who takes part: OCI runtimes, all driven by the same command line, and the kernel floor program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/bundle.h"
#include "tests/bench/process.h"

namespace nacre::bench {

struct Contender {
  std::string name;
  std::filesystem::path program;
  std::vector<std::string> options;  // of the program, for every call
  bool floor = false;

  // A runtime's command: <program> --root <its own folder> <words>.
  [[nodiscard]] Command runtime(const Place& place, std::vector<std::string> words) const;
  // The floor program's.
  [[nodiscard]] Command launch(const Place& place) const;
};

// "name=/path/to/program [option ...]". A name that begins with "floor" is the floor program's.
Contender parse_contender(const std::string& text);

// What `--version` says first; for the floor program what it is.
std::string version_of(const Contender& contender);

}  // namespace nacre::bench
