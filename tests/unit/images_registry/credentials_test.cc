#include "images/registry/credentials.h"

#include "images/registry/credential_helper.h"
#include "images/registry/run_program.h"
#include "images/registry/token.h"
#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

using test::code_of;
using test::error_of;
using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kConfig = R"({
  "auths": {
    "https://index.docker.io/v1/": {"auth": "aHViOnB3"},
    "quay.io/team": {"auth": "dGVhbTpwOnc="},
    "quay.io": {"username": "all", "password": "x"},
    "ghcr.io": {"identitytoken": "refresh"},
    "empty.io": {}
  },
  "credsStore": "store",
  "credHelpers": {"aws.test": "ecr-login"},
  "HttpHeaders": {"x": "y"}
})";

TEST(CredentialsTest, ReadsDockersFile) {
  const auto config = parse_auth_config(kConfig, "config.json");
  ASSERT_OK(config);
  EXPECT_EQ(config->auths.at("https://index.docker.io/v1/"), (Credential{"hub", "pw", "", ""}));
  EXPECT_EQ(config->auths.at("quay.io/team"), (Credential{"team", "p:w", "", ""}));
  EXPECT_EQ(config->auths.at("ghcr.io").identity_token, "refresh");
  EXPECT_EQ(config->creds_store, "store");
}

TEST(CredentialsTest, RefusesWhatIsMalformedWithoutTellingSecrets) {
  for (const char* text :
       {"{", "[]", R"({"auths":{"a":{"auth":"!!!secret"}}})",
        R"({"auths":{"a":{"auth":"bm9jb2xvbg=="}}})", R"({"auths":{"a":{"auth":7}}})",
        R"({"credHelpers":{"a":null,"b":1}})"}) {
    const auto config = parse_auth_config(text, "config.json");
    EXPECT_EQ(code_of(config), ErrorCode::kInvalidArgument) << text;
    EXPECT_THAT(error_of(config), HasSubstr("config.json"));
    EXPECT_THAT(error_of(config), Not(HasSubstr("secret")));
  }
  ASSERT_OK(parse_auth_config(" \n", "x"));
}

TEST(CredentialsTest, NormalisesKeys) {
  EXPECT_EQ(normalized_auth_key("https://index.docker.io/v1/"), "index.docker.io");
  EXPECT_EQ(normalized_auth_key("http://a:5000/"), "a:5000");
  EXPECT_EQ(normalized_auth_key("quay.io/team"), "quay.io/team");
  EXPECT_THAT(auth_keys("quay.io", "a/b"), ElementsAre("quay.io/a/b", "quay.io/a", "quay.io"));
  EXPECT_THAT(auth_keys("docker.io", "library/x"), testing::Contains("index.docker.io"));
}

TEST(CredentialsTest, ChoosesTheMostSpecific) {
  const AuthConfig config = *parse_auth_config(kConfig, "x");
  EXPECT_EQ(choose_credential(config, "quay.io", "team/app").stored->username, "team");
  EXPECT_EQ(choose_credential(config, "quay.io", "teams/app").stored->username, "all");
  EXPECT_EQ(choose_credential(config, "docker.io", "library/x").stored->username, "hub");
  EXPECT_FALSE(choose_credential(config, "empty.io", "x").stored);
}

TEST(CredentialsTest, HelperOfARegistryBeforeTheStore) {
  const AuthConfig config = *parse_auth_config(kConfig, "x");
  const auto own = choose_credential(config, "aws.test", "x");
  EXPECT_EQ(own.helper, "ecr-login");
  EXPECT_EQ(own.helper_key, "aws.test");
  const auto other = choose_credential(config, "quay.io", "x");
  EXPECT_EQ(other.helper, "store");
  EXPECT_EQ(other.helper_key, "quay.io");
  EXPECT_EQ(choose_credential(config, "docker.io", "x").helper_key, "https://index.docker.io/v1/");
}

TEST(CredentialsTest, FilesInTheirOrder) {
  TempDir dir;
  const Environment environment{.home = dir.path() + "/home",
                                .docker_config = dir.path() + "/docker",
                                .xdg_runtime_dir = dir.path() + "/run",
                                .uid = 1000};
  const auto source = make_credential_files(environment);
  auto found = source->find("a.test", "x");
  ASSERT_OK(found);
  EXPECT_FALSE(*found);
  dir.write("run/containers/auth.json",
            R"({"auths":{"a.test":{"username":"podman","password":"p"}}})");
  EXPECT_EQ((*source->find("a.test", "x"))->username, "podman");
  dir.write("docker/config.json", R"({"auths":{"a.test":{"username":"docker","password":"p"}}})");
  EXPECT_EQ((*source->find("a.test", "x"))->username, "docker");
  dir.write("docker/config.json", "{");
  EXPECT_THAT(error_of(source->find("a.test", "x")), HasSubstr("docker/config.json"));
}

TEST(CredentialsTest, NamedFileMustExist) {
  const auto source = make_credential_files({.registry_auth_file = "/nonexistent/auth.json"});
  EXPECT_EQ(code_of(source->find("a.test", "x")), ErrorCode::kNotFound);
}

class HelperTest : public testing::Test {
 protected:
  void script(const std::string& name, const std::string& text) {
    dir_.write("docker-credential-" + name, "#!/bin/sh\n" + text, 0755);
  }
  Environment environment() const { return {.home = "/", .path = dir_.path() + ":/usr/bin:/bin"}; }
  TempDir dir_;
};

TEST_F(HelperTest, IsAskedAndBelieved) {
  script(
      "ok",
      R"(test "$1" = get && read -r key; printf '{"ServerURL":"%s","Username":"u %s","Secret":"s"}' "$key" "$key")");
  const auto found = ask_helper(environment(), "ok", "reg.test");
  ASSERT_OK(found);
  EXPECT_EQ(**found, (Credential{"u reg.test", "s", "", ""}));
}

TEST_F(HelperTest, TokenUserIsAnIdentityToken) {
  script("token", R"(printf '{"Username":"<token>","Secret":"refresh"}')");
  EXPECT_EQ((**ask_helper(environment(), "token", "x")), (Credential{"", "", "refresh", ""}));
}

TEST_F(HelperTest, MayKnowNothing) {
  script("none", "echo 'credentials not found in native keychain'; exit 1");
  const auto found = ask_helper(environment(), "none", "x");
  ASSERT_OK(found);
  EXPECT_FALSE(*found);
}

TEST_F(HelperTest, FailureIsTold) {
  script("bad", "echo 'locked'; exit 3");
  EXPECT_THAT(error_of(ask_helper(environment(), "bad", "x")),
              HasSubstr("exit status 3: \"locked\""));
  script("junk", "echo 'my-secret {'");
  const auto junk = ask_helper(environment(), "junk", "x");
  EXPECT_EQ(code_of(junk), ErrorCode::kFailedPrecondition);
  EXPECT_THAT(error_of(junk), Not(HasSubstr("my-secret")));
  script("broken", "exit 0");
  std::filesystem::permissions(dir_.path() + "/docker-credential-broken",
                               std::filesystem::perms::owner_read);
  EXPECT_EQ(code_of(ask_helper(environment(), "absent", "x")), ErrorCode::kNotFound);
}

TEST_F(HelperTest, NameIsNoPathAndNoShellText) {
  for (const char* name : {"../x", "a/b", "a b", "a;b", "", "$(id)"})
    EXPECT_EQ(code_of(ask_helper(environment(), name, "x")), ErrorCode::kInvalidArgument) << name;
  script("plain", R"(read -r key; printf '{"Username":"u","Secret":"%s"}' "${key#*;}")");
  EXPECT_EQ((*ask_helper(environment(), "plain", "x; exit 9"))->password, " exit 9");
}

TEST_F(HelperTest, StoreFallsBackToTheFile) {
  script("empty", "echo 'credentials not found in native keychain'; exit 1");
  dir_.write("config.json", R"({"credsStore":"empty","auths":{"a.test":{"auth":"dTpw"}}})");
  Environment environment = this->environment();
  environment.docker_config = dir_.path();
  EXPECT_EQ((*make_credential_files(environment)->find("a.test", "x"))->username, "u");
}

TEST(ProgramTest, EndsWhatDoesNotEnd) {
  const auto end = run_program({.path = "/bin/sleep", .args = {"sleep", "600"}, .timeout_ms = 50});
  ASSERT_OK(end);
  EXPECT_TRUE(end->timed_out);
  EXPECT_EQ(end->exit_status, -1);
}

TEST(ProgramTest, KeepsTheBeginningOfTooMuch) {
  const auto end = run_program({.path = "/bin/sh",
                                .args = {"sh", "-c", "head -c 300000 /dev/zero; exit 4"},
                                .timeout_ms = 60'000});
  ASSERT_OK(end);
  EXPECT_EQ(end->exit_status, 4);
  EXPECT_EQ(end->output.size(), 65536U);
  EXPECT_EQ(code_of(run_program({.path = "/nonexistent", .args = {"x"}, .timeout_ms = 1000})),
            ErrorCode::kNotFound);
}

TEST(TokenTest, AsksAsTheProtocolSays) {
  const auto challenge = *parse_challenges(
      R"(Bearer realm="https://auth.test/token?x=1",service="reg test",scope="repository:a:pull repository:b:pull")");
  const Url endpoint = *parse_url("https://reg.test/v2");
  const auto question = read_question(challenge.front(), {"repository:a:pull"}, endpoint, false);
  ASSERT_OK(question);
  EXPECT_THAT(question->scopes, ElementsAre("repository:a:pull", "repository:b:pull"));
  const TokenRequest anonymous = make_token_request(*question, TokenMethod::kGet, nullptr);
  EXPECT_EQ(
      anonymous.url.target(),
      "/token?x=1&service=reg%20test&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull");
  EXPECT_FALSE(anonymous.headers.find("Authorization"));
  const Credential user{"u", "p&", "", ""};
  EXPECT_EQ(make_token_request(*question, TokenMethod::kGet, &user).headers.find("Authorization"),
            "Basic dTpwJg==");
  const Credential refresh{"", "", "r=t", ""};
  const TokenRequest post = make_token_request(*question, TokenMethod::kPostRefresh, &refresh);
  EXPECT_EQ(post.method, "POST");
  EXPECT_EQ(post.body,
            "grant_type=refresh_token&service=reg%20test&client_id=nacre&scope=repository%3Aa%"
            "3Apull%20repository%3Ab%3Apull&"
            "refresh_token=r%3Dt");
}

TEST(TokenTest, NoSecretsToPlainRealms) {
  const Url https = *parse_url("https://reg.test/v2");
  const Url http = *parse_url("http://reg.test:5000/v2");
  const auto realm = [&](const std::string& text, const Url& endpoint, bool allowed) {
    return read_question(parse_challenges("Bearer realm=\"" + text + "\"")->front(), {}, endpoint,
                         allowed);
  };
  EXPECT_EQ(code_of(realm("http://auth.test/token", https, false)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(realm("http://auth.test/token", http, true)), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(realm("http://reg.test/token", https, true)), ErrorCode::kPermissionDenied);
  ASSERT_OK(realm("http://reg.test/token", http, true));
  ASSERT_OK(realm("http://127.0.0.1:5001/token", https, false));
  EXPECT_EQ(code_of(realm("", https, false)), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(realm("/token", https, false)), ErrorCode::kInvalidArgument);
}

TEST(TokenTest, ReadsAnswers) {
  EXPECT_EQ(parse_token_answer(R"({"token":"t","expires_in":300,"issued_at":"x"})")->lifetime, 300);
  EXPECT_EQ(parse_token_answer(R"({"access_token":"a"})")->text, "a");
  EXPECT_EQ(parse_token_answer(R"({"token":"","access_token":"a","expires_in":-5})")->lifetime, 60);
  for (const char* text :
       {"", "{}", R"({"token":7})", R"({"token":"a\r\nX: y"})", R"({"token":"a b"})", "[\"t\"]"})
    EXPECT_FALSE(parse_token_answer(text)) << text;
  EXPECT_EQ(code_of(parse_token_answer("{\"token\":\"" + std::string(60000, 'x') + "\"}")),
            ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace nacre::images::registry
