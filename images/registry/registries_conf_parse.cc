#include <algorithm>
#include <array>

#include "base/text.h"
#include "images/registry/registries_conf.h"
#include "images/registry/toml.h"

namespace nacre::images::registry {
namespace {

// host[:port][/path]: what comes after the host is checked where it becomes part of a URL.
bool is_location(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view path = slash == std::string_view::npos ? "" : text.substr(slash + 1);
  if (slash != std::string_view::npos && path.empty()) return false;
  const auto bad = [](std::string_view part) {
    return part.empty() || part == "." || part == ".." || !std::ranges::all_of(part, [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                    c == '-';
           });
  };
  if (!path.empty() && std::ranges::any_of(text::split(path, '/'), bad)) return false;
  return parse_authority(text.substr(0, slash)).has_value();
}

bool is_prefix(std::string_view text) {
  if (text.starts_with("*.")) return is_location(text.substr(2)) && !text.contains('/');
  return is_location(text);
}

Result<MirrorUse> read_use(toml::Reader& in, bool digest_only) {
  const std::string word = NACRE_TRY(in.text("pull-from-mirror"));
  if (word.empty()) return digest_only ? MirrorUse::kDigestOnly : MirrorUse::kAll;
  if (digest_only)
    return fail(in.error("pull-from-mirror", "mirror-by-digest-only has decided already"));
  if (word == "all") return MirrorUse::kAll;
  if (word == "digest-only") return MirrorUse::kDigestOnly;
  if (word == "tag-only") return MirrorUse::kTagOnly;
  return fail(in.error("pull-from-mirror", "must be all, digest-only or tag-only"));
}

Result<MirrorRule> read_mirror(const toml::Table& table, const std::string& where,
                               bool digest_only) {
  toml::Reader in(table, where);
  MirrorRule out;
  out.location = NACRE_TRY(in.text("location"));
  out.insecure = NACRE_TRY(in.flag("insecure", false));
  out.use = NACRE_TRY(read_use(in, digest_only));
  NACRE_TRY(in.nothing_else());
  if (!is_location(out.location)) return fail(in.error("location", "must be host[:port][/path]"));
  return out;
}

Result<RegistryRule> read_rule(const toml::Table& table, const std::string& file) {
  toml::Reader in(table, file + ": registry");
  RegistryRule out;
  out.file = file;
  out.location = NACRE_TRY(in.text("location"));
  out.prefix = NACRE_TRY(in.text("prefix", out.location));
  out.insecure = NACRE_TRY(in.flag("insecure", false));
  out.blocked = NACRE_TRY(in.flag("blocked", false));
  const bool digest_only = NACRE_TRY(in.flag("mirror-by-digest-only", false));
  const std::string where = text::join(file, ": registry ", text::quote(out.prefix), ": mirror");
  for (const toml::Table* mirror : NACRE_TRY(in.tables("mirror")))
    out.mirrors.push_back(NACRE_TRY(read_mirror(*mirror, where, digest_only)));
  NACRE_TRY(in.nothing_else());
  if (!is_prefix(out.prefix))
    return fail(in.error("prefix", "must be host[:port][/path] or *.domain"));
  if (!out.location.empty() && !is_location(out.location))
    return fail(in.error("location", "must be host[:port][/path]"));
  return out;
}

Result<std::map<std::string, std::string>> read_aliases(toml::Reader& in) {
  std::map<std::string, std::string> out;
  const toml::Table* table = NACRE_TRY(in.table("aliases"));
  if (table == nullptr) return out;
  toml::Reader names(*table, in.where() + ": aliases");
  for (const toml::Member& member : *table)
    out.insert_or_assign(member.key, NACRE_TRY(names.text(member.key)));
  return out;
}

Result<void> refuse_old_format(toml::Reader& in) {
  if (in.find("registries") == nullptr) return {};
  return fail(in.error("registries", "this is the format before version 2, which is not read"));
}

}  // namespace

Result<RegistriesConf> parse_registries_conf(std::string_view bytes, const std::string& file) {
  const toml::Table root = NACRE_TRY(toml::parse(bytes, file));
  toml::Reader in(root, file);
  NACRE_TRY(refuse_old_format(in));
  RegistriesConf out;
  out.unqualified_search = NACRE_TRY(in.texts("unqualified-search-registries"));
  for (const std::string& registry : out.unqualified_search)
    if (!parse_authority(registry))
      return fail(in.error("unqualified-search-registries", text::quote(registry) + " is no host"));
  out.short_name_mode = NACRE_TRY(in.text("short-name-mode"));
  static constexpr std::array<std::string_view, 4> kModes = {"", "enforcing", "permissive",
                                                             "disabled"};
  if (std::ranges::find(kModes, out.short_name_mode) == kModes.end())
    return fail(in.error("short-name-mode", "must be enforcing, permissive or disabled"));
  out.aliases = NACRE_TRY(read_aliases(in));
  for (const toml::Table* rule : NACRE_TRY(in.tables("registry")))
    out.rules.push_back(NACRE_TRY(read_rule(*rule, file)));
  return out;
}

void merge(RegistriesConf& into, RegistriesConf later) {
  if (!later.unqualified_search.empty())
    into.unqualified_search = std::move(later.unqualified_search);
  if (!later.short_name_mode.empty()) into.short_name_mode = std::move(later.short_name_mode);
  for (auto& [name, full] : later.aliases) {
    if (full.empty()) {
      into.aliases.erase(name);
    } else {
      into.aliases.insert_or_assign(name, std::move(full));
    }
  }
  for (RegistryRule& rule : later.rules) {
    std::erase_if(into.rules, [&](const RegistryRule& old) {
      return old.prefix == rule.prefix && old.file != rule.file;
    });
    into.rules.push_back(std::move(rule));
  }
}

}  // namespace nacre::images::registry
