#include "runtime/seccomp/emit.h"

#include <linux/seccomp.h>

#include <cstddef>
#include <ranges>
#include <span>

#include "runtime/seccomp/assembler.h"

namespace nacre::seccomp {
namespace {

constexpr std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}
constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

// One range, or several with the same verdict and single numbers between them: one comparison for
// such a number where the search would need two. Ranges 0, 2, 4 are alike, 1 and 3 are the single
// numbers.
using Stretch = std::span<const Range>;
constexpr std::size_t kMaxExceptions = 2;  // they are tried one after the other

bool is_exception(std::span<const Range> ranges, std::size_t i, const Range& base) {
  return i + 1 < ranges.size() && ranges[i + 1].first == ranges[i].first + 1 &&
         base.rules == nullptr && ranges[i + 1].rules == nullptr &&
         ranges[i + 1].verdict == base.verdict;
}

std::vector<Stretch> group(std::span<const Range> ranges) {
  std::vector<Stretch> stretches;
  stretches.reserve(ranges.size());
  for (std::size_t first = 0, end = 0; first < ranges.size(); first = end) {
    end = first + 1;
    while (end - first < 2 * kMaxExceptions && is_exception(ranges, end, ranges[first])) end += 2;
    stretches.push_back(ranges.subspan(first, end - first));
  }
  return stretches;
}

// Reads from the end, as the assembler writes: the last test first.
class Emitter {
 public:
  Emitter(Assembler& out, Verdict default_action)
      : out_(out), default_(Assembler::verdict(default_action)) {}

  Target line(const ArchLine& line) {
    big_endian_ = line.is_big_endian;
    return out_.load_word(offsetof(seccomp_data, nr), search(group(line.ranges)));
  }

 private:
  Target search(std::span<const Stretch> stretches) {
    if (stretches.size() == 1) return stretch(stretches.front());
    const std::size_t middle = stretches.size() / 2;
    const Target above = search(stretches.subspan(middle));
    const Target below = search(stretches.first(middle));
    return out_.jump_if(BPF_JGE, stretches[middle].front().first, above, below);
  }

  Target stretch(Stretch ranges) {
    Target target = leaf(ranges.front());
    for (std::size_t i = ranges.size() - 1; i > 0; i -= 2) {
      target = out_.jump_if(BPF_JEQ, ranges[i - 1].first, leaf(ranges[i - 1]), target);
    }
    return target;
  }

  Target leaf(const Range& range) {
    if (range.rules == nullptr) return Assembler::verdict(range.verdict);
    Target otherwise = default_;
    for (const Rule& rule : *range.rules | std::views::reverse) {
      otherwise = this->rule(rule, range.is_64bit, otherwise);
    }
    return otherwise;
  }

  Target rule(const Rule& rule, bool is_64bit, Target otherwise) {
    Target holds = Assembler::verdict(rule.verdict);
    for (const Condition& condition : rule.conditions | std::views::reverse) {
      holds = condition.negated ? test(condition, is_64bit, otherwise, holds)
                                : test(condition, is_64bit, holds, otherwise);
    }
    return holds;
  }

  Target test(const Condition& condition, bool is_64bit, Target yes, Target no) {
    using enum Condition::Test;
    switch (condition.test) {
      case kEqual:
      case kMaskedEqual:
        return equal(condition, is_64bit, yes, no);
      case kGreater:
        return greater(BPF_JGT, condition, is_64bit, yes, no);
      case kGreaterEqual:
        return greater(BPF_JGE, condition, is_64bit, yes, no);
    }
    return no;
  }

  Target equal(const Condition& condition, bool is_64bit, Target yes, Target no) {
    const std::uint64_t mask = condition.mask;
    if (low(mask) != 0) {
      yes = half_equal(low_half(condition), low(mask), low(condition.value), yes, no);
    }
    if (is_64bit && high(mask) != 0) {
      yes = half_equal(high_half(condition), high(mask), high(condition.value), yes, no);
    }
    return yes;
  }

  Target half_equal(std::uint32_t offset, std::uint32_t mask, std::uint32_t value, Target yes,
                    Target no) {
    if (mask == ~0U) return out_.load_word(offset, out_.jump_if(BPF_JEQ, value, yes, no));
    if (value == 0) return out_.load_word(offset, out_.jump_if(BPF_JSET, mask, no, yes));
    return out_.load_word(offset, out_.mask(mask, out_.jump_if(BPF_JEQ, value, yes, no)));
  }

  Target greater(std::uint16_t low_test, const Condition& condition, bool is_64bit, Target yes,
                 Target no) {
    const Target by_low =
        out_.load_word(low_half(condition), out_.jump_if(low_test, low(condition.value), yes, no));
    if (!is_64bit) return by_low;
    const Target same_high = out_.jump_if(BPF_JEQ, high(condition.value), by_low, no);
    return out_.load_word(high_half(condition),
                          out_.jump_if(BPF_JGT, high(condition.value), yes, same_high));
  }

  [[nodiscard]] std::uint32_t low_half(const Condition& condition) const {
    return argument(condition) + (big_endian_ ? 4 : 0);
  }
  [[nodiscard]] std::uint32_t high_half(const Condition& condition) const {
    return argument(condition) + (big_endian_ ? 0 : 4);
  }
  static std::uint32_t argument(const Condition& condition) {
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) +
                                      condition.arg * sizeof(seccomp_data::args[0]));
  }

  Assembler& out_;
  Target default_;
  bool big_endian_ = false;
};

}  // namespace

std::vector<sock_filter> emit(const std::vector<ArchLine>& lines, Verdict default_action) {
  Assembler assembler;
  Emitter emitter(assembler, default_action);
  Target entry = Assembler::verdict(kBadArch);
  for (const ArchLine& line : lines | std::views::reverse) {
    entry = assembler.jump_if(BPF_JEQ, line.audit_arch, emitter.line(line), entry);
  }
  return assembler.finish(assembler.load_word(offsetof(seccomp_data, arch), entry));
}

}  // namespace nacre::seccomp
