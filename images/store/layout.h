// The folders of a data root and the names in them (docs/storage.md, "On disk").
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "oci-spec/image/digest.h"
#include "sys/fds.h"

namespace nacre::images {

struct Layout {
  // Makes what is missing, each folder with mode 0700: what lies in layers/ has setuid bits and
  // devices that nobody else may reach (CVE-2021-41091). `root` is an absolute path; its parents
  // are made too.
  [[nodiscard]] static Result<Layout> open(const std::string& root);

  [[nodiscard]] const sys::DirFd& blobs(const oci::Digest& digest) const {
    return digest.algorithm() == "sha512" ? sha512 : sha256;
  }

  std::string path;
  sys::DirFd root;
  sys::DirFd sha256, sha512;  // blobs/<algorithm>
  sys::DirFd ingest, layers, leases, locks, trash;
};

// "sha256-<hex>": of a blob that is arriving, in ingest/.
[[nodiscard]] std::string ingest_name(const oci::Digest& digest);
// In locks/: who may make or remove the blob or the layer.
[[nodiscard]] std::string blob_lock(const oci::Digest& digest);
[[nodiscard]] std::string layer_lock(const oci::Digest& diff_id);
// "<hex>" and ".staging-<hex>", in layers/. Lengths tell the algorithms apart.
[[nodiscard]] std::string layer_name(const oci::Digest& diff_id);
[[nodiscard]] std::string staging_name(const oci::Digest& diff_id);
inline constexpr std::string_view kStagingPrefix = ".staging-";

// The digest whose hex is a name in blobs/<algorithm> or layers/; an error for any other name.
[[nodiscard]] Result<oci::Digest> digest_of_name(std::string_view hex);

// The names in a folder, sorted, whoever else is listing it.
[[nodiscard]] Result<std::vector<std::string>> list_folder(const sys::DirFd& folder);

// In a layer's folder.
inline constexpr const char* kLayerTree = "fs";
inline constexpr const char* kLayerManifest = "manifest";

}  // namespace nacre::images
