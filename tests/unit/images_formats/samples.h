// Archives of images, built member by member so that any part can be wrong.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "images/formats/load.h"
#include "images/formats/save.h"
#include "oci-spec/image/annotations.h"
#include "oci-spec/image/document.h"
#include "oci-spec/image/media_types.h"
#include "tests/integration/layers/archive.h"
#include "tests/unit/images_store/fixture.h"
#include "tests/unit/images_store/samples.h"

namespace nacre::images::test {

namespace archive = ::nacre::test::layers;
using Members = std::vector<archive::Member>;

// blobs/ and what stands in index.json.
class LayoutSample {
 public:
  oci::Descriptor blob(const std::string& bytes, std::string_view media_type);
  // Configuration and manifest of these layers; for this machine's platform unless another is
  // given.
  oci::Descriptor image(const std::vector<SampleLayer>& layers, oci::Platform platform = {});
  oci::Descriptor manifest(const oci::Manifest& manifest);
  oci::Descriptor index(const std::vector<oci::Descriptor>& manifests);
  // An entry of index.json.
  LayoutSample& entry(oci::Descriptor target, const std::map<std::string, std::string>& = {});
  LayoutSample& named(const oci::Descriptor& target, const std::string& whole_name);

  [[nodiscard]] Members members() const;
  [[nodiscard]] std::string tar() const { return archive::archive(members()); }
  std::map<std::string, std::string> blobs;  // by path

 private:
  std::vector<oci::Descriptor> entries_;
};

// A docker-archive with one image in one of the forms that exist.
enum class DockerForm { kDocker, kPodman, kCompressed };
[[nodiscard]] Members docker_archive(const std::vector<SampleLayer>& layers,
                                     const std::string& repo_tags, DockerForm form);
[[nodiscard]] std::string config_json(const std::vector<SampleLayer>& layers,
                                      const oci::Platform& platform = oci::host_platform());

// Loads from a regular file and from a pipe.
class FormatsTest : public StoreTest {
 protected:
  using Loaded = Result<std::vector<LoadedImage>>;
  Loaded load_file(const std::string& bytes, const LoadOptions& options = {},
                   ProgressListener* progress = nullptr);
  Loaded load_pipe(const std::string& bytes, const LoadOptions& options = {});
  // Everything that the records say, to be compared.
  std::string records();
  void expect_layers(const std::vector<SampleLayer>& layers);
};

// Replaces a member's content.
[[nodiscard]] Members with(Members members, const std::string& path, const std::string& content);
[[nodiscard]] Members without(Members members, const std::string& path);

}  // namespace nacre::images::test
