// What other modules say must stay: in their own transactions, beside their own records.
//
// A hold lives until its owner gives it up; an owner is a word of the module that made it
// ("snapshot:web"). A lease's keep ends with the lease.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "images/store/database.h"
#include "images/store/lease.h"

namespace nacre::images {

inline constexpr std::string_view kBlobKind = "blob";
inline constexpr std::string_view kLayerKind = "layer";

// `kind` is kBlobKind or kLayerKind with a digest as target, or a kind of the calling module's own.
// Idempotent.
[[nodiscard]] Result<void> hold(Transaction& records, std::string_view owner, std::string_view kind,
                                std::string_view target);
// Everything the owner holds.
[[nodiscard]] Result<void> release_holds(Transaction& records, std::string_view owner);
[[nodiscard]] Result<std::vector<std::string>> holders(Transaction& records, std::string_view kind,
                                                       std::string_view target);

// Idempotent. failed_precondition when the lease's record is gone (its end was told to the store).
[[nodiscard]] Result<void> keep(Transaction& records, const Lease& lease, std::string_view kind,
                                std::string_view target);
// Whether a lease keeps it. Leases that ended without saying so count until the next collection.
[[nodiscard]] Result<bool> is_leased(Transaction& records, std::string_view kind,
                                     std::string_view target);

}  // namespace nacre::images
