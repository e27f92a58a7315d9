// An archive that can be read only once: what is large goes into the store as it comes, what is
// small stays in memory.
#pragma once

#include <functional>
#include <stop_token>

#include "images/formats/members.h"
#include "images/store/store.h"

namespace nacre::images {

// Reads `archive` to its end. A member of blobs/ becomes that blob, and one that is there already
// is passed over unread; any other large member is stored under whatever it hashes to. All are kept
// by the lease. `store` must outlive the result. A blob that is not what its name says is
// invalid_argument.
[[nodiscard]] Result<std::unique_ptr<Members>> take_stream(Store& store, const Lease& lease,
                                                           Source& archive,
                                                           const std::stop_token& stop);

}  // namespace nacre::images
