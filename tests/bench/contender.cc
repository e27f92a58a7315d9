#include "tests/bench/contender.h"

#include <sstream>
#include <stdexcept>

namespace nacre::bench {

Command Contender::runtime(const Place& place, std::vector<std::string> words) const {
  Command command = {program, "--root", place.work / "state" / name};
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

Command Contender::launch(const Place& place) const {
  Command command = {program, place.rootfs, place.cgroup / name};
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

Contender parse_contender(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    throw std::runtime_error("a contender is given as NAME=PROGRAM, not " + text);
  }
  Contender contender;
  contender.name = text.substr(0, equals);
  contender.floor = contender.name.starts_with("floor");
  std::istringstream words(text.substr(equals + 1));
  std::string word;
  words >> word;
  contender.program = word;
  while (words >> word) contender.options.push_back(word);
  if (!std::filesystem::exists(contender.program)) {
    throw std::runtime_error("there is no " + contender.program.string());
  }
  return contender;
}

std::string version_of(const Contender& contender) {
  if (contender.floor) return "the kernel's own work";
  return first_line_of({contender.program, "--version"});
}

}  // namespace nacre::bench
