// Names of annotations that mean something to us (image-spec, annotations.md) and to others.
#pragma once

#include <string_view>

namespace nacre::oci::annotation {

inline constexpr std::string_view kCreated = "org.opencontainers.image.created";  // RFC 3339
inline constexpr std::string_view kBaseName = "org.opencontainers.image.base.name";
inline constexpr std::string_view kBaseDigest = "org.opencontainers.image.base.digest";

// In index.json of a layout: the tag. Some write the whole name of the image there.
inline constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
// In index.json as containerd and Docker write it: the whole name, "docker.io/library/debian:12".
inline constexpr std::string_view kContainerdImageName = "io.containerd.image.name";

// In an index, of an entry that describes another one: what it is, and the other one's digest.
inline constexpr std::string_view kDockerReferenceType = "vnd.docker.reference.type";
inline constexpr std::string_view kDockerReferenceDigest = "vnd.docker.reference.digest";

}  // namespace nacre::oci::annotation
