// Images that exist nowhere, for what only looks at values.
#pragma once

#include <string>
#include <vector>

#include "images/service/image.h"

namespace nacre::cli::test {

inline oci::Digest digest(char digit) {
  return *oci::Digest::parse("sha256:" + std::string(64, digit));
}

inline images::ImageSummary image(char digit, const std::vector<std::string>& names,
                                  std::int64_t created = 1000) {
  images::ImageSummary out;
  out.id = digest(digit);
  out.target.digest = digest('e');
  out.target.media_type = "application/vnd.oci.image.manifest.v1+json";
  out.manifest = out.target;
  for (const std::string& name : names) out.names.push_back({name, out.target, created});
  out.created = created;
  out.size = 1'234'567;
  out.platform = {.architecture = "amd64", .os = "linux"};
  return out;
}

}  // namespace nacre::cli::test
