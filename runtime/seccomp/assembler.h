// Classic BPF, written from the last instruction to the first.
//
// Jumps go forward only, so whoever writes backwards knows every target already. A conditional jump
// reaches 255 instructions; a farther target gets a stand-in next to the jump: another copy of a
// return, or a long jump.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace nacre::seccomp {

// Where execution goes on: a return of `value`, or an instruction written before.
struct Target {
  bool returns = true;
  std::uint32_t value =
      0;  // the verdict, or the instruction's distance from the end of the program
  bool operator==(const Target&) const = default;
};

class Assembler {
 public:
  static Target verdict(std::uint32_t value) { return {true, value}; }

  // `test` is BPF_JEQ, BPF_JGT, BPF_JGE or BPF_JSET on the accumulator and k.
  Target jump_if(std::uint16_t test, std::uint32_t k, Target yes, Target no);
  Target load_word(std::uint32_t offset, Target next);  // of struct seccomp_data
  Target mask(std::uint32_t k, Target next);            // accumulator &= k

  // The program that starts at `entry`.
  std::vector<sock_filter> finish(Target entry);

 private:
  Target push(sock_filter instruction);
  Target place(Target target);
  void make_next(Target target);
  [[nodiscard]] std::uint8_t offset_to(Target target) const;
  [[nodiscard]] bool is_near(std::uint32_t position) const;

  std::vector<sock_filter> backwards_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> returns_;  // verdict, its last copy
};

}  // namespace nacre::seccomp
