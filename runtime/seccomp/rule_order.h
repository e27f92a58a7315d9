// Several conditional rules for one system call: which of them decides.
//
// OCI does not say; runc inherits what libseccomp does, and so do we. The first rule that holds
// decides, in this order: conditions of later arguments first, equality before "less" before
// "greater", among equals the tighter bound first (the larger value; for "less" the smaller),
// compared half by half of the 64-bit value. A rule whose conditions begin like all conditions of a
// shorter, earlier rule adds nothing. Two rules with the same conditions and different verdicts, or
// a shorter one after a longer one with another verdict, contradict each other: libseccomp refuses
// them.
//
// Rules of one verdict (all of Docker's and Podman's are) do not depend on the order at all.
//
// Where libseccomp 2.5.4 is wrong we are not: it shares the tails of rules when it merges them, so
// that with `a0 != 5 && a1 == 1` and `a0 != 10 && a1 == 2` it lets (10, 2) through; and for NE, LT,
// LE of different verdicts on the same argument the upper half may decide by the order of listing.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/seccomp/profile.h"

namespace nacre::seccomp {

struct Rule {
  Conjunction conditions;
  Verdict verdict = 0;
};

class RuleOrder {
 public:
  explicit RuleOrder(bool is_64bit) : is_64bit_(is_64bit) {}

  // False when the rule contradicts an earlier one. `conditions` is not empty.
  [[nodiscard]] bool add(Conjunction conditions, Verdict verdict);
  [[nodiscard]] bool empty() const { return rules_.empty(); }
  // The rules that count, in the order in which they are tried.
  [[nodiscard]] std::vector<Rule> in_order() const;

 private:
  // A 32-bit comparison, as libseccomp stores it: the unit of its order.
  struct Half {
    unsigned place = 0;       // argument * 2, plus 1 for the upper half
    unsigned precedence = 0;  // of the operator: 3 equality, 2 less, 1 greater
    Condition::Test test = Condition::Test::kEqual;
    std::uint32_t value = 0;
    std::uint32_t mask = 0;
    bool outcome = true;  // the result of the test with which the rule goes on
  };
  struct Branch {
    std::vector<std::size_t> nodes;  // in order
    int rule = -1;                   // ends here; then there are no nodes
  };
  struct Node {
    Half half;
    std::array<Branch, 2> branches;  // by outcome
  };

  static bool is_same(const Half& a, const Half& b);
  static bool goes_before(const Half& a, const Half& b);
  static void append_halves(std::vector<Half>& path, const Condition& condition, bool is_64bit);
  std::size_t descend(std::size_t parent, bool outcome, const Half& half);
  Branch& branch_of(std::size_t node, bool outcome) { return nodes_[node].branches[outcome]; }
  [[nodiscard]] bool all_say(const Branch& branch, Verdict verdict) const;
  void collect(const Branch& branch, std::vector<Rule>& out) const;

  bool is_64bit_;
  std::vector<Node> nodes_ = {Node{}};  // [0] is the root; its branch 1 is the first level
  std::vector<Rule> rules_;
};

}  // namespace nacre::seccomp
