// registries.conf, version 2 (containers-registries.conf.5): where names lead to.
//
// Reading (parse, merge) and deciding (locate, expand) are pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "images/registry/endpoint.h"

namespace nacre::images::registry {

enum class MirrorUse : std::uint8_t { kAll, kDigestOnly, kTagOnly };

struct MirrorRule {
  std::string location;
  bool insecure = false;
  MirrorUse use = MirrorUse::kAll;
};

struct RegistryRule {
  std::string prefix;    // "host", "host/path", "*.domain"
  std::string location;  // "": as the prefix
  bool insecure = false;
  bool blocked = false;
  std::vector<MirrorRule> mirrors;
  std::string file;  // for messages
};

struct RegistriesConf {
  std::vector<std::string> unqualified_search;  // registries for names without one
  std::string short_name_mode;                  // "": enforcing
  std::map<std::string, std::string> aliases;   // "debian" -> "docker.io/library/debian"
  std::vector<RegistryRule> rules;
};

// The format before version 2 is refused by name. Of unknown keys those inside [[registry]] are
// errors (a misspelt `blocked` would let through), others are for other programs.
[[nodiscard]] Result<RegistriesConf> parse_registries_conf(std::string_view bytes,
                                                           const std::string& file);
// A file that comes later: its rules replace those of the same prefix, its aliases those of the
// same name (an empty one removes it), its search list the whole list.
void merge(RegistriesConf& into, RegistriesConf later);

// The rule with the longest prefix of `name` (registry/repository); prefixes end at a slash.
[[nodiscard]] const RegistryRule* find_rule(const RegistriesConf& conf, std::string_view name);

// Mirrors first, then the location itself. permission_denied when it is blocked. Nothing when no
// rule says anything about it.
[[nodiscard]] Result<std::optional<std::vector<Endpoint>>> locate(const RegistriesConf& conf,
                                                                  std::string_view registry,
                                                                  std::string_view repository,
                                                                  bool by_digest);

// What a name without a registry ("debian", "team/app") may mean, best first; empty: as everywhere,
// docker.io. An alias is the only answer when there is one. `enforcing` and several registries to
// search are an error, as nobody is there who could be asked; `permissive` and `disabled` try all.
[[nodiscard]] Result<std::vector<std::string>> expand_short_name(const RegistriesConf& conf,
                                                                 std::string_view name);

}  // namespace nacre::images::registry
