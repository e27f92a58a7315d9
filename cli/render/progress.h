// Progress of several things at once, as lines: what is known, and how it looks. Pure.
//
// One bar for each that is moving:
//   4c9f1fa3a2b1  downloading [=========>          ]  12.3MB/45.6MB  8.1MB/s  4s
// Names are given by the caller; time is milliseconds of any clock that does not go back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nacre::cli {

struct BarState {
  std::string activity;     // "downloading"; what is said while nothing moves: "waiting"
  std::uint64_t done = 0;   // bytes
  std::uint64_t total = 0;  // bytes; 0: not known, and there is no bar
  bool moving = false;      // bytes are counted
  bool finished = false;
};

class Bars {
 public:
  // In the order in which they are first told of.
  void set(const std::string& name, const BarState& state, std::uint64_t now);
  // The lines of what is finished and was not taken before: they are printed once and stay.
  [[nodiscard]] std::vector<std::string> take_finished(std::size_t width);
  // What is going on; at most `rows` lines of at most `width` columns: the last one may say how
  // many there are besides.
  [[nodiscard]] std::vector<std::string> lines(std::size_t width, std::size_t rows,
                                               std::uint64_t now) const;

 private:
  // Bytes in the last seconds, so that a rate neither jumps nor remembers the day before.
  class Rate {
   public:
    void add(std::uint64_t done, std::uint64_t now);
    [[nodiscard]] std::uint64_t per_second(std::uint64_t now) const;

   private:
    struct Sample {
      std::uint64_t done, now;
    };
    std::vector<Sample> samples_;
  };
  struct Entry {
    BarState state;
    Rate rate;
    bool taken = false;
  };

  [[nodiscard]] static std::string line(const std::string& name, const Entry& entry,
                                        std::size_t width, std::uint64_t now);

  std::vector<std::string> order_;
  std::map<std::string, Entry> entries_;
};

}  // namespace nacre::cli
