// manifest.json of a docker-archive: what `docker save`, podman and skopeo write beside (or instead
// of) an OCI layout. The file is a list, one element for each image.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nacre::oci {

struct DockerArchiveImage {
  std::string config;                  // the member that holds the configuration
  std::vector<std::string> repo_tags;  // "busybox:latest"; text as it stands there
  std::vector<std::string> layers;     // members, the lowest first
  friend bool operator==(const DockerArchiveImage&, const DockerArchiveImage&) = default;
};

inline constexpr std::string_view kDockerArchiveFile = "manifest.json";

// Limits: 4 MiB; 1024 images; kMostDescriptors names and layers of each. Messages begin with
// "manifest.json: " and say the place.
[[nodiscard]] Result<std::vector<DockerArchiveImage>> parse_docker_archive(std::string_view bytes);

// Compact: the same images give the same bytes.
[[nodiscard]] std::string to_json(const std::vector<DockerArchiveImage>& images);

}  // namespace nacre::oci
