#include "tests/integration/registry/fixture.h"

namespace nacre::images::registry {
namespace {

using images::test::sample_layer;
using test::code_of;
using test::RegistryTest;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(RegistryTest, WhatIsPushedIsPulled) {
  const auto image =
      make_image({sample_layer("a"), sample_layer("b", 10, 100'000), sample_layer("c", 1, 0)});
  const auto pushed = push(image, "team/app:1");
  ASSERT_OK(pushed);
  EXPECT_EQ(pushed->sent, 4U);
  const auto pulled = pull("team/app:1");
  ASSERT_OK(pulled);
  EXPECT_EQ(pulled->target.digest, image.manifest.digest);
  expect_there(image);
  const auto again = pull("team/app:1");
  ASSERT_OK(again);
  EXPECT_TRUE(again->was_there);
  ASSERT_OK(pull("team/app@" + image.manifest.digest.text()));
}

TEST_F(RegistryTest, InChunksAndWhole) {
  const auto image = make_image({sample_layer("large", 20, 1'000'000)});
  ASSERT_OK(push(image, "chunks:1", {.chunk_bytes = 3'000'000}));
  ASSERT_OK(push(image, "whole:1"));
  ASSERT_OK(pull("chunks:1"));
  expect_there(image);
}

TEST_F(RegistryTest, LayersAreTakenOverAndNotSentTwice) {
  const auto image = make_image({sample_layer("a"), sample_layer("b")});
  ASSERT_OK(push(image, "base:1"));
  const auto again = push(image, "base:2");
  ASSERT_OK(again);
  EXPECT_EQ(again->sent, 0U);
  const auto mounted = push(image, "derived/from:1", {.mount_from = {"base"}});
  ASSERT_OK(mounted);
  EXPECT_EQ(mounted->sent, 0U);
  ASSERT_OK(pull("derived/from:1"));
}

TEST_F(RegistryTest, ListsTags) {
  const auto image = make_image({sample_layer("a")});
  for (const char* tag : {"one", "two", "three"}) ASSERT_OK(push(image, std::string("app:") + tag));
  const auto someone = client();
  const auto tags = list_tags(*someone, reference("app").repository(), {});
  ASSERT_OK(tags);
  EXPECT_THAT(*tags, testing::UnorderedElementsAre("one", "two", "three"));
  EXPECT_EQ(code_of(list_tags(*someone, reference("absent").repository(), {})),
            ErrorCode::kNotFound);
}

TEST_F(RegistryTest, ReferrersUnderTheFallbackTag) {
  const auto image = make_image({sample_layer("a")});
  ASSERT_OK(push(image, "app:1"));
  const auto lease = here_->lease();
  ASSERT_OK(here_->put_document(*lease, "application/vnd.oci.empty.v1+json", "{}"));
  const auto sbom = here_->put_document(
      *lease, "application/vnd.oci.image.manifest.v1+json",
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/x.sbom","config":)" +
          json_of(test::descriptor_of("{}", "application/vnd.oci.empty.v1+json")) +
          R"(,"layers":[],"subject":)" + json_of(image.manifest) + "}");
  ASSERT_OK(sbom);
  const auto someone = client();
  ASSERT_OK(registry::push(*someone, *here_, *sbom, reference("app:sbom"), {}, nullptr, {}));
  const auto list = list_referrers(*someone, reference("app").repository(), image.manifest.digest,
                                   "application/x.sbom", {});
  ASSERT_OK(list);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().digest, sbom->digest);
}

TEST_F(RegistryTest, WhatIsNotThereIsNamed) {
  const auto result = pull("nobody/nothing:1");
  EXPECT_EQ(code_of(result), ErrorCode::kNotFound);
  EXPECT_THAT(test::error_of(result), HasSubstr("nobody/nothing"));
}

TEST_F(RegistryTest, PasswordsAreAsked) {
  test::TempDir folder;
  // bcrypt of "open sesame".
  const std::string users = folder.write(
      "htpasswd", "ali:$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n");
  start({.folder = folder.path(), .htpasswd = users});
  const auto image = make_image({sample_layer("a")});
  const auto as = [&](const Credential& who) {
    return registry::push(*client(who), *here_, image.manifest, reference("app:1"), {}, nullptr,
                          {});
  };
  EXPECT_EQ(code_of(as({})), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code_of(as({.username = "ali", .password = "close sesame"})),
            ErrorCode::kPermissionDenied);
  ASSERT_OK(as({.username = "ali", .password = "open sesame"}));
  ASSERT_OK(registry::pull(*client({.username = "ali", .password = "open sesame"}), *there_,
                           reference("app:1"), {}, nullptr, {}));
}

TEST_F(RegistryTest, OverTlsWithItsOwnAuthority) {
  test::TempDir folder;
  const test::TestIdentity identity = test::make_identity();
  const std::string certificate = folder.write("server.pem", identity.certificate);
  start({.folder = folder.path(),
         .certificate = certificate,
         .key = folder.write("server.key", identity.key)});
  const auto image = make_image({sample_layer("a")});
  const auto with = [&](const ConfigPaths& paths) {
    return registry::push(*client({}, paths), *here_, image.manifest, reference("app:1"), {},
                          nullptr, {});
  };
  EXPECT_EQ(code_of(with({})), ErrorCode::kFailedPrecondition);
  folder.write("certs/" + registry_->host() + "/ca.crt", identity.certificate);
  const ConfigPaths paths{.certs_dirs = {folder.path() + "/certs"}};
  ASSERT_OK(with(paths));
  ASSERT_OK(registry::pull(*client({}, paths), *there_, reference("app:1"), {}, nullptr, {}));
}

TEST_F(RegistryTest, ARegistryAsAMirror) {
  const auto image = make_image({sample_layer("a")});
  ASSERT_OK(push(image, "library/app:1"));
  test::TempDir folder;
  folder.write("hosts/upstream.test/hosts.toml",
               "server = \"http://127.0.0.1:1\"\n[host.\"http://" + registry_->host() + "\"]\n");
  const auto someone = client({}, {.hosts_dirs = {folder.path() + "/hosts"}});
  const auto name = *Reference::parse("upstream.test/library/app:1");
  ASSERT_OK(registry::pull(*someone, *there_, name, {}, nullptr, {}));
  EXPECT_TRUE((*there_->find_image(name.text())).has_value());
}

}  // namespace
}  // namespace nacre::images::registry
