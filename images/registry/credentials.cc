#include "images/registry/credentials.h"

#include "base/base64.h"
#include "base/text.h"
#include "images/registry/credential_helper.h"
#include "oci-spec/json/fields.h"
#include "sys/io.h"

namespace nacre::images::registry {
namespace {

constexpr std::size_t kLargestConfig = std::size_t{4} << 20U;

// An entry of `auths` as it is written.
struct AuthEntry {
  std::string auth, username, password, identity_token, registry_token;
  friend bool operator==(const AuthEntry&, const AuthEntry&) = default;
};
struct ConfigFile {
  std::map<std::string, AuthEntry> auths;
  std::string creds_store;
  std::map<std::string, std::string> cred_helpers;
};

}  // namespace
}  // namespace nacre::images::registry

namespace nacre::json {

using images::registry::AuthEntry;
using images::registry::ConfigFile;

template <>
struct Codec<AuthEntry> : Object<AuthEntry> {
  static constexpr auto kFields = table<AuthEntry>({
      field<&AuthEntry::auth>("auth"),
      field<&AuthEntry::username>("username"),
      field<&AuthEntry::password>("password"),
      field<&AuthEntry::identity_token>("identitytoken"),
      field<&AuthEntry::registry_token>("registrytoken"),
  });
};

template <>
struct Codec<ConfigFile> : Object<ConfigFile> {
  static constexpr auto kFields = table<ConfigFile>({
      field<&ConfigFile::auths>("auths"),
      field<&ConfigFile::creds_store>("credsStore"),
      field<&ConfigFile::cred_helpers>("credHelpers"),
  });
};

}  // namespace nacre::json

namespace nacre::images::registry {
namespace {

Result<Credential> to_credential(const AuthEntry& entry, std::string_view key) {
  Credential out{entry.username, entry.password, entry.identity_token, entry.registry_token};
  if (entry.auth.empty()) return out;
  const std::string decoded = base64::decode(entry.auth).value_or("");
  const std::size_t colon = decoded.find(':');
  if (colon == std::string::npos) {
    return fail(invalid_argument(
        text::join("auths[", text::quote(key), "].auth is not base64 of user:password")));
  }
  out.username = decoded.substr(0, colon);
  out.password = decoded.substr(colon + 1);
  while (!out.password.empty() && out.password.back() == '\0') out.password.pop_back();
  return out;
}

bool is_docker_hub(std::string_view registry) {
  return registry == "docker.io" || registry == "index.docker.io" ||
         registry == "registry-1.docker.io";
}

std::optional<Credential> find_stored(const AuthConfig& config, const std::string& wanted) {
  for (const auto& [key, credential] : config.auths)
    if (normalized_auth_key(key) == wanted && !credential.empty()) return credential;
  return std::nullopt;
}

class CredentialFiles final : public CredentialSource {
 public:
  explicit CredentialFiles(Environment environment) : environment_(std::move(environment)) {}

  [[nodiscard]] Result<std::optional<Credential>> find(std::string_view registry,
                                                       std::string_view repository) override {
    for (const AuthFile& file : auth_files(environment_)) {
      auto found = NACRE_TRY(find_in(file, registry, repository));
      if (found && !found->empty()) return found;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] Result<std::optional<Credential>> find_in(const AuthFile& file,
                                                          std::string_view registry,
                                                          std::string_view repository) const {
    const auto bytes = sys::read_file(sys::kCwd, file.path.c_str(), kLargestConfig);
    if (!bytes) {
      const int number = bytes.error().value;
      if (!file.required && (number == ENOENT || number == ENOTDIR)) return std::nullopt;
      return fail(Error::from_errno(bytes.error(), text::join("read ", file.path)));
    }
    const AuthConfig config = NACRE_TRY(parse_auth_config(*bytes, file.path));
    const CredentialChoice choice = choose_credential(config, registry, repository);
    if (!choice.helper.empty()) {
      auto told = NACRE_TRY(ask_helper(environment_, choice.helper, choice.helper_key));
      if (told) return told;
    }
    return choice.stored;
  }

  Environment environment_;
};

class FixedCredential final : public CredentialSource {
 public:
  explicit FixedCredential(Credential credential) : credential_(std::move(credential)) {}
  [[nodiscard]] Result<std::optional<Credential>> find(std::string_view,
                                                       std::string_view) override {
    if (credential_.empty()) return std::nullopt;
    return credential_;
  }

 private:
  Credential credential_;
};

}  // namespace

Result<AuthConfig> parse_auth_config(std::string_view bytes, std::string_view name) {
  AuthConfig out;
  if (text::trim(bytes).empty()) return out;
  const auto document =
      NACRE_TRY_CTX(json::Document::parse(bytes, {.bytes = kLargestConfig}), name);
  ConfigFile file;
  NACRE_TRY_CTX(json::Codec<ConfigFile>::read(json::Cursor(document, ""), file), name);
  for (const auto& [key, entry] : file.auths)
    out.auths.emplace(key, NACRE_TRY_CTX(to_credential(entry, key), name));
  out.creds_store = std::move(file.creds_store);
  out.cred_helpers = std::move(file.cred_helpers);
  return out;
}

std::string normalized_auth_key(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  while (key.ends_with('/')) key.remove_suffix(1);
  for (const std::string_view version : {"/v1", "/v2"})
    if (key.ends_with(version)) key.remove_suffix(version.size());
  while (key.ends_with('/')) key.remove_suffix(1);
  return std::string(key);
}

std::vector<std::string> auth_keys(std::string_view registry, std::string_view repository) {
  std::vector<std::string> out;
  for (std::string_view rest = repository; !rest.empty();) {
    out.push_back(text::join(registry, '/', rest));
    const std::size_t slash = rest.rfind('/');
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(0, slash);
  }
  if (!is_docker_hub(registry)) {
    out.emplace_back(registry);
    return out;
  }
  out.insert(out.end(), {"index.docker.io", "docker.io", "registry-1.docker.io"});
  return out;
}

CredentialChoice choose_credential(const AuthConfig& config, std::string_view registry,
                                   std::string_view repository) {
  CredentialChoice out;
  const auto keys = auth_keys(registry, repository);
  for (const std::string& key : keys)
    if (!out.stored) out.stored = find_stored(config, key);
  for (const std::string& key : keys) {
    for (const auto& [name, helper] : config.cred_helpers) {
      if (normalized_auth_key(name) != key || !out.helper.empty()) continue;
      out.helper = helper;
      out.helper_key = name;
    }
  }
  if (out.helper.empty() && !config.creds_store.empty()) {
    out.helper = config.creds_store;
    // The name under which `docker login` has stored Docker Hub since there has been a login.
    out.helper_key =
        is_docker_hub(registry) ? "https://index.docker.io/v1/" : std::string(registry);
  }
  return out;
}

std::unique_ptr<CredentialSource> make_credential_files(Environment environment) {
  return std::make_unique<CredentialFiles>(std::move(environment));
}
std::unique_ptr<CredentialSource> make_fixed_credential(Credential credential) {
  return std::make_unique<FixedCredential>(std::move(credential));
}

}  // namespace nacre::images::registry
