#include "images/registry/registries_conf.h"

#include "base/text.h"

namespace nacre::images::registry {
namespace {

// How many characters of `name` the prefix covers; 0: it does not match.
std::size_t covered(std::string_view prefix, std::string_view name) {
  const std::string_view host = name.substr(0, name.find('/'));
  if (prefix.starts_with("*."))
    return host.size() > prefix.size() - 1 && host.ends_with(prefix.substr(1)) ? host.size() : 0;
  if (!name.starts_with(prefix)) return 0;
  return name.size() == prefix.size() || name[prefix.size()] == '/' ? prefix.size() : 0;
}

// `location` in the place of what the prefix covers: "a.io/x" + "/y" -> registry a.io, "x/y".
Result<Endpoint> rewritten(const std::string& location, std::string_view rest, bool insecure,
                           const std::string& file) {
  const std::string name = location + std::string(rest);
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos)
    return fail(
        invalid_argument(text::join(file, ": ", text::quote(name), " is not a repository")));
  Endpoint out =
      NACRE_TRY_CTX(default_endpoint(name.substr(0, slash), name.substr(slash + 1)), file);
  out.configured_by = file;
  if (insecure) {
    out.scheme = Scheme::kHttpsThenHttp;
    out.tls.skip_verify = true;
  }
  return out;
}

bool is_used(const MirrorRule& mirror, bool by_digest) {
  if (mirror.use == MirrorUse::kAll) return true;
  return (mirror.use == MirrorUse::kDigestOnly) == by_digest;
}

}  // namespace

const RegistryRule* find_rule(const RegistriesConf& conf, std::string_view name) {
  const RegistryRule* best = nullptr;
  std::size_t best_size = 0;
  for (const RegistryRule& rule : conf.rules) {
    // A wildcard covers the whole host, and yields to a rule that spells it out.
    if (covered(rule.prefix, name) == 0 || rule.prefix.size() < best_size) continue;
    const bool wildcard_against_exact =
        best != nullptr && rule.prefix.starts_with("*.") && !best->prefix.starts_with("*.");
    if (wildcard_against_exact) continue;
    best = &rule;
    best_size = rule.prefix.size();
  }
  return best;
}

Result<std::optional<std::vector<Endpoint>>> locate(const RegistriesConf& conf,
                                                    std::string_view registry,
                                                    std::string_view repository, bool by_digest) {
  const std::string name = text::join(registry, '/', repository);
  const RegistryRule* rule = find_rule(conf, name);
  if (rule == nullptr) return std::nullopt;
  if (rule->blocked) {
    return fail(Error(ErrorCode::kPermissionDenied, text::join("registry ", text::quote(registry),
                                                               " is blocked by ", rule->file)));
  }
  const std::string_view rest = std::string_view(name).substr(covered(rule->prefix, name));
  std::vector<Endpoint> out;
  for (const MirrorRule& mirror : rule->mirrors) {
    if (!is_used(mirror, by_digest)) continue;
    out.push_back(NACRE_TRY(rewritten(mirror.location, rest, mirror.insecure, rule->file)));
    out.back().mirror = true;
    out.back().capabilities.push = false;
  }
  if (rule->location.empty()) {
    out.push_back(NACRE_TRY(rewritten(name, "", rule->insecure, rule->file)));
  } else {
    out.push_back(NACRE_TRY(rewritten(rule->location, rest, rule->insecure, rule->file)));
  }
  return out;
}

Result<std::vector<std::string>> expand_short_name(const RegistriesConf& conf,
                                                   std::string_view name) {
  if (conf.short_name_mode != "disabled") {
    const auto alias = conf.aliases.find(std::string(name));
    if (alias != conf.aliases.end()) return std::vector<std::string>{alias->second};
  }
  if (conf.unqualified_search.size() > 1 &&
      (conf.short_name_mode.empty() || conf.short_name_mode == "enforcing")) {
    return fail(invalid_argument(
        text::join("short name ", text::quote(name), ": ", conf.unqualified_search.size(),
                   " registries could have it (unqualified-search-registries): name one of them")));
  }
  std::vector<std::string> out;
  for (const std::string& registry : conf.unqualified_search)
    out.push_back(text::join(registry, '/', name));
  return out;
}

}  // namespace nacre::images::registry
