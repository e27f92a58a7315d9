#include "tests/unit/images_store/samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>

#include "images/stream/compress.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"

namespace nacre::images::test {
namespace {

constexpr std::size_t kBlock = 512;

std::string header_of(const std::string& name, std::size_t size) {
  const bool directory = name.ends_with('/');
  std::string block(kBlock, '\0');
  const auto put = [&](std::size_t at, const std::string& text) {
    block.replace(at, text.size(), text);
  };
  char octal[16];
  put(0, name);
  put(100, directory ? "0000755" : "0000644");
  put(108, "0000000");
  put(116, "0000000");
  std::snprintf(octal, sizeof octal, "%011zo", size);
  put(124, octal);
  put(136, "14000000000");
  put(148, "        ");
  put(156, directory ? "5" : "0");
  put(257, std::string("ustar\0", 6) + "00");
  unsigned sum = 0;
  for (const char byte : block) sum += static_cast<unsigned char>(byte);
  std::snprintf(octal, sizeof octal, "%06o", sum);
  put(148, std::string(octal) + '\0');
  return block;
}

std::string noise(const std::string& seed, std::size_t size) {
  std::seed_seq numbers(seed.begin(), seed.end());
  std::mt19937 random(numbers);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

oci::Descriptor descriptor_of(const std::string& type, std::string_view bytes) {
  oci::Descriptor descriptor;
  descriptor.media_type = type;
  descriptor.digest = digest_of(bytes);
  descriptor.size = bytes.size();
  return descriptor;
}

}  // namespace

oci::Digest digest_of(std::string_view bytes) {
  Hasher hasher;
  hasher.update(as_bytes(bytes));
  auto digest = hasher.finish();
  EXPECT_TRUE(digest);
  return digest ? *digest : oci::Digest();
}

std::string tar_of(const Files& files) {
  std::string archive;
  for (const auto& [name, content] : files) {
    archive += header_of(name, content.size()) + content;
    archive.resize((archive.size() + kBlock - 1) / kBlock * kBlock, '\0');
  }
  return archive + std::string(2 * kBlock, '\0');
}

std::string gzip(std::string_view plain) {
  MemorySink out;
  auto sink = compress(out, Compression::kGzip);
  EXPECT_TRUE(sink && (*sink)->write(as_bytes(plain)) && (*sink)->finish());
  return out.take();
}

SampleLayer sample_layer(const std::string& seed, int files, std::size_t size) {
  Files content = {{"etc/", ""}};
  for (int i = 0; i < files; ++i) {
    const std::string name = "etc/" + seed + "-" + std::to_string(i);
    content.emplace_back(name, noise(name, size));
  }
  SampleLayer layer;
  layer.plain = tar_of(content);
  layer.blob = gzip(layer.plain);
  layer.diff_id = digest_of(layer.plain);
  layer.descriptor = descriptor_of("application/vnd.oci.image.layer.v1.tar+gzip", layer.blob);
  return layer;
}

SampleImage sample_image(const std::string& name, std::vector<SampleLayer> layers) {
  SampleImage image;
  image.name = name;
  image.config = "configuration of " + name;
  image.manifest = "manifest of " + name;
  for (const SampleLayer& layer : layers) {
    image.config += " " + layer.diff_id.text();
    image.manifest += " " + layer.descriptor.digest.text();
  }
  image.config_descriptor = descriptor_of("application/vnd.oci.image.config.v1+json", image.config);
  image.manifest_descriptor =
      descriptor_of("application/vnd.oci.image.manifest.v1+json", image.manifest);
  image.layers = std::move(layers);
  return image;
}

Result<void> put_blob(Store& store, const Lease& lease, const oci::Descriptor& descriptor,
                      std::string_view bytes) {
  const auto ingest = NACRE_TRY(store.ingest(lease, descriptor));
  if (!ingest) return {};
  NACRE_TRY(ingest->write(as_bytes(bytes.substr(ingest->offset()))));
  return ingest->commit(lease);
}

Result<void> put_sample(Store& store, const SampleImage& image, bool unpack) {
  const Lease lease = NACRE_TRY(store.lease());
  std::vector<oci::Digest> blobs = {image.config_descriptor.digest};
  std::vector<oci::Digest> layers;
  for (const SampleLayer& layer : image.layers) {
    NACRE_TRY(put_blob(store, lease, layer.descriptor, layer.blob));
    blobs.push_back(layer.descriptor.digest);
    layers.push_back(layer.diff_id);
    if (unpack) NACRE_TRY(store.unpack(lease, layer.descriptor, layer.diff_id, nullptr));
  }
  NACRE_TRY(store.put_document(lease, image.config_descriptor.media_type, image.config));
  NACRE_TRY(store.put_document(lease, image.manifest_descriptor.media_type, image.manifest));
  NACRE_TRY(store.set_references(image.config_descriptor.digest, {}, layers));
  NACRE_TRY(store.set_references(image.manifest_descriptor.digest, blobs, {}));
  return store.put_image(image.name, image.manifest_descriptor);
}

std::vector<std::string> strays(Store& store, const std::string& root) {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  std::vector<std::string> blobs, layers;
  const auto known_blobs = store.blobs();
  const auto known_layers = store.layers();
  EXPECT_TRUE(known_blobs && known_layers);
  if (!known_blobs || !known_layers) return {"no records"};
  for (const BlobInfo& blob : *known_blobs) blobs.emplace_back(blob.digest.hex());
  for (const LayerInfo& layer : *known_layers) {
    if (layer.state != LayerState::kStaged) layers.emplace_back(layer.diff_id.hex());
  }
  const auto look = [&](const fs::path& folder, const std::vector<std::string>& known) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (std::ranges::find(known, entry.path().filename().string()) == known.end()) {
        found.push_back(entry.path().string() + " is not recorded");
      }
    }
    for (const std::string& name : known) {
      if (!fs::exists(folder / name)) found.push_back((folder / name).string() + " is missing");
    }
  };
  look(root + "/blobs/sha256", blobs);
  look(root + "/layers", layers);
  look(root + "/locks", {});
  return found;
}

}  // namespace nacre::images::test
