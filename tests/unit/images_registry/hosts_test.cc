#include "images/registry/hosts.h"

#include "images/registry/hosts_toml.h"
#include "images/registry/toml.h"
#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

using test::code_of;
using test::error_of;
using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> bases(const std::vector<Endpoint>& list) {
  std::vector<std::string> out;
  for (const Endpoint& one : list) out.push_back(one.base(false).text());
  return out;
}

TEST(EndpointTest, DefaultsAreSafe) {
  EXPECT_EQ(default_endpoint("docker.io", "library/x")->base(false).text(),
            "https://registry-1.docker.io/v2");
  EXPECT_EQ(default_endpoint("quay.io", "x")->scheme, Scheme::kHttps);
  EXPECT_EQ(default_endpoint("10.0.0.1:5000", "x")->scheme, Scheme::kHttps);
  EXPECT_EQ(default_endpoint("localhost:5000", "x")->scheme, Scheme::kHttpsThenHttp);
  EXPECT_EQ(default_endpoint("localhost:5000", "x")->base(true).text(), "http://localhost:5000/v2");
  EXPECT_EQ(default_endpoint("localhost", "x")->base(true).port, 80);
  EXPECT_EQ(default_endpoint("localhost", "x")->base(false).port, 443);
}

TEST(HostsTomlTest, KeepsTheOrderOfTheFile) {
  const auto list = parse_hosts_toml(R"(
server = "https://upstream.test"
[host."https://zebra.test"]
  capabilities = ["pull"]
[host."http://apple.test:5000/cache"]
  capabilities = ["pull", "resolve"]
  skip_verify = true
  dial_timeout = "2s"
  [host."http://apple.test:5000/cache".header]
    X-A = "one"
    X-B = ["two", "three"]
[host."https://mango.test/api/registry"]
  override_path = true
  ca = "ca.pem"
  client = [["c.pem", "/abs/k.pem"], ["both.pem", ""]]
)",
                                     "/etc/certs.d/reg.test", "reg.test", "a/b");
  ASSERT_OK(list);
  EXPECT_THAT(bases(*list),
              ElementsAre("https://zebra.test/v2", "http://apple.test:5000/cache/v2",
                          "https://mango.test/api/registry", "https://upstream.test/v2"));
  const Endpoint& zebra = (*list)[0];
  EXPECT_EQ(zebra.capabilities, (Capabilities{true, false, false}));
  EXPECT_EQ(zebra.ns, "reg.test");
  EXPECT_EQ(zebra.repository, "a/b");
  EXPECT_TRUE(zebra.mirror);
  const Endpoint& apple = (*list)[1];
  EXPECT_EQ(apple.scheme, Scheme::kHttp);
  EXPECT_TRUE(apple.tls.skip_verify);
  EXPECT_EQ(apple.timeouts.connect, Milliseconds{2'000});
  EXPECT_THAT(apple.headers.all("x-b"), ElementsAre("two", "three"));
  const Endpoint& mango = (*list)[2];
  EXPECT_THAT(mango.tls.ca_files, ElementsAre("/etc/certs.d/reg.test/ca.pem"));
  EXPECT_EQ(mango.tls.client_certs[0].first, "/etc/certs.d/reg.test/c.pem");
  EXPECT_EQ(mango.tls.client_certs[0].second, "/abs/k.pem");
  EXPECT_FALSE((*list)[3].mirror);
}

TEST(HostsTomlTest, ServerIsTheRegistryItself) {
  const auto list =
      parse_hosts_toml("capabilities = [\"pull\", \"resolve\"]", "/x", "docker.io", "library/a");
  ASSERT_OK(list);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().host, "registry-1.docker.io");
  EXPECT_EQ(list->front().registry, "docker.io");
  EXPECT_EQ(list->front().ns, "");
  EXPECT_TRUE(able(*list, Need::kPush).empty());
}

TEST(HostsTomlTest, AMirrorDoesNotResolve) {
  const auto list = *parse_hosts_toml("[host.\"https://m.test\"]\ncapabilities = [\"pull\"]", "/x",
                                      "reg.test", "a");
  EXPECT_THAT(bases(able(list, Need::kResolve)), ElementsAre("https://reg.test/v2"));
  EXPECT_THAT(bases(able(list, Need::kPull)),
              ElementsAre("https://m.test/v2", "https://reg.test/v2"));
}

TEST(HostsTomlTest, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"server = 7", "[host]\nx = 1", "[host.\"https://a\"]\ncapabilites = [\"pull\"]",
        "[host.\"https://a\"]\ncapabilities = [\"pul\"]", "[host.\"https://a b\"]",
        "[host.\"ftp://a\"]", "[host.\"https://a\"]\ndial_timeout = \"soon\"",
        "[host.\"https://a\"]\nclient = [[\"a\"]]", "[host.\"https://a?x=1\"]", "x = [",
        "serverr = \"x\"", "[host.\"https://a\"]\nskip_verify = \"yes\"",
        "[host.\"https://a\"]\nca = [1]"}) {
    const auto list = parse_hosts_toml(text, "/etc/x", "reg.test", "a");
    EXPECT_EQ(code_of(list), ErrorCode::kInvalidArgument) << text;
    EXPECT_THAT(error_of(list), HasSubstr("/etc/x/hosts.toml")) << text;
  }
}

TEST(HostsTomlTest, AMalformedHeaderIsAnErrorAndNoEnd) {
  for (const char* text :
       {"[{x", "[[{", "[ ", "[", "[[", "[.", "[=]", "a.{", "[\"", "{", "[a]]", "[a.\n"})
    EXPECT_EQ(code_of(parse_hosts_toml(text, "/etc/x", "reg.test", "a")),
              ErrorCode::kInvalidArgument)
        << text;
}

TEST(TomlTest, ReadsWhatTheFilesUse) {
  const auto table = toml::parse(
      "a = \"x\\t\\u00e4\\\"\" # comment\r\n'b c'.d = 'raw \\n'\n[t.\"u.v\"]\nk = [1, -2_0,\n # in "
      "it\n true,]\n"
      "[[l]]\nx = {y = 1, z.w = []}\n[l.sub]\ndate = 1979-05-27\nf = 1.5\n[[l]]\n[t]\n",
      "x");
  ASSERT_OK(table);
  ASSERT_EQ(table->size(), 4U);
  EXPECT_EQ(std::get<std::string>((*table)[0].value.value), "x\t\xc3\xa4\"");
  const auto& dotted = std::get<toml::Table>((*table)[1].value.value);
  EXPECT_EQ(std::get<std::string>(dotted[0].value.value), "raw \\n");
  const auto& inner =
      std::get<toml::Table>(std::get<toml::Table>((*table)[2].value.value)[0].value.value);
  const auto& list = std::get<toml::Array>(inner[0].value.value);
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(std::get<std::int64_t>(list[1].value), -20);
  EXPECT_TRUE(std::get<bool>(list[2].value));
  EXPECT_EQ(std::get<toml::Array>((*table)[3].value.value).size(), 2U);
}

TEST(TomlTest, RefusesWhatIsMalformed) {
  for (const char* text : {"a",
                           "a =",
                           "= 1",
                           "a = 1 2",
                           "a = 1\na = 2",
                           "[a]\n[a]",
                           "a = 1\n[a]",
                           "[[a]]\n[a]",
                           "[a]\n[[a]]",
                           "a = []\n[[a]]",
                           "a = {}\n[a.b]",
                           "a = {b = 1,}",
                           "a = {b = 1\n}",
                           "a = [1 2]",
                           "a = [1",
                           "a = \"x",
                           "a = 'x\n'",
                           "a = \"\\q\"",
                           "a = \"\\ud800\"",
                           "a = \"\\u00\"",
                           "a = \"\"\"x\"\"\"",
                           "a = tru",
                           "a.b = 1\na = 2",
                           "a\rb = 1",
                           "a..b = 1",
                           "[a",
                           "[[a]",
                           "a = x",
                           "\xff = 1",
                           "a = \"\x01\""})
    EXPECT_EQ(code_of(toml::parse(text, "x")), ErrorCode::kInvalidArgument) << text;
  EXPECT_EQ(code_of(toml::parse("a = " + std::string(100'000, '['), "x")),
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(code_of(toml::parse(std::string(2'000'000, '\n'), "x")), ErrorCode::kResourceExhausted);
}

TEST(HostsTomlTest, FoldersCannotLeadElsewhere) {
  EXPECT_THAT(*hosts_folders("a:5000"), ElementsAre("a_5000_", "a:5000", "_default"));
  EXPECT_THAT(*hosts_folders("a"), ElementsAre("a", "_default"));
  EXPECT_FALSE(hosts_folders("../../etc"));
  EXPECT_FALSE(hosts_folders(".."));
}

RegistriesConf conf_of(const std::string& text) {
  auto conf = parse_registries_conf(text, "r.conf");
  EXPECT_TRUE(conf) << error_of(conf);
  return conf ? *conf : RegistriesConf{};
}
std::vector<std::string> places(const RegistriesConf& conf, const char* registry,
                                const char* repository, bool by_digest) {
  auto list = locate(conf, registry, repository, by_digest);
  EXPECT_TRUE(list) << error_of(list);
  std::vector<std::string> out;
  if (!list || !*list) return {"nothing"};
  for (const Endpoint& one : **list) out.push_back(one.host + " " + one.repository);
  return out;
}

constexpr const char* kConf = R"(
unqualified-search-registries = ["docker.io"]
[[registry]]
prefix = "example.com/foo"
location = "internal.test/bar"
[[registry.mirror]]
location = "m1.test/x"
[[registry.mirror]]
location = "m2.test"
pull-from-mirror = "digest-only"
insecure = true
[[registry.mirror]]
location = "m3.test"
pull-from-mirror = "tag-only"
[[registry]]
location = "example.com"
[[registry]]
prefix = "example.com/foo/deep"
location = "deep.test"
[[registry]]
prefix = "*.evil.test"
blocked = true
[[registry]]
prefix = "*.wild.test"
location = "zoo.test"
[[registry]]
prefix = "good.wild.test"
location = "tame.test"
[[registry]]
location = "digest.test"
mirror-by-digest-only = true
[[registry.mirror]]
location = "d.test"
[aliases]
"debian" = "docker.io/library/debian"
)";

TEST(RegistriesConfTest, LongestPrefixWins) {
  const auto conf = conf_of(kConf);
  EXPECT_THAT(places(conf, "example.com", "foo/app", false),
              ElementsAre("m1.test x/app", "m3.test app", "internal.test bar/app"));
  EXPECT_THAT(places(conf, "example.com", "foo/app", true),
              ElementsAre("m1.test x/app", "m2.test app", "internal.test bar/app"));
  EXPECT_THAT(places(conf, "example.com", "foo/deep/app", false), ElementsAre("deep.test app"));
  EXPECT_THAT(places(conf, "example.com", "foobar/app", false),
              ElementsAre("example.com foobar/app"));
  EXPECT_THAT(places(conf, "example.com:5000", "foo/app", false), ElementsAre("nothing"));
}

TEST(RegistriesConfTest, WildcardsCoverHosts) {
  const auto conf = conf_of(kConf);
  EXPECT_EQ(code_of(locate(conf, "a.evil.test", "x", false)), ErrorCode::kPermissionDenied);
  EXPECT_THAT(error_of(locate(conf, "a.b.evil.test", "x", false)), HasSubstr("blocked by r.conf"));
  EXPECT_THAT(places(conf, "evil.test", "x", false), ElementsAre("nothing"));
  EXPECT_THAT(places(conf, "notevil.test", "x", false), ElementsAre("nothing"));
  EXPECT_THAT(places(conf, "lion.wild.test", "a/b", false), ElementsAre("zoo.test a/b"));
  EXPECT_THAT(places(conf, "good.wild.test", "a", false), ElementsAre("tame.test a"));
}

TEST(RegistriesConfTest, MirrorsByDigestOnly) {
  const auto conf = conf_of(kConf);
  EXPECT_THAT(places(conf, "digest.test", "a", false), ElementsAre("digest.test a"));
  EXPECT_THAT(places(conf, "digest.test", "a", true), ElementsAre("d.test a", "digest.test a"));
}

TEST(RegistriesConfTest, InsecureIsHttpsFirst) {
  const auto list = **locate(conf_of(kConf), "example.com", "foo/app", true);
  EXPECT_EQ(list[1].scheme, Scheme::kHttpsThenHttp);
  EXPECT_TRUE(list[1].tls.skip_verify);
  EXPECT_EQ(list[0].scheme, Scheme::kHttps);
  EXPECT_FALSE(list[0].capabilities.push);
  EXPECT_TRUE(list[2].capabilities.push);
}

TEST(RegistriesConfTest, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"[registries.search]\nregistries = [\"a\"]",
        "[[registry]]\nlocation = \"a\"\nblockd = true", "[[registry]]\nlocation = \"a/../b\"",
        "[[registry]]\nprefix = \"*.a/b\"", "[[registry]]\nprefix = \"\"",
        "[[registry]]\nlocation = \"a\"\n[[registry.mirror]]\nlocation = \"b\"\npull-from-mirror = "
        "\"never\"",
        "short-name-mode = \"maybe\"", "unqualified-search-registries = [\"a b\"]", "registry = 1",
        "[[registry]]\nlocation = \"a\"\n[[registry.mirror]]\nlocation = \"b/\"",
        "[[registry]]\nlocation = \"UP/x y\"",
        "[[registry]]\nlocation=\"a\"\nmirror-by-digest-only=true\n[[registry.mirror]]\nlocation="
        "\"b\"\npull-from-mirror=\"all\""})
    EXPECT_EQ(code_of(parse_registries_conf(text, "r.conf")), ErrorCode::kInvalidArgument) << text;
  ASSERT_OK(parse_registries_conf("additional-layer-store-auth-helper = \"x\"", "r.conf"));
}

TEST(RegistriesConfTest, ShortNames) {
  auto conf = conf_of(kConf);
  EXPECT_THAT(*expand_short_name(conf, "debian"), ElementsAre("docker.io/library/debian"));
  EXPECT_THAT(*expand_short_name(conf, "app"), ElementsAre("docker.io/app"));
  conf.unqualified_search = {"a.test", "b.test"};
  EXPECT_EQ(code_of(expand_short_name(conf, "app")), ErrorCode::kInvalidArgument);
  EXPECT_THAT(*expand_short_name(conf, "debian"), ElementsAre("docker.io/library/debian"));
  conf.short_name_mode = "permissive";
  EXPECT_THAT(*expand_short_name(conf, "app"), ElementsAre("a.test/app", "b.test/app"));
  EXPECT_TRUE(expand_short_name({}, "app")->empty());
}

TEST(HostsTest, FilesAreFoundAndMerged) {
  TempDir dir;
  ConfigPaths paths{.hosts_dirs = {dir.path() + "/hosts"},
                    .certs_dirs = {dir.path() + "/certs"},
                    .registries_conf = dir.path() + "/registries.conf",
                    .registries_conf_dirs = {dir.path() + "/registries.conf.d"}};
  EXPECT_THAT(bases(*load_endpoints(paths, "reg.test", "a", false)),
              ElementsAre("https://reg.test/v2"));
  dir.write(
      "registries.conf",
      "[[registry]]\nlocation = \"reg.test\"\n[[registry.mirror]]\nlocation = \"old.test\"\n");
  EXPECT_THAT(bases(*load_endpoints(paths, "reg.test", "a", false)),
              ElementsAre("https://old.test/v2", "https://reg.test/v2"));
  dir.write(
      "registries.conf.d/10.conf",
      "[[registry]]\nlocation = \"reg.test\"\n[[registry.mirror]]\nlocation = \"new.test\"\n");
  dir.write("registries.conf.d/notes.txt", "not toml [");
  EXPECT_THAT(bases(*load_endpoints(paths, "reg.test", "a", false)),
              ElementsAre("https://new.test/v2", "https://reg.test/v2"));
  dir.write("hosts/_default/hosts.toml", "[host.\"https://any.test\"]\n");
  EXPECT_THAT(bases(*load_endpoints(paths, "reg.test", "a", false)),
              ElementsAre("https://any.test/v2", "https://reg.test/v2"));
  dir.write("hosts/reg.test/hosts.toml", "[host.\"https://own.test\"]\n");
  EXPECT_THAT(bases(*load_endpoints(paths, "reg.test", "a", false)),
              ElementsAre("https://own.test/v2", "https://reg.test/v2"));
  dir.write("certs/reg.test/ca.crt", "x");
  dir.write("certs/reg.test/me.cert", "x");
  const auto list = *load_endpoints(paths, "reg.test", "a", false);
  EXPECT_THAT(list[1].tls.ca_files, ElementsAre(dir.path() + "/certs/reg.test/ca.crt"));
  EXPECT_EQ(list[1].tls.client_certs.front().second, dir.path() + "/certs/reg.test/me.key");
  EXPECT_TRUE(list[0].tls.ca_files.empty());
  dir.write("registries.conf.d/20.conf", "[[registry]]\nlocation = \"reg.test\"\nblocked = true\n");
  EXPECT_EQ(code_of(load_endpoints(paths, "reg.test", "a", false)), ErrorCode::kPermissionDenied);
  dir.write("registries.conf", "[");
  EXPECT_THAT(error_of(load_endpoints(paths, "reg.test", "a", false)),
              HasSubstr("registries.conf: line 1"));
}

TEST(HostsTest, PathsFollowTheEnvironment) {
  const ConfigPaths root = config_paths({.home = "/root", .uid = 0});
  EXPECT_THAT(root.hosts_dirs, ElementsAre("/etc/nacre/certs.d", "/etc/containerd/certs.d"));
  const ConfigPaths user = config_paths({.home = "/home/u", .uid = 1000});
  EXPECT_EQ(user.hosts_dirs.front(), "/home/u/.config/nacre/certs.d");
  const ConfigPaths named = config_paths({.registries_conf = "/x", .uid = 0});
  EXPECT_EQ(named.registries_conf, "/x");
  EXPECT_TRUE(named.registries_conf_dirs.empty());
}

}  // namespace
}  // namespace nacre::images::registry
