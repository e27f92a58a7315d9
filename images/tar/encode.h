// An entry as the header blocks in front of its data. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "images/tar/entry.h"

namespace nacre::images::tar {

// One ustar header, before it a pax header and its data if ustar cannot hold everything.
// invalid_argument: the entry cannot be in an archive, and why.
[[nodiscard]] Result<std::string> encode_headers(const Entry& entry);

}  // namespace nacre::images::tar
