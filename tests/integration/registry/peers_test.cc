// What we push skopeo reads, and what skopeo pushes we pull.
#include <sys/wait.h>

#include <cstdlib>

#include "tests/integration/registry/fixture.h"

namespace nacre::images::registry {
namespace {

using images::test::sample_layer;

class SkopeoTest : public test::RegistryTest {
 protected:
  void SetUp() override {
    if (::access("/usr/bin/skopeo", X_OK) != 0) GTEST_SKIP() << "skopeo is not installed";
    RegistryTest::SetUp();
  }
  // Its words are shown when it fails.
  int skopeo(const std::string& arguments) const {
    const std::string log = folder_.path() + "/skopeo.log";
    const std::string command =
        "HOME=" + folder_.path() + " skopeo --insecure-policy " + arguments + " >" + log + " 2>&1";
    const int status =
        std::system(command.c_str());  // NOLINT(cert-env33-c): a fixed text and our own names
    std::ifstream text(log);
    if (status != 0) ADD_FAILURE() << std::string(std::istreambuf_iterator<char>(text), {});
    return status;
  }
};

TEST_F(SkopeoTest, ReadsWhatWePush) {
  const auto image = make_image({sample_layer("a"), sample_layer("b")});
  ASSERT_OK(push(image, "app:1"));
  EXPECT_EQ(skopeo("copy --src-tls-verify=false docker://" + registry_->host() +
                   "/app:1 dir:" + folder_.path() + "/copy"),
            0);
  std::ifstream manifest(folder_.path() + "/copy/manifest.json");
  const std::string text(std::istreambuf_iterator<char>(manifest), {});
  EXPECT_EQ(test::digest_of(text), image.manifest.digest);
}

TEST_F(SkopeoTest, PushesWhatWeRead) {
  const auto image = make_image({sample_layer("a"), sample_layer("b")});
  ASSERT_OK(push(image, "app:1"));
  // As Docker's kind of manifest, which is another document with other words for the same layers.
  EXPECT_EQ(skopeo("copy --format v2s2 --src-tls-verify=false --dest-tls-verify=false docker://" +
                   registry_->host() + "/app:1 docker://" + registry_->host() + "/docker/app:2"),
            0);
  const auto pulled = pull("docker/app:2");
  ASSERT_OK(pulled);
  EXPECT_EQ(pulled->target.media_type, "application/vnd.docker.distribution.manifest.v2+json");
  EXPECT_NE(pulled->target.digest, image.manifest.digest);
  for (const auto& layer : image.layers) EXPECT_TRUE(there_->open_layer(layer.diff_id));
}

}  // namespace
}  // namespace nacre::images::registry
