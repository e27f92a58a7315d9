#include "runtime/seccomp/resolve.h"

#include <algorithm>
#include <span>

#include "base/text.h"
#include "runtime/seccomp/syscall_numbers.h"

namespace nacre::seccomp {
namespace {

struct NamedRule {
  SyscallName name;
  const ProfileRule* rule = nullptr;
};

// One rule for one number. Sorted by number, then by the order of listing.
struct Entry {
  std::uint64_t key = 0;
  const NamedRule* named = nullptr;
  std::uint32_t call = 0;  // of a carrier: the first argument must be this; 0: a direct call
};

std::vector<NamedRule> name_rules(const std::vector<ProfileRule>& rules) {
  std::size_t count = 0;
  for (const ProfileRule& rule : rules) count += rule.names->size();
  std::vector<NamedRule> named;
  named.reserve(count);
  for (const ProfileRule& rule : rules) {
    for (const std::string& name : *rule.names) named.push_back({look_up(name), &rule});
  }
  return named;
}

std::vector<Entry> sorted_entries(const Arch& arch, const std::vector<NamedRule>& named) {
  std::vector<Entry> entries;
  entries.reserve(named.size() + 64);
  const auto add = [&](std::uint32_t number, const NamedRule& rule, std::uint32_t call) {
    entries.push_back({(std::uint64_t{number} << 32) | entries.size(), &rule, call});
  };
  for (const NamedRule& rule : named) {
    const SyscallNumbers numbers = numbers_on(arch, rule.name);
    if (numbers.carried) add(numbers.carried->number, rule, numbers.carried->call);
    if (numbers.direct) add(*numbers.direct, rule, 0);
  }
  std::ranges::sort(entries, {}, &Entry::key);
  return entries;
}

std::uint32_t number_of(const Entry& entry) { return static_cast<std::uint32_t>(entry.key >> 32); }

// The kernel takes the call as an int. (libseccomp compares all 64 bits and can be passed by on
// ppc64 and s390x.)
Condition is_call(std::uint32_t call) {
  return {.arg = 0, .test = Condition::Test::kMaskedEqual, .mask = 0xffffffffU, .value = call};
}

// As libseccomp does: on 32-bit architectures only low halves count; bits of the value outside the
// mask are dropped; what always holds is left out. socketcall(2) and ipc(2) have their call as
// first argument: a condition there gives way, and conditions on later arguments are kept although
// those arguments are something else in a carrier.
Conjunction adapt(const Conjunction& conditions, const Arch& arch, std::uint32_t call) {
  Conjunction adapted;
  adapted.reserve(conditions.size() + 1);
  if (call != 0) adapted.push_back(is_call(call));
  for (Condition condition : conditions) {
    if (call != 0 && condition.arg == 0) continue;
    if (!arch.is_64bit) condition.mask &= 0xffffffffU;
    condition.value &= condition.mask;
    if (condition.mask != 0) adapted.push_back(condition);
  }
  return adapted;
}

std::unexpected<Error> contradiction(const NamedRule& named) {
  return fail(invalid_argument(
      text::join("linux.seccomp.syscalls[", named.rule->index, "]: the rule for ",
                 text::quote(*named.name.text),
                 " contradicts an earlier one: no other conditions, another action")));
}

// All rules for one number. A rule without conditions beats all conditional ones, the first such
// beats later ones.
[[nodiscard]] Result<SyscallPolicy> settle(const Arch& arch, std::span<const Entry> entries) {
  RuleOrder order(arch.is_64bit);
  for (const Entry& entry : entries) {
    const ProfileRule& rule = *entry.named->rule;
    for (const Conjunction& alternative : rule.alternatives) {
      Conjunction conditions = adapt(alternative, arch, entry.call);
      if (conditions.empty()) return SyscallPolicy{number_of(entry), rule.verdict, {}};
      if (!order.add(std::move(conditions), rule.verdict)) return contradiction(*entry.named);
    }
  }
  return SyscallPolicy{number_of(entries.front()), 0, order.in_order()};
}

bool is_plain(const Entry& entry) {
  const std::vector<Conjunction>& alternatives = entry.named->rule->alternatives;
  return entry.call == 0 && alternatives.size() == 1 && alternatives.front().empty();
}

std::uint32_t newest_of(const Arch& arch, const std::vector<NamedRule>& named) {
  std::uint32_t newest = 0;
  for (const NamedRule& rule : named) {
    const SyscallNumbers numbers = numbers_on(arch, rule.name);
    newest = std::max(newest, numbers.direct.value_or(0));
    if (numbers.carried) newest = std::max(newest, numbers.carried->number);
  }
  return newest;
}

[[nodiscard]] Result<ArchPolicy> resolve_for(const Arch& arch, const std::vector<NamedRule>& named,
                                             const std::vector<NamedRule>& skipped) {
  const std::vector<Entry> entries = sorted_entries(arch, named);
  ArchPolicy policy{&arch, {}, newest_of(arch, skipped)};
  if (!entries.empty()) policy.newest = std::max(policy.newest, number_of(entries.back()));
  policy.syscalls.reserve(entries.size());
  for (std::size_t first = 0, last = 0; first < entries.size(); first = last) {
    last = first + 1;
    while (last < entries.size() && number_of(entries[last]) == number_of(entries[first])) ++last;
    if (is_plain(entries[first])) {
      policy.syscalls.push_back(
          {number_of(entries[first]), entries[first].named->rule->verdict, {}});
    } else {
      policy.syscalls.push_back(
          NACRE_TRY(settle(arch, std::span(entries).subspan(first, last - first))));
    }
  }
  return policy;
}

}  // namespace

Result<std::vector<ArchPolicy>> resolve(const Profile& profile) {
  const std::vector<NamedRule> named = name_rules(profile.rules);
  const std::vector<NamedRule> skipped = name_rules(profile.skipped);
  std::vector<ArchPolicy> policies;
  policies.reserve(profile.archs.size());
  for (const Arch* arch : profile.archs) {
    policies.push_back(NACRE_TRY(resolve_for(*arch, named, skipped)));
  }
  return policies;
}

}  // namespace nacre::seccomp
