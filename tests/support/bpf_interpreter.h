// Runs and checks seccomp's dialect of classic BPF, so that a filter can be asked without being
// loaded.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

namespace nacre::test {

// What a filter is asked about. big_endian: the halves of args lie as on such a machine.
struct FilterInput {
  seccomp_data data{};
  bool big_endian = false;

  std::uint32_t word(std::uint32_t offset) const {
    if (offset == offsetof(seccomp_data, nr)) return static_cast<std::uint32_t>(data.nr);
    if (offset == offsetof(seccomp_data, arch)) return data.arch;
    const std::uint32_t first = offsetof(seccomp_data, args);
    if (offset < first || offset + 4 > sizeof(seccomp_data) || offset % 4 != 0) {
      throw std::runtime_error("load at offset " + std::to_string(offset));
    }
    const std::uint64_t argument = data.args[(offset - first) / 8];
    const bool second_half = (offset - first) % 8 != 0;
    return static_cast<std::uint32_t>(second_half != big_endian ? argument >> 32 : argument);
  }
};

struct FilterResult {
  std::uint32_t verdict = 0;
  unsigned steps = 0;
};

// Throws when the program does what seccomp(2) would not have accepted.
inline FilterResult run_filter(std::span<const sock_filter> filter, const FilterInput& input) {
  std::uint32_t accumulator = 0;
  FilterResult result;
  for (std::size_t pc = 0; pc < filter.size(); ++pc) {
    const sock_filter& op = filter[pc];
    ++result.steps;
    bool taken = false;
    switch (op.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        accumulator = input.word(op.k);
        continue;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= op.k;
        continue;
      case BPF_RET | BPF_K:
        result.verdict = op.k;
        return result;
      case BPF_JMP | BPF_JA:
        pc += op.k;
        continue;
      case BPF_JMP | BPF_JEQ | BPF_K:
        taken = accumulator == op.k;
        break;
      case BPF_JMP | BPF_JGT | BPF_K:
        taken = accumulator > op.k;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        taken = accumulator >= op.k;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        taken = (accumulator & op.k) != 0;
        break;
      default:
        throw std::runtime_error("instruction " + std::to_string(pc) + " has code " +
                                 std::to_string(op.code));
    }
    pc += taken ? op.jt : op.jf;
  }
  throw std::runtime_error("ran past the end");
}

// What the kernel's checker demands of a filter, as far as our dialect goes: nothing when it is
// fine, else the fault.
inline std::optional<std::string> fault_of_filter(std::span<const sock_filter> filter) {
  if (filter.empty() || filter.size() > BPF_MAXINSNS) {
    return "it has " + std::to_string(filter.size()) + " instructions";
  }
  for (std::size_t pc = 0; pc < filter.size(); ++pc) {
    const sock_filter& op = filter[pc];
    const std::string here = "instruction " + std::to_string(pc);
    const std::size_t left = filter.size() - pc - 1;
    switch (op.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (op.k % 4 != 0 || op.k >= sizeof(seccomp_data)) return here + " loads from nowhere";
        break;
      case BPF_ALU | BPF_AND | BPF_K:
      case BPF_RET | BPF_K:
        break;
      case BPF_JMP | BPF_JA:
        if (op.k >= left) return here + " jumps out";
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
      case BPF_JMP | BPF_JGT | BPF_K:
      case BPF_JMP | BPF_JGE | BPF_K:
      case BPF_JMP | BPF_JSET | BPF_K:
        if (op.jt >= left || op.jf >= left) return here + " jumps out";
        break;
      default:
        return here + " has code " + std::to_string(op.code);
    }
  }
  if (filter.back().code != (BPF_RET | BPF_K)) return "the last instruction does not return";
  return std::nullopt;
}

}  // namespace nacre::test
