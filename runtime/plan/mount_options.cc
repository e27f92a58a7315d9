#include "runtime/plan/mount_options.h"

#include <linux/mount.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nacre::plan {
namespace {

enum class Effect : std::uint8_t {
  kNothing,  // the default, or without meaning for a fresh mount
  kAttribute,
  kRecursiveAttribute,
  kAccessTime,  // one of several values of MOUNT_ATTR__ATIME
  kRecursiveAccessTime,
  kPropagation,
  kBind,
  kCopyUp,
  kIdmap,
  kSuperblock,  // a flag of the file system, not of the mount: passed on as a word
  kRefused,
};

struct Word {
  std::string_view name;
  Effect effect;
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
};

// Names: mount(8), runtime-spec config-linux.md "mounts". The r-forms need mount_setattr (5.12).
constexpr std::array kWords = {
    Word{"async", Effect::kNothing},
    Word{"atime", Effect::kAccessTime, MOUNT_ATTR_RELATIME},
    Word{"bind", Effect::kBind, 0},
    Word{"defaults", Effect::kNothing},
    Word{"dev", Effect::kAttribute, 0, MOUNT_ATTR_NODEV},
    Word{"diratime", Effect::kAttribute, 0, MOUNT_ATTR_NODIRATIME},
    Word{"dirsync", Effect::kSuperblock},
    Word{"exec", Effect::kAttribute, 0, MOUNT_ATTR_NOEXEC},
    Word{"idmap", Effect::kIdmap, 0},
    Word{"iversion", Effect::kSuperblock},
    Word{"lazytime", Effect::kSuperblock},
    Word{"loud", Effect::kNothing},
    Word{"mand", Effect::kSuperblock},
    Word{"noatime", Effect::kAccessTime, MOUNT_ATTR_NOATIME},
    Word{"nodev", Effect::kAttribute, MOUNT_ATTR_NODEV},
    Word{"nodiratime", Effect::kAttribute, MOUNT_ATTR_NODIRATIME},
    Word{"noexec", Effect::kAttribute, MOUNT_ATTR_NOEXEC},
    Word{"noiversion", Effect::kNothing},
    Word{"nolazytime", Effect::kNothing},
    Word{"nomand", Effect::kNothing},
    Word{"norelatime", Effect::kAccessTime, MOUNT_ATTR_STRICTATIME},
    Word{"nostrictatime", Effect::kAccessTime, MOUNT_ATTR_RELATIME},
    Word{"nosuid", Effect::kAttribute, MOUNT_ATTR_NOSUID},
    Word{"nosymfollow", Effect::kAttribute, MOUNT_ATTR_NOSYMFOLLOW},
    Word{"private", Effect::kPropagation, MS_PRIVATE},
    Word{"ratime", Effect::kRecursiveAccessTime, MOUNT_ATTR_RELATIME},
    Word{"rbind", Effect::kBind, 1},
    Word{"rdev", Effect::kRecursiveAttribute, 0, MOUNT_ATTR_NODEV},
    Word{"rdiratime", Effect::kRecursiveAttribute, 0, MOUNT_ATTR_NODIRATIME},
    Word{"relatime", Effect::kAccessTime, MOUNT_ATTR_RELATIME},
    Word{"remount", Effect::kRefused},
    Word{"rexec", Effect::kRecursiveAttribute, 0, MOUNT_ATTR_NOEXEC},
    Word{"ridmap", Effect::kIdmap, 1},
    Word{"rnoatime", Effect::kRecursiveAccessTime, MOUNT_ATTR_NOATIME},
    Word{"rnodev", Effect::kRecursiveAttribute, MOUNT_ATTR_NODEV},
    Word{"rnodiratime", Effect::kRecursiveAttribute, MOUNT_ATTR_NODIRATIME},
    Word{"rnoexec", Effect::kRecursiveAttribute, MOUNT_ATTR_NOEXEC},
    Word{"rnorelatime", Effect::kRecursiveAccessTime, MOUNT_ATTR_STRICTATIME},
    Word{"rnostrictatime", Effect::kRecursiveAccessTime, MOUNT_ATTR_RELATIME},
    Word{"rnosuid", Effect::kRecursiveAttribute, MOUNT_ATTR_NOSUID},
    Word{"rnosymfollow", Effect::kRecursiveAttribute, MOUNT_ATTR_NOSYMFOLLOW},
    Word{"ro", Effect::kAttribute, MOUNT_ATTR_RDONLY},
    Word{"rprivate", Effect::kPropagation, MS_PRIVATE | MS_REC},
    Word{"rrelatime", Effect::kRecursiveAccessTime, MOUNT_ATTR_RELATIME},
    Word{"rro", Effect::kRecursiveAttribute, MOUNT_ATTR_RDONLY},
    Word{"rrw", Effect::kRecursiveAttribute, 0, MOUNT_ATTR_RDONLY},
    Word{"rshared", Effect::kPropagation, MS_SHARED | MS_REC},
    Word{"rslave", Effect::kPropagation, MS_SLAVE | MS_REC},
    Word{"rstrictatime", Effect::kRecursiveAccessTime, MOUNT_ATTR_STRICTATIME},
    Word{"rsuid", Effect::kRecursiveAttribute, 0, MOUNT_ATTR_NOSUID},
    Word{"rsymfollow", Effect::kRecursiveAttribute, 0, MOUNT_ATTR_NOSYMFOLLOW},
    Word{"runbindable", Effect::kPropagation, MS_UNBINDABLE | MS_REC},
    Word{"rw", Effect::kAttribute, 0, MOUNT_ATTR_RDONLY},
    Word{"shared", Effect::kPropagation, MS_SHARED},
    Word{"silent", Effect::kNothing},
    Word{"slave", Effect::kPropagation, MS_SLAVE},
    Word{"strictatime", Effect::kAccessTime, MOUNT_ATTR_STRICTATIME},
    Word{"suid", Effect::kAttribute, 0, MOUNT_ATTR_NOSUID},
    Word{"symfollow", Effect::kAttribute, 0, MOUNT_ATTR_NOSYMFOLLOW},
    Word{"sync", Effect::kSuperblock},
    Word{"tmpcopyup", Effect::kCopyUp},
    Word{"unbindable", Effect::kPropagation, MS_UNBINDABLE},
};
static_assert(std::ranges::is_sorted(kWords, {}, &Word::name));

const Word* find_word(std::string_view name) {
  const auto* at = std::ranges::lower_bound(kWords, name, {}, &Word::name);
  return at != kWords.end() && at->name == name ? at : nullptr;
}

// Later options win: setting a bit takes it out of what is to be cleared, and the other way round.
void combine(std::uint64_t& set, std::uint64_t& clear, const Word& word, bool access_time) {
  if (access_time) {
    set &= ~std::uint64_t{MOUNT_ATTR__ATIME};
    clear |= MOUNT_ATTR__ATIME;  // the kernel wants the whole field cleared whatever the new value
  }
  set = (set & ~word.clear) | word.set;
  clear = (clear & ~(access_time ? 0 : word.set)) | word.clear;
}

void apply(const Word& word, MountOptions& out) {
  switch (word.effect) {
    case Effect::kAttribute:
    case Effect::kAccessTime:
      combine(out.set, out.clear, word, word.effect == Effect::kAccessTime);
      break;
    case Effect::kRecursiveAttribute:
    case Effect::kRecursiveAccessTime:
      combine(out.recursive_set, out.recursive_clear, word,
              word.effect == Effect::kRecursiveAccessTime);
      break;
    case Effect::kPropagation:
      out.propagation.push_back(word.set);
      break;
    case Effect::kBind:
      out.bind = true;
      out.recursive_bind = word.set == 1;
      break;
    case Effect::kCopyUp:
      out.tmpcopyup = true;
      break;
    case Effect::kIdmap:
      out.idmap = true;
      out.recursive_idmap = word.set == 1;
      break;
    case Effect::kSuperblock:
      out.data.emplace_back(word.name);
      break;
    case Effect::kNothing:
    case Effect::kRefused:
      break;
  }
}

}  // namespace

Result<MountOptions> parse_mount_options(const std::vector<std::string>& options) {
  MountOptions out;
  for (const std::string& option : options) {
    const Word* word = find_word(option);
    if (word == nullptr) {
      if (!option.empty()) out.data.push_back(option);
      continue;
    }
    if (word->effect == Effect::kRefused) {
      return fail(unsupported(text::join("mount option ", text::quote(option),
                                         " is not supported: every mount of a container is new")));
    }
    apply(*word, out);
  }
  out.readonly_superblock = (out.set & MOUNT_ATTR_RDONLY) != 0;
  return out;
}

std::vector<std::string> known_mount_options() {
  std::vector<std::string> names;
  for (const Word& word : kWords) {
    if (word.effect != Effect::kRefused) names.emplace_back(word.name);
  }
  return names;
}

Result<std::uint64_t> parse_propagation(std::string_view word) {
  if (word.empty()) return std::uint64_t{MS_SLAVE};
  const Word* known = find_word(word);
  if (known == nullptr || known->effect != Effect::kPropagation) {
    return fail(invalid_argument(
        text::join("linux.rootfsPropagation: unknown propagation ", text::quote(word))));
  }
  return known->set & ~std::uint64_t{MS_REC};
}

}  // namespace nacre::plan
