// A registry on loopback with real images in it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "oci-spec/image/descriptor.h"
#include "oci-spec/image/platform.h"
#include "tests/unit/images_registry/registry_double.h"
#include "tests/unit/images_store/samples.h"

namespace nacre::images::registry::test {

struct PublishedImage {
  oci::Descriptor manifest, config;
  std::vector<images::test::SampleLayer> layers;
};

class ImageRegistry {
 public:
  // As a reference: "127.0.0.1:port/rest".
  std::string name(const std::string& rest) const { return server_.host() + "/" + rest; }
  // A hosts.toml that has the server speak plain HTTP, behind the hosts of `text`, and where it
  // belongs below a directory of them.
  std::string hosts_file() const {
    return "127.0.0.1_" + std::to_string(server_.port()) + "_/hosts.toml";
  }
  std::string hosts_text(const std::string& text) const {
    return "server = \"" + server_.url() + "\"\n" + text;
  }

  PublishedImage sample(const std::string& repository, const std::string& tag, int layers) {
    std::vector<images::test::SampleLayer> list;
    for (int i = 0; i < layers; ++i)
      list.push_back(images::test::sample_layer(repository + tag + std::to_string(i)));
    return publish(repository, tag, list);
  }
  PublishedImage publish(const std::string& repository, const std::string& tag,
                         std::vector<images::test::SampleLayer> layers,
                         const std::string& architecture = oci::host_platform().architecture) {
    PublishedImage out;
    std::string diff_ids, list;
    for (const auto& layer : layers) {
      diff_ids += (diff_ids.empty() ? "\"" : ",\"") + layer.diff_id.text() + "\"";
      list += (list.empty() ? "" : ",") + json_of(layer.descriptor);
      registry_.add_blob(repository, layer.blob);
    }
    const std::string config =
        "{\"architecture\":\"" + architecture +
        "\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diff_ids + "]}}";
    registry_.add_blob(repository, config);
    out.config = descriptor_of(config, "application/vnd.oci.image.config.v1+json");
    const std::string manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"application/"
        "vnd.oci.image.manifest.v1+json\",\"config\":" +
        json_of(out.config) + ",\"layers\":[" + list + "]}";
    out.manifest = descriptor_of(manifest, "application/vnd.oci.image.manifest.v1+json");
    registry_.add_manifest(repository, tag, out.manifest.media_type, manifest);
    out.layers = std::move(layers);
    return out;
  }
  oci::Descriptor publish_index(const std::string& repository, const std::string& tag,
                                const std::vector<std::pair<PublishedImage, std::string>>& images) {
    std::string list;
    for (const auto& [image, architecture] : images) {
      std::string one = json_of(image.manifest);
      one.insert(one.size() - 1,
                 ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}");
      list += (list.empty() ? "" : ",") + one;
    }
    return add_index(repository, tag, list);
  }
  oci::Descriptor publish_nested_index(const std::string& repository, const std::string& tag,
                                       const oci::Descriptor& inner, int times = 1) {
    std::string list = json_of(inner);
    for (int i = 1; i < times; ++i) list += "," + json_of(inner);
    return add_index(repository, tag, list);
  }

  RegistryDouble registry_;
  ScriptServer server_{[this](const SeenRequest& request) { return registry_.answer(request); }};

 private:
  static oci::Descriptor descriptor_of(const std::string& bytes, const std::string& type) {
    return {.media_type = type, .digest = images::test::digest_of(bytes), .size = bytes.size()};
  }
  static std::string json_of(const oci::Descriptor& one) {
    return "{\"mediaType\":\"" + one.media_type + "\",\"digest\":\"" + one.digest.text() +
           "\",\"size\":" + std::to_string(one.size) + "}";
  }
  oci::Descriptor add_index(const std::string& repository, const std::string& tag,
                            const std::string& list) {
    const std::string type = "application/vnd.oci.image.index.v1+json";
    const std::string index =
        "{\"schemaVersion\":2,\"mediaType\":\"" + type + "\",\"manifests\":[" + list + "]}";
    registry_.add_manifest(repository, tag, type, index);
    return descriptor_of(index, type);
  }
};

}  // namespace nacre::images::registry::test
