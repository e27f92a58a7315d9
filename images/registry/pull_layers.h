// The layers of an image: downloaded and unpacked, several at a time. Internal to pull().
#pragma once

#include <stop_token>

#include "images/registry/pull_documents.h"

namespace nacre::images::registry {

// True when something had to be fetched.
[[nodiscard]] Result<bool> fetch_layers(const PullContext& context, const ImageDocuments& image,
                                        const std::stop_token& stop);

}  // namespace nacre::images::registry
