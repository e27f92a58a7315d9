#include "images/registry/credential_helper.h"

#include <algorithm>

#include "base/text.h"
#include "images/registry/run_program.h"
#include "oci-spec/json/fields.h"
#include "sys/file.h"

namespace nacre::images::registry {
namespace {

constexpr int kHelperTimeoutMs = 30'000;
// docker's word for "this is an identity token and there is no user".
constexpr std::string_view kTokenUser = "<token>";

struct Secret {
  std::string username, secret;
};

// Part of a file name: a slash in it would name a program elsewhere.
bool is_helper_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

Result<std::string> find_program(std::string_view path, const std::string& name) {
  for (const std::string_view directory : text::split(path, ':')) {
    if (!directory.starts_with('/')) continue;  // never from the working directory
    std::string candidate = text::join(directory, '/', name);
    if (sys::faccessat2(sys::kCwd, candidate.c_str(), X_OK, AT_EACCESS)) return candidate;
  }
  return fail(not_found(text::join("credential helper ", text::quote(name), " is not in $PATH")));
}

}  // namespace
}  // namespace nacre::images::registry

namespace nacre::json {

using images::registry::Secret;

template <>
struct Codec<Secret> : Object<Secret> {
  static constexpr auto kFields = table<Secret>({
      field<&Secret::username>("Username"),
      field<&Secret::secret>("Secret"),
  });
};

}  // namespace nacre::json

namespace nacre::images::registry {

Result<std::optional<Credential>> read_helper_answer(const HelperAnswer& answer,
                                                     const std::string& helper) {
  const std::string context = text::join("docker-credential-", helper, " get");
  if (answer.exit_status != 0) {
    if (answer.output.find("credentials not found") != std::string::npos) return std::nullopt;
    constexpr std::size_t kShown = 200;
    return fail(
        failed_precondition(text::join(context, ": exit status ", answer.exit_status, ": ",
                                       text::quote(text::trim(answer.output).substr(0, kShown)))));
  }
  // The output of a helper that succeeded is secret: a parser's message may name a place in it,
  // and never quotes it.
  const auto document = json::Document::parse(answer.output);
  Secret secret;
  if (!document || !json::Codec<Secret>::read(json::Cursor(*document, ""), secret))
    return fail(failed_precondition(context + ": the answer is not what the protocol says"));
  if (secret.username.empty() && secret.secret.empty()) return std::nullopt;
  Credential out;
  if (secret.username == kTokenUser) {
    out.identity_token = std::move(secret.secret);
  } else {
    out.username = std::move(secret.username);
    out.password = std::move(secret.secret);
  }
  return out;
}

Result<std::optional<Credential>> ask_helper(const Environment& environment,
                                             const std::string& helper, const std::string& key) {
  if (!is_helper_name(helper))
    return fail(invalid_argument(text::join("credential helper ", text::quote(helper),
                                            ": only letters, digits, '-', '_' and '.'")));
  const std::string name = "docker-credential-" + helper;
  const std::string program = NACRE_TRY(find_program(environment.path, name));
  const ProgramRequest request{.path = program,
                               .args = {name, "get"},
                               .env = {"PATH=" + environment.path, "HOME=" + environment.home,
                                       "XDG_RUNTIME_DIR=" + environment.xdg_runtime_dir,
                                       "DOCKER_CONFIG=" + environment.docker_config},
                               .input = key,
                               .timeout_ms = kHelperTimeoutMs};
  auto end = NACRE_TRY_CTX(run_program(request), name);
  if (end.timed_out)
    return fail(Error(ErrorCode::kUnavailable, name + " get: no answer within 30 seconds"));
  return read_helper_answer({end.exit_status, std::move(end.output)}, helper);
}

}  // namespace nacre::images::registry
