#include "oci-spec/image/platform.h"

#include <algorithm>

#include "base/text.h"
#include "oci-spec/json/path.h"

namespace nacre::oci {
namespace {

struct Alias {
  std::string_view spelling;
  std::string_view architecture;
  std::string_view variant;
};
// uname(2), Debian and others beside Go.
constexpr Alias kAliases[] = {
    {"x86_64", "amd64", ""},
    {"x86-64", "amd64", ""},
    {"i386", "386", ""},
    {"i486", "386", ""},
    {"i586", "386", ""},
    {"i686", "386", ""},
    {"aarch64", "arm64", ""},
    {"armhf", "arm", "v7"},
    {"armel", "arm", "v6"},
    {"armv5l", "arm", "v5"},
    {"armv6l", "arm", "v6"},
    {"armv7l", "arm", "v7"},
    {"armv8l", "arm", "v8"},
    {"ppc64el", "ppc64le", ""},
    {"powerpc64le", "ppc64le", ""},
    {"loongarch64", "loong64", ""},
    {"mips64el", "mips64le", ""},
};
constexpr std::string_view kArchitectures[] = {
    "386",      "amd64",  "arm",   "arm64",   "loong64", "mips",  "mips64",
    "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64", "s390x", "wasm",
};
constexpr std::string_view kSystems[] = {
    "android", "darwin",  "dragonfly", "freebsd", "illumos", "linux",
    "netbsd",  "openbsd", "plan9",     "solaris", "wasip1",  "windows",
};

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

void make_lower(std::string& word) {
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

// A level such as v3 or v8.2, also spelled without the v.
struct Level {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
};

std::optional<Level> parse_level(std::string_view variant) {
  constexpr std::uint32_t kMost = 99;  // far above any that exists: levels are counted down
  if (variant.starts_with('v')) variant.remove_prefix(1);
  const std::size_t dot = variant.find('.');
  const auto major = text::parse_u32(variant.substr(0, dot));
  const auto minor = dot == std::string_view::npos ? std::optional<std::uint32_t>(0)
                                                   : text::parse_u32(variant.substr(dot + 1));
  if (!major || !minor || *major > kMost || *minor > kMost) return std::nullopt;
  return Level{*major, *minor};
}

std::string level_text(const Level& level) {
  std::string word = text::join('v', level.major);
  if (level.minor != 0) text::append(word, '.', level.minor);
  return word;
}

// The level that an empty variant stands for.
std::string_view base_level(std::string_view architecture) {
  if (architecture == "amd64") return "v1";
  if (architecture == "arm64") return "v8";
  return "";
}

void normalize_variant(Platform& platform) {
  const std::string_view architecture = platform.architecture;
  if (architecture == "arm" && platform.variant.empty()) platform.variant = "v7";
  if (architecture != "amd64" && architecture != "arm" && architecture != "arm64") return;
  if (const auto level = parse_level(platform.variant)) platform.variant = level_text(*level);
  if (platform.variant == base_level(architecture)) platform.variant.clear();
}

void normalize_architecture(Platform& platform) {
  for (const Alias& alias : kAliases) {
    if (alias.spelling != platform.architecture) continue;
    platform.architecture = alias.architecture;
    if (platform.variant.empty()) platform.variant = alias.variant;
    return;
  }
}

// Levels that `level` includes, without their first: best first.
std::vector<Level> levels_below(std::string_view architecture, Level level) {
  std::vector<Level> below;
  if (architecture == "arm64") {
    // Armv9.x has all of Armv8.(x + 5); the last of Armv8 is 8.9.
    std::uint32_t minor_of_v8 = level.major == 9 ? std::min(level.minor + 6, 10U) : 0;
    while (level.minor > 0) below.push_back({level.major, --level.minor});
    while (minor_of_v8 > 0) below.push_back({8, --minor_of_v8});
    return below;
  }
  const std::uint32_t lowest = architecture == "arm" ? 5 : 1;
  while (level.major > lowest) below.push_back({--level.major, 0});
  return below;
}

// The variants that run on `wanted`, which is normalised, in normalised form: best first.
std::vector<std::string> variants_of(const Platform& wanted) {
  std::vector<std::string> variants{wanted.variant};
  const std::string_view base = base_level(wanted.architecture);
  const auto level = parse_level(wanted.variant.empty() ? base : wanted.variant);
  if (!level || (base.empty() && wanted.architecture != "arm")) return variants;
  for (const Level& lower : levels_below(wanted.architecture, *level)) {
    std::string variant = level_text(lower);
    if (variant == base) variant.clear();
    variants.push_back(std::move(variant));
  }
  return variants;
}

std::optional<Platform> ancestor_of(const Platform& wanted) {
  Platform ancestor = wanted;
  ancestor.architecture = wanted.architecture == "amd64"   ? "386"
                          : wanted.architecture == "arm64" ? "arm"
                                                           : "";
  ancestor.variant = wanted.architecture == "arm64" ? "v8" : "";
  if (ancestor.architecture.empty()) return std::nullopt;
  return ancestor;
}

bool system_fits(const Platform& offered, const Platform& wanted) {
  if (offered.os != wanted.os) return false;
  if (!offered.os_version.empty() && !wanted.os_version.empty() &&
      offered.os_version != wanted.os_version)
    return false;
  return std::all_of(
      offered.os_features.begin(), offered.os_features.end(),
      [&](const std::string& feature) { return contains(wanted.os_features, feature); });
}

bool is_word(std::string_view word) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !word.empty() && std::all_of(word.begin(), word.end(), fits);
}

Error refuse(std::string_view text, std::string_view reason) {
  return invalid_argument(text::join("platform ", json::excerpt(text), ": ", reason));
}

// "linux" or "windows(10.0.17763)".
bool read_system(std::string_view part, Platform& platform) {
  if (part.ends_with(')')) {
    const std::size_t open = part.find('(');
    if (open == std::string_view::npos) return false;
    const std::string_view version = part.substr(open + 1, part.size() - open - 2);
    if (!is_word(version)) return false;
    platform.os_version = version;
    part = part.substr(0, open);
  }
  platform.os = part;
  return is_word(part);
}

Result<Platform> read_single(std::string_view text, const Platform& read, const Platform& host) {
  Platform system = normalized(read);
  if (contains(kSystems, system.os)) {
    system.architecture = host.architecture;
    system.variant = host.variant;
    return system;
  }
  Platform machine = normalized({.architecture = read.os, .os = "linux"});
  if (read.os_version.empty() && contains(kArchitectures, machine.architecture)) return machine;
  return fail(refuse(text, "neither a known operating system nor a known architecture"));
}

}  // namespace

Platform normalized(Platform platform) {
  make_lower(platform.architecture);
  make_lower(platform.os);
  make_lower(platform.variant);
  if (platform.os == "macos") platform.os = "darwin";
  normalize_architecture(platform);
  normalize_variant(platform);
  return platform;
}

Result<Platform> parse_platform(std::string_view text, const Platform& host) {
  constexpr std::string_view kForm = "expected os/architecture or os/architecture/variant";
  const std::vector<std::string_view> parts = text::split(text, '/');
  if (parts.empty() || parts.size() > 3) return fail(refuse(text, kForm));
  Platform platform;
  if (!read_system(parts[0], platform)) return fail(refuse(text, kForm));
  if (parts.size() == 1) return read_single(text, platform, host);
  if (!std::all_of(parts.begin() + 1, parts.end(), is_word)) return fail(refuse(text, kForm));
  platform.architecture = parts[1];
  if (parts.size() == 3) platform.variant = parts[2];
  return normalized(std::move(platform));
}

std::string to_text(const Platform& platform) {
  std::string text = platform.os;
  if (!platform.os_version.empty()) text::append(text, '(', platform.os_version, ')');
  text::append(text, '/', platform.architecture);
  if (!platform.variant.empty()) text::append(text, '/', platform.variant);
  return text;
}

std::optional<std::size_t> rank(const Platform& offered, const Platform& wanted,
                                Ancestors ancestors) {
  const Platform what = normalized(offered);
  std::optional<Platform> where = normalized(wanted);
  if (!system_fits(what, *where)) return std::nullopt;
  std::size_t passed = 0;
  while (where) {
    const std::vector<std::string> variants = variants_of(*where);
    if (what.architecture == where->architecture) {
      const auto found = std::find(variants.begin(), variants.end(), what.variant);
      if (found == variants.end()) return std::nullopt;
      return passed + static_cast<std::size_t>(found - variants.begin());
    }
    passed += variants.size();
    where = ancestors == Ancestors::kThirtyTwoBit ? ancestor_of(*where) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace nacre::oci
