// What is measured. A case prepares for all contenders, is then measured round by round, and cleans
// up.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/bench/contender.h"

namespace nacre::bench {

struct Case {
  std::string name;
  std::string what;  // for the reader of the table
  std::function<bool(const Contender&)> takes_part;
  std::function<void(const Contender&)> prepare;
  std::function<Usage(const Contender&, Start)> measure;
  std::function<void(const Contender&)> finish;
};

// `place` must outlive them. `docker` is the recorded spec of docker_spec().
std::vector<Case> all_cases(const Place& place, const std::filesystem::path& docker);

// Containers that only sleep, running beside what is measured, started by one runtime. With mounts,
// each has an overlay in the host's mount table, as a container of Docker or containerd has.
class Crowd {
 public:
  Crowd(const Place& place, const Contender& runtime, int size, bool mounts);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

 private:
  void start(int number);
  [[nodiscard]] std::string id(int number) const;

  const Place& place_;
  const Contender& runtime_;
  bool mounts_;
  int started_ = 0;
};

}  // namespace nacre::bench
