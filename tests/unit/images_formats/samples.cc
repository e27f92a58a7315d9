#include "tests/unit/images_formats/samples.h"

#include <fcntl.h>

#include <fstream>
#include <thread>

#include "oci-spec/image/layout.h"
#include "oci-spec/image/media_types.h"

namespace nacre::images::test {

std::string config_json(const std::vector<SampleLayer>& layers, const oci::Platform& platform) {
  oci::ImageConfig config;
  config.created = "2024-01-01T00:00:00Z";
  config.platform = platform;
  config.platform.variant.clear();
  for (const SampleLayer& layer : layers) config.rootfs.diff_ids.push_back(layer.diff_id);
  return oci::to_json(config);
}

oci::Descriptor LayoutSample::blob(const std::string& bytes, std::string_view media_type) {
  oci::Descriptor out;
  out.media_type = media_type;
  out.digest = digest_of(bytes);
  out.size = bytes.size();
  blobs[oci::layout_path(out.digest)] = bytes;
  return out;
}

oci::Descriptor LayoutSample::image(const std::vector<SampleLayer>& layers,
                                    oci::Platform platform) {
  if (platform.architecture.empty()) platform = oci::host_platform();
  oci::Manifest out;
  out.media_type = oci::media::kManifest;
  out.config = blob(config_json(layers, platform), oci::media::kConfig);
  for (const SampleLayer& layer : layers)
    out.layers.push_back(blob(layer.blob, oci::media::kLayerGzip));
  oci::Descriptor made = manifest(out);
  platform.variant.clear();
  made.platform = platform;
  return made;
}

oci::Descriptor LayoutSample::manifest(const oci::Manifest& manifest) {
  return blob(oci::to_json(manifest), manifest.media_type);
}

oci::Descriptor LayoutSample::index(const std::vector<oci::Descriptor>& manifests) {
  oci::Index out;
  out.media_type = oci::media::kIndex;
  out.manifests = manifests;
  return blob(oci::to_json(out), oci::media::kIndex);
}

LayoutSample& LayoutSample::entry(oci::Descriptor target,
                                  const std::map<std::string, std::string>& annotations) {
  target.annotations = annotations;
  target.platform.reset();
  entries_.push_back(std::move(target));
  return *this;
}

LayoutSample& LayoutSample::named(const oci::Descriptor& target, const std::string& whole_name) {
  return entry(target, {{std::string(oci::annotation::kContainerdImageName), whole_name}});
}

Members LayoutSample::members() const {
  oci::Index index;
  index.media_type = oci::media::kIndex;
  index.manifests = entries_;
  Members out = {archive::file("oci-layout", oci::layout_json()),
                 archive::file("index.json", oci::to_json(index)), archive::dir("blobs/"),
                 archive::dir("blobs/sha256/")};
  for (const auto& [path, bytes] : blobs) out.push_back(archive::file(path, bytes));
  return out;
}

Members docker_archive(const std::vector<SampleLayer>& layers, const std::string& repo_tags,
                       DockerForm form) {
  const std::string config = config_json(layers);
  const std::string config_name = std::string(digest_of(config).hex()) + ".json";
  Members out;
  std::string names;
  std::map<std::string, std::string> first;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string hex(layers[i].diff_id.hex());
    const std::string id = std::string(63, '0') + std::to_string(i);
    std::string name = hex + ".tar";
    if (form == DockerForm::kCompressed) name += ".gz";
    if (form == DockerForm::kDocker) {
      name = id + "/layer.tar";
      out.push_back(archive::dir(id + "/"));
      out.push_back(archive::file(id + "/VERSION", "1.0"));
      out.push_back(archive::file(id + "/json", "{}"));
    }
    const auto [place, fresh] = first.try_emplace(hex, name);
    if (fresh) {
      out.push_back(
          archive::file(name, form == DockerForm::kCompressed ? layers[i].blob : layers[i].plain));
    } else if (form == DockerForm::kDocker) {
      out.push_back(archive::symlink(name, "../" + place->second));
    }
    names += (i == 0 ? "\"" : ",\"") + name + "\"";
  }
  out.push_back(archive::file(config_name, config));
  out.push_back(archive::file("manifest.json", "[{\"Config\":\"" + config_name +
                                                   "\",\"RepoTags\":" + repo_tags +
                                                   ",\"Layers\":[" + names + "]}]\n"));
  if (form == DockerForm::kDocker) out.push_back(archive::file("repositories", "{}"));
  return out;
}

FormatsTest::Loaded FormatsTest::load_file(const std::string& bytes, const LoadOptions& options,
                                           ProgressListener* progress) {
  const std::string path = work_ / "archive";
  std::ofstream(path, std::ios::binary) << bytes;
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return load_archive(store(), file, "archive", options, progress, {});
}

FormatsTest::Loaded FormatsTest::load_pipe(const std::string& bytes, const LoadOptions& options) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  UniqueFd reader(ends[0]);
  std::thread writer([&bytes, end = UniqueFd(ends[1])] {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t wrote = ::write(end.get(), bytes.data() + done, bytes.size() - done);
      if (wrote < 0) return;  // the reader has had enough
      done += static_cast<std::size_t>(wrote);
    }
  });
  auto loaded = load_archive(store(), reader, "archive", options, nullptr, {});
  reader.reset();
  writer.join();
  return loaded;
}

std::string FormatsTest::records() {
  std::string out;
  const auto blobs = store().blobs();
  const auto layers = store().layers();
  const auto images = store().images();
  for (const BlobInfo& blob : *blobs) out += blob.digest.text() + "\n";
  for (const LayerInfo& layer : *layers) out += "layer " + layer.diff_id.text() + "\n";
  for (const ImageRecord& image : *images)
    out += image.name + " " + image.target.digest.text() + "\n";
  return out;
}

void FormatsTest::expect_layers(const std::vector<SampleLayer>& layers) {
  for (const SampleLayer& layer : layers) EXPECT_OK(store().open_layer(layer.diff_id));
}

Members with(Members members, const std::string& path, const std::string& content) {
  for (auto& member : members) {
    if (member.path == path) {
      member.content = content;
      return members;
    }
  }
  members.push_back(archive::file(path, content));
  return members;
}

Members without(Members members, const std::string& path) {
  std::erase_if(members, [&](const auto& member) { return member.path == path; });
  return members;
}

}  // namespace nacre::images::test
