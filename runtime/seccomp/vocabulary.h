// OCI's words for actions, comparisons and flags, and what they stand for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nacre::seccomp {

// A verdict is a SECCOMP_RET_* value, data included: what the program returns.
using Verdict = std::uint32_t;

enum class Comparison : std::uint8_t {
  kNotEqual,
  kLess,
  kLessEqual,
  kEqual,
  kGreaterEqual,
  kGreater,
  kMaskedEqual,
};

// Without data: `takes_errno` actions carry a number in their low 16 bits.
struct Action {
  Verdict verdict = 0;
  bool takes_errno = false;
};

std::optional<Action> find_action(std::string_view word);
std::optional<Comparison> find_operator(std::string_view word);
// The SECCOMP_FILTER_FLAG_* bit; 0 for TSYNC, which changes nothing for a process of one thread.
std::optional<std::uint32_t> find_flag(std::string_view word);

}  // namespace nacre::seccomp
