#include "images/registry/pages.h"

#include "images/registry/manifests.h"
#include "oci-spec/image/document.h"
#include "tests/unit/images_registry/registry_double.h"
#include "tests/unit/images_registry/support.h"

namespace nacre::images::registry {
namespace {

using test::code_of;
using test::descriptor_of;
using test::digest_of;
using test::error_of;
using test::Ground;
using test::RegistryDouble;
using test::Reply;
using test::ScriptServer;
using test::SeenRequest;
using testing::ElementsAre;
using testing::HasSubstr;

class PagesTest : public testing::Test {
 protected:
  std::unique_ptr<Session> session() {
    return ground_.session(Ground::endpoint_of(server_), {.attempts = 2});
  }
  Ground ground_;
  RegistryDouble registry_;
  ScriptServer server_{[this](const SeenRequest& request) { return registry_.answer(request); }};
};

TEST_F(PagesTest, AllTagsOfAllPages) {
  for (const char* tag : {"a", "b", "c", "d", "e"})
    registry_.add_manifest("team/app", tag, "x", "y");
  registry_.page = 2;
  const auto tags = list_tags(*session(), {});
  ASSERT_OK(tags);
  EXPECT_THAT(*tags, ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(server_.seen().size(), 3U);
}

TEST_F(PagesTest, NoSuchRepository) {
  EXPECT_EQ(code_of(list_tags(*session(), {})), ErrorCode::kNotFound);
}

TEST_F(PagesTest, NoTagsAtAll) {
  registry_.fault = [](const SeenRequest&) { return Reply{.body = R"({"name":"x","tags":null})"}; };
  const auto tags = list_tags(*session(), {});
  ASSERT_OK(tags);
  EXPECT_TRUE(tags->empty());
}

TEST_F(PagesTest, PagesThatLeadAstray) {
  for (const char* link : {"</v2/team/app/tags/list?n=1>; rel=next",
                           "<http://127.0.0.1:1/>; rel=next", "<http://evil.test/>; rel=next"}) {
    registry_.fault = [&](const SeenRequest&) {
      return Reply{.headers = {{"Link", link}}, .body = R"({"tags":["a"]})"};
    };
    EXPECT_EQ(code_of(list_tags(*session(), {})), ErrorCode::kFailedPrecondition) << link;
  }
}

TEST_F(PagesTest, ListsThatAreNone) {
  for (const char* body : {"", "[]", R"({"tags":"a"})", R"({"tags":[1]})", R"({"tags":["a b"]})",
                           R"({"tags":["\u001b[2J"]})", R"({"tags":["../x"]})"}) {
    registry_.fault = [&](const SeenRequest&) { return Reply{.body = body}; };
    EXPECT_FALSE(list_tags(*session(), {})) << body;
  }
}

TEST_F(PagesTest, EndlessPagesEnd) {
  int count = 0;
  registry_.fault = [&](const SeenRequest&) {
    return Reply{.headers = {{"Link", "</v2/team/app/tags/list?p=" + std::to_string(++count) +
                                          ">; rel=next"}},
                 .body = R"({"tags":["a"]})"};
  };
  EXPECT_EQ(code_of(list_tags(*session(), {})), ErrorCode::kResourceExhausted);
}

class ReferrersTest : public PagesTest {
 protected:
  static std::string artifact(const std::string& subject, const std::string& type) {
    return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":")" +
           type + R"(","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":")" +
           digest_of("{}").text() +
           R"(","size":2},"layers":[],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" +
           subject + R"(","size":1}})";
  }
  oci::Digest subject_ = digest_of("subject");
};

TEST_F(ReferrersTest, ThroughTheApi) {
  registry_.referrers_api = true;
  const std::string one = artifact(subject_.text(), "application/x.sample");
  registry_.add_manifest("team/app", "", "application/vnd.oci.image.manifest.v1+json", one);
  const auto list = list_referrers(*session(), subject_, "", {});
  ASSERT_OK(list);
  ASSERT_EQ(list->size(), 1U);
  EXPECT_EQ(list->front().digest, digest_of(one));
  EXPECT_EQ(list_referrers(*session(), subject_, "application/x.other", {})->size(), 0U);
  EXPECT_THAT(server_.seen().back().query, HasSubstr("artifactType=application%2Fx.other"));
}

TEST_F(ReferrersTest, ThroughTheTag) {
  registry_.strict_order = false;
  EXPECT_TRUE(list_referrers(*session(), subject_, "", {})->empty());
  oci::Descriptor first = descriptor_of("first", "application/vnd.oci.image.manifest.v1+json");
  first.artifact_type = "application/x.a";
  oci::Descriptor second = descriptor_of("second", "application/vnd.oci.image.manifest.v1+json");
  second.artifact_type = "application/x.b";
  second.annotations["k"] = "v";
  ASSERT_OK(add_referrer(*session(), subject_, first, {}));
  ASSERT_OK(add_referrer(*session(), subject_, second, {}));
  ASSERT_OK(add_referrer(*session(), subject_, second, {}));  // not entered twice
  const auto list = list_referrers(*session(), subject_, "", {});
  ASSERT_OK(list);
  EXPECT_THAT(*list, ElementsAre(first, second));
  EXPECT_THAT(*list_referrers(*session(), subject_, "application/x.b", {}), ElementsAre(second));
  EXPECT_TRUE(registry_.manifests.contains("team/app:" + referrers_tag(subject_)));
}

TEST_F(ReferrersTest, SomebodyElseIsFaster) {
  registry_.strict_order = false;
  int conflicts = 2;
  registry_.fault = [&](const SeenRequest& request) -> std::optional<Reply> {
    if (request.method != "PUT" || conflicts-- <= 0) return std::nullopt;
    EXPECT_EQ(request.header("If-None-Match"), "*");
    return Reply{.status = 412};
  };
  ASSERT_OK(add_referrer(*session(), subject_,
                         descriptor_of("x", "application/vnd.oci.image.manifest.v1+json"), {}));
  EXPECT_EQ(list_referrers(*session(), subject_, "", {})->size(), 1U);
}

TEST_F(ReferrersTest, WhatStandsUnderTheTagMustBeAnIndex) {
  registry_.add_manifest("team/app", referrers_tag(subject_),
                         "application/vnd.oci.image.manifest.v1+json",
                         artifact(subject_.text(), "x/y"));
  EXPECT_EQ(code_of(list_referrers(*session(), subject_, "", {})), ErrorCode::kInvalidArgument);
  EXPECT_FALSE(add_referrer(*session(), subject_,
                            descriptor_of("x", "application/vnd.oci.image.manifest.v1+json"), {}));
}

}  // namespace
}  // namespace nacre::images::registry
