#include "cgroups/device_rules.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "cgroups/device_program.h"

namespace nacre::cgroups {
namespace {

using Entry = DeviceEntry;
constexpr std::int64_t kAny = Entry::kAny;
constexpr std::int64_t kMajorLimit = 1 << 12U;
constexpr std::int64_t kMinorLimit = 1 << 20U;

Error bad_rule(std::size_t index, std::string_view what) {
  return invalid_argument(text::join("linux.resources.devices[", index, "]: ", what));
}

Result<unsigned> parse_access(std::size_t index, std::string_view letters) {
  if (letters.empty()) return kAllAccess;
  unsigned access = 0;
  for (const char letter : letters) {
    switch (letter) {
      case 'r':
        access |= BPF_DEVCG_ACC_READ;
        break;
      case 'w':
        access |= BPF_DEVCG_ACC_WRITE;
        break;
      case 'm':
        access |= BPF_DEVCG_ACC_MKNOD;
        break;
      default:
        return fail(bad_rule(index, text::join("access ", text::quote(letters),
                                               " has letters other than r, w and m")));
    }
  }
  return access;
}

Result<std::int64_t> parse_number(std::size_t index, std::optional<std::int64_t> number) {
  if (!number || *number == kAny) return kAny;
  if (*number < 0 || *number > std::numeric_limits<std::uint32_t>::max()) {
    return fail(bad_rule(index, text::join(*number, " is no device number")));
  }
  return *number;
}

Result<Entry> parse_rule(std::size_t index, const oci::DeviceRule& rule) {
  if (!rule.type.empty() && rule.type != "a" && rule.type != "b" && rule.type != "c") {
    return fail(bad_rule(index, text::join("type ", text::quote(rule.type), " is not a, b or c")));
  }
  return Entry{rule.allow, NACRE_TRY(parse_access(index, rule.access)),
               NACRE_TRY(parse_number(index, rule.major)),
               NACRE_TRY(parse_number(index, rule.minor))};
}

// What earlier entries have decided, by the devices they name.
class Settled {
 public:
  // The accesses for which an entry before this one covers all its devices.
  [[nodiscard]] unsigned covering(const Entry& entry) const {
    return at(kAny, kAny) | at(entry.major_number, kAny) | at(kAny, entry.minor_number) |
           at(entry.major_number, entry.minor_number);
  }
  void add(const Entry& entry) {
    access_[{entry.major_number, entry.minor_number}] |= entry.access;
  }

 private:
  [[nodiscard]] unsigned at(std::int64_t major_number, std::int64_t minor_number) const {
    const auto found = access_.find({major_number, minor_number});
    return found == access_.end() ? 0 : found->second;
  }
  std::map<std::pair<std::int64_t, std::int64_t>, unsigned> access_;
};

int generality(const Entry& entry) {
  return (entry.major_number == kAny ? 1 : 0) + (entry.minor_number == kAny ? 1 : 0);
}

// Within each run of entries of one kind: the wide ones first, so that they cover the narrow ones.
void sort_runs(std::vector<Entry>& entries) {
  for (auto first = entries.begin(); first != entries.end();) {
    const auto last = std::find_if(first, entries.end(),
                                   [&](const Entry& one) { return one.allow != first->allow; });
    std::stable_sort(first, last,
                     [](const Entry& a, const Entry& b) { return generality(a) > generality(b); });
    first = last;
  }
}

void drop_covered(std::vector<Entry>& entries) {
  Settled settled;
  std::vector<Entry> kept;
  for (Entry entry : entries) {
    entry.access &= ~settled.covering(entry);
    if (entry.access == 0) continue;
    settled.add(entry);
    kept.push_back(entry);
  }
  entries = std::move(kept);
}

// `rules` in the order of config.json.
DeviceSection simplify(const std::vector<Entry>& rules) {
  DeviceSection section{{rules.rbegin(), rules.rend()}, false};
  std::vector<Entry>& entries = section.entries;
  std::erase_if(entries, [](const Entry& one) {  // no device has such a number
    return one.major_number >= kMajorLimit || one.minor_number >= kMinorLimit;
  });
  sort_runs(entries);
  drop_covered(entries);
  // What is open at the end is refused anyway.
  while (!entries.empty() && !entries.back().allow) entries.pop_back();

  unsigned granted = 0;
  for (const Entry& entry : entries) {
    if (entry.allow && entry.matches_all_devices()) granted |= entry.access;
  }
  section.allows_all = granted == kAllAccess && std::ranges::all_of(entries, &Entry::allow);
  return section;
}

oci::DeviceRule allow(std::string type, std::optional<std::int64_t> major_number,
                      std::optional<std::int64_t> minor_number, std::string access) {
  return {true, std::move(type), major_number, minor_number, std::move(access)};
}

}  // namespace

Result<DeviceSections> simplify_device_rules(std::span<const oci::DeviceRule> rules) {
  std::vector<Entry> of_char;
  std::vector<Entry> of_block;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Entry entry = NACRE_TRY(parse_rule(i, rules[i]));
    if (rules[i].type != "b") of_char.push_back(entry);
    if (rules[i].type != "c") of_block.push_back(entry);
  }
  return DeviceSections{simplify(of_char), simplify(of_block)};
}

std::vector<oci::DeviceRule> default_device_rules() {
  return {
      allow("c", {}, {}, "m"),    allow("b", {}, {}, "m"), allow("c", 1, 3, "rwm"),  // null
      allow("c", 1, 5, "rwm"),                                                       // zero
      allow("c", 1, 7, "rwm"),                                                       // full
      allow("c", 1, 8, "rwm"),                                                       // random
      allow("c", 1, 9, "rwm"),                                                       // urandom
      allow("c", 5, 0, "rwm"),                                                       // tty
      allow("c", 5, 2, "rwm"),                                                       // ptmx
      allow("c", 136, {}, "rwm"),                                                    // pts/*
      allow("c", 10, 200, "rwm"),                                                    // net/tun
  };
}

}  // namespace nacre::cgroups
