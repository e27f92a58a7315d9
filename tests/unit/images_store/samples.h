// What the tests put into stores: archives, documents, images made of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "images/store/store.h"
#include "oci-spec/image/digest.h"

namespace nacre::images::test {

[[nodiscard]] oci::Digest digest_of(std::string_view bytes);

// A ustar archive of directories (names that end in a slash) and files, mode 0755 and 0644, of
// root.
using Files = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::string tar_of(const Files& files);
[[nodiscard]] std::string gzip(std::string_view plain);

// A layer as a registry would have it. Two seeds give two layers; `files` files of `size` bytes.
struct SampleLayer {
  std::string plain;           // the archive
  std::string blob;            // the same, compressed
  oci::Digest diff_id;         // of plain
  oci::Descriptor descriptor;  // of blob
};
[[nodiscard]] SampleLayer sample_layer(const std::string& seed, int files = 3,
                                       std::size_t size = 1000);

// An image: a document that names its configuration and layers. What it looks like is no business
// of the store.
struct SampleImage {
  std::string name;
  std::string config, manifest;
  oci::Descriptor config_descriptor, manifest_descriptor;
  std::vector<SampleLayer> layers;
};
[[nodiscard]] SampleImage sample_image(const std::string& name, std::vector<SampleLayer> layers);

// Brings in one blob, going on where an earlier try has stopped.
[[nodiscard]] Result<void> put_blob(Store& store, const Lease& lease,
                                    const oci::Descriptor& descriptor, std::string_view bytes);
// Everything a pull does: blobs, layers, documents, references, the name.
[[nodiscard]] Result<void> put_sample(Store& store, const SampleImage& image, bool unpack = true);

// Which files and folders of the data root are where they should not be, by the records; one
// sentence each. Leaves the trash and unfinished blobs out.
[[nodiscard]] std::vector<std::string> strays(Store& store, const std::string& root);

}  // namespace nacre::images::test
