// The pieces that settings_for() puts together, one per object of linux.resources.
#pragma once

#include <string>
#include <vector>

#include "cgroups/settings.h"

namespace nacre::cgroups::parts {

using Settings = std::vector<Setting>;
using IfMissing = Setting::IfMissing;

// `field` is the part after "linux.resources.".
Setting setting(std::string file, std::string value, std::string_view field,
                IfMissing if_missing = IfMissing::kError);
Error bad_field(std::string_view field, std::string_view what);

[[nodiscard]] Result<void> add_memory(const oci::MemoryResources& memory, Settings& out);
[[nodiscard]] Result<void> add_cpu(const oci::CpuResources& cpu, Settings& out);
[[nodiscard]] Result<void> add_block_io(const oci::BlockIoResources& io, Settings& out);

}  // namespace nacre::cgroups::parts
