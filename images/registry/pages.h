// Lists that come in pages: the tags of a repository, the referrers of a manifest.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "images/reference/repository.h"
#include "images/registry/client.h"
#include "images/registry/session.h"
#include "oci-spec/image/index.h"

namespace nacre::images::registry {

inline constexpr std::size_t kMostPages = 1000;
inline constexpr std::size_t kMostTags = 1'000'000;

// In the registry's order. kNotFound when there is no such repository, kResourceExhausted beyond
// the limits above. A page that leads to another host or back to itself is an error.
[[nodiscard]] Result<std::vector<std::string>> list_tags(Session& session,
                                                         const std::stop_token& stop);
[[nodiscard]] Result<std::vector<std::string>> list_tags(Client& client,
                                                         const Repository& repository,
                                                         const std::stop_token& stop);

// What has `subject` for its subject; of one artifact type unless that is "". Asked through the
// API, and where there is none, in the index under the tag sha256-<hex>.
[[nodiscard]] Result<std::vector<oci::Descriptor>> list_referrers(Session& session,
                                                                  const oci::Digest& subject,
                                                                  const std::string& artifact_type,
                                                                  const std::stop_token& stop);
[[nodiscard]] Result<std::vector<oci::Descriptor>> list_referrers(Client& client,
                                                                  const Repository& repository,
                                                                  const oci::Digest& subject,
                                                                  const std::string& artifact_type,
                                                                  const std::stop_token& stop);

// "sha256-<hex>": where registries without the API keep the list.
[[nodiscard]] std::string referrers_tag(const oci::Digest& subject);

// Enters a manifest into the list under that tag, unless it is there. For registries that did not
// say that they do it themselves. Retried when somebody else changes the list at the same time.
[[nodiscard]] Result<void> add_referrer(Session& session, const oci::Digest& subject,
                                        const oci::Descriptor& referrer,
                                        const std::stop_token& stop);

}  // namespace nacre::images::registry
