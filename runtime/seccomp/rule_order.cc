#include "runtime/seccomp/rule_order.h"

#include <algorithm>

namespace nacre::seccomp {
namespace {

constexpr std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}
constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

bool is_equality(const Condition& condition) {
  return condition.test == Condition::Test::kEqual ||
         condition.test == Condition::Test::kMaskedEqual;
}

}  // namespace

bool RuleOrder::is_same(const Half& a, const Half& b) {
  return a.place == b.place && a.test == b.test && a.value == b.value && a.mask == b.mask;
}

bool RuleOrder::goes_before(const Half& a, const Half& b) {
  if (a.place != b.place) return a.place > b.place;
  if (a.precedence != b.precedence) return a.precedence > b.precedence;
  const bool smaller_first = a.precedence == 2;
  return smaller_first ? a.value < b.value : a.value > b.value;
}

void RuleOrder::append_halves(std::vector<Half>& path, const Condition& condition, bool is_64bit) {
  using enum Condition::Test;
  const unsigned place = condition.arg * 2U;
  const unsigned precedence = is_equality(condition) ? 3 : condition.negated ? 2 : 1;
  const bool outcome = !condition.negated;
  if (is_64bit && is_equality(condition)) {
    path.push_back(
        {place + 1, precedence, condition.test, high(condition.value), high(condition.mask), true});
  } else if (is_64bit) {
    path.push_back({place + 1, precedence, kGreater, high(condition.value), ~0U, false});
    path.push_back({place + 1, precedence, kEqual, high(condition.value), ~0U, true});
  }
  path.push_back(
      {place, precedence, condition.test, low(condition.value), low(condition.mask), outcome});
}

// The node for `half` below that branch, made at its place in the order if it is missing.
std::size_t RuleOrder::descend(std::size_t parent, bool outcome, const Half& half) {
  const std::vector<std::size_t>& level = branch_of(parent, outcome).nodes;
  std::size_t position = 0;
  for (; position < level.size(); ++position) {
    const Half& other = nodes_[level[position]].half;
    if (is_same(other, half)) return level[position];
    if (goes_before(half, other)) break;
  }
  const std::size_t made = nodes_.size();
  nodes_.push_back({half, {}});
  std::vector<std::size_t>& nodes = branch_of(parent, outcome).nodes;
  nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(position), made);
  return made;
}

bool RuleOrder::all_say(const Branch& branch, Verdict verdict) const {
  if (branch.rule >= 0 && rules_[static_cast<std::size_t>(branch.rule)].verdict != verdict) {
    return false;
  }
  return std::ranges::all_of(branch.nodes, [&](std::size_t node) {
    return all_say(nodes_[node].branches[0], verdict) && all_say(nodes_[node].branches[1], verdict);
  });
}

bool RuleOrder::add(Conjunction conditions, Verdict verdict) {
  std::vector<Half> path;
  for (const Condition& condition : conditions) append_halves(path, condition, is_64bit_);

  std::size_t node = 0;
  bool outcome = true;
  for (const Half& half : path) {
    if (branch_of(node, outcome).rule >= 0) return true;  // a shorter rule decides already
    node = descend(node, outcome, half);
    outcome = half.outcome;
  }
  Branch& end = branch_of(node, outcome);
  if (!all_say(end, verdict)) return false;
  if (end.rule >= 0) return true;
  end.nodes.clear();  // longer rules with the same verdict
  end.rule = static_cast<int>(rules_.size());
  rules_.push_back({std::move(conditions), verdict});
  return true;
}

void RuleOrder::collect(const Branch& branch, std::vector<Rule>& out) const {
  if (branch.rule >= 0) out.push_back(rules_[static_cast<std::size_t>(branch.rule)]);
  for (const std::size_t node : branch.nodes) {
    collect(nodes_[node].branches[1], out);
    collect(nodes_[node].branches[0], out);
  }
}

std::vector<Rule> RuleOrder::in_order() const {
  std::vector<Rule> out;
  collect(nodes_[0].branches[1], out);
  return out;
}

}  // namespace nacre::seccomp
