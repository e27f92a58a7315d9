#include "runtime/seccomp/assembler.h"

#include <algorithm>

namespace nacre::seccomp {
namespace {

constexpr std::uint32_t kReach = 255;  // sock_filter's jt and jf
// A jump may write up to two stand-ins between itself and what lies behind.
constexpr std::uint32_t kStandIns = 2;

sock_filter statement(unsigned code, std::uint32_t k) {
  return {static_cast<std::uint16_t>(code), 0, 0, k};
}

}  // namespace

Target Assembler::push(sock_filter instruction) {
  backwards_.push_back(instruction);
  return {false, static_cast<std::uint32_t>(backwards_.size() - 1)};
}

bool Assembler::is_near(std::uint32_t position) const {
  return backwards_.size() + kStandIns - position - 1 <= kReach;
}

// The same target as an instruction within reach of the next two that are written.
Target Assembler::place(Target target) {
  if (!target.returns) {
    if (is_near(target.value)) return target;
    const auto distance = static_cast<std::uint32_t>(backwards_.size()) - target.value - 1;
    return push(statement(BPF_JMP | BPF_JA, distance));
  }
  auto known = std::ranges::find(returns_, target.value, &decltype(returns_)::value_type::first);
  if (known != returns_.end() && is_near(known->second)) return {false, known->second};
  const Target copy = push(statement(BPF_RET | BPF_K, target.value));
  if (known == returns_.end()) {
    returns_.emplace_back(target.value, copy.value);
  } else {
    known->second = copy.value;
  }
  return copy;
}

std::uint8_t Assembler::offset_to(Target target) const {
  return static_cast<std::uint8_t>(backwards_.size() - target.value - 1);
}

Target Assembler::jump_if(std::uint16_t test, std::uint32_t k, Target yes, Target no) {
  if (yes == no) return yes;
  yes = place(yes);
  no = place(no);
  const auto code = static_cast<std::uint16_t>(BPF_JMP | BPF_K | test);
  return push({code, offset_to(yes), offset_to(no), k});
}

// Whatever is written now falls through into the instruction written last: that has to be `target`.
void Assembler::make_next(Target target) {
  if (target.returns) {
    push(statement(BPF_RET | BPF_K, target.value));
  } else if (target.value + 1 != backwards_.size()) {
    const auto distance = static_cast<std::uint32_t>(backwards_.size()) - target.value - 1;
    push(statement(BPF_JMP | BPF_JA, distance));
  }
}

Target Assembler::load_word(std::uint32_t offset, Target next) {
  make_next(next);
  return push(statement(BPF_LD | BPF_W | BPF_ABS, offset));
}

Target Assembler::mask(std::uint32_t k, Target next) {
  make_next(next);
  return push(statement(BPF_ALU | BPF_AND | BPF_K, k));
}

std::vector<sock_filter> Assembler::finish(Target entry) {
  make_next(entry);
  std::ranges::reverse(backwards_);
  return std::move(backwards_);
}

}  // namespace nacre::seccomp
