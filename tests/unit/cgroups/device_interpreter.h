// Runs a device program without loading it: the part of eBPF that the compiler emits, with the
// verifier's demands on it (no jump back or out of the program, no register read before it is set).
#pragma once

#include <linux/bpf.h>

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace nacre::test {

inline constexpr std::uint32_t kMknod = BPF_DEVCG_ACC_MKNOD;
inline constexpr std::uint32_t kRead = BPF_DEVCG_ACC_READ;
inline constexpr std::uint32_t kWrite = BPF_DEVCG_ACC_WRITE;

struct DeviceAccess {
  std::uint32_t type = BPF_DEVCG_DEV_CHAR;
  std::uint32_t access = 0;
  std::uint32_t major_number = 0;
  std::uint32_t minor_number = 0;
};

class DeviceInterpreter {
 public:
  explicit DeviceInterpreter(const std::vector<bpf_insn>& program) : program_(program) {}

  bool allows(const DeviceAccess& asked) {
    asked_ = asked;
    registers_.fill(std::nullopt);
    for (std::size_t pc = 0; pc < program_.size(); ++pc) {
      const bpf_insn& op = program_[pc];
      if (op.code == (BPF_JMP | BPF_EXIT)) return get(BPF_REG_0) != 0;
      if (BPF_CLASS(op.code) == BPF_JMP || BPF_CLASS(op.code) == BPF_JMP32) {
        if (op.off < 0) throw std::runtime_error("jump backwards");
        if (taken(op)) pc += static_cast<std::size_t>(op.off);
      } else {
        compute(op);
      }
    }
    throw std::runtime_error("ran past the end");
  }

 private:
  std::uint32_t get(unsigned reg) const {
    if (!registers_.at(reg)) throw std::runtime_error("r" + std::to_string(reg) + " is not set");
    return *registers_.at(reg);
  }

  bool taken(const bpf_insn& op) const {
    const auto value = static_cast<std::uint32_t>(op.imm);
    switch (op.code) {
      case BPF_JMP | BPF_JA:
        return true;
      case BPF_JMP32 | BPF_JEQ | BPF_K:
        return get(op.dst_reg) == value;
      case BPF_JMP32 | BPF_JNE | BPF_K:
        return get(op.dst_reg) != value;
      case BPF_JMP32 | BPF_JSET | BPF_K:
        return (get(op.dst_reg) & value) != 0;
      default:
        throw std::runtime_error("unknown jump " + std::to_string(op.code));
    }
  }

  std::uint32_t context(std::int16_t offset) const {
    switch (offset) {
      case 0:
        return asked_.type | asked_.access << 16;
      case 4:
        return asked_.major_number;
      case 8:
        return asked_.minor_number;
      default:
        throw std::runtime_error("load from nowhere");
    }
  }

  void compute(const bpf_insn& op) {
    const auto value = static_cast<std::uint32_t>(op.imm);
    auto& to = registers_.at(op.dst_reg);
    switch (op.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        if (op.src_reg != BPF_REG_1) throw std::runtime_error("load not from the context");
        to = context(op.off);
        return;
      case BPF_ALU | BPF_MOV | BPF_X:
        to = get(op.src_reg);
        return;
      case BPF_ALU | BPF_MOV | BPF_K:
        to = value;
        return;
      case BPF_ALU | BPF_AND | BPF_K:
        to = get(op.dst_reg) & value;
        return;
      case BPF_ALU | BPF_OR | BPF_X:
        to = get(op.dst_reg) | get(op.src_reg);
        return;
      case BPF_ALU | BPF_LSH | BPF_K:
        to = get(op.dst_reg) << value;
        return;
      case BPF_ALU | BPF_RSH | BPF_K:
        to = get(op.dst_reg) >> value;
        return;
      default:
        throw std::runtime_error("unknown instruction " + std::to_string(op.code));
    }
  }

  const std::vector<bpf_insn>& program_;
  DeviceAccess asked_;
  std::array<std::optional<std::uint32_t>, MAX_BPF_REG> registers_;
};

}  // namespace nacre::test
