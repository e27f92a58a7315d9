// Extended attributes: which travel in layers, and what has to be translated on the way. Pure.
//
// By list, not by exception. What travels:
//   user.*                       except user.overlay.*
//   security.capability          with the root user it counts for (version 3) translated
//   system.posix_acl_access, system.posix_acl_default    with the ids in them translated
// What does not: trusted.* and user.overlay.*, because overlay would take redirect, metacopy and
// opaque from them and show other files of lower layers; labels and signatures of the machine that
// made the layer (security.selinux, security.ima ...); names of other systems.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "images/layers/ids.h"
#include "images/tar/entry.h"

namespace nacre::images::layers {

using Xattrs = std::map<std::string, std::string>;

inline constexpr const char* kCapability = "security.capability";

[[nodiscard]] bool travels(std::string_view name);
// user.* exists on regular files and directories only (xattr(7)); default ACLs on directories only;
// a symlink has no ACL; capabilities are a file's.
enum class Carrier : std::uint8_t { kFile, kDirectory, kSymlink, kSpecial };
[[nodiscard]] Carrier carrier_of(tar::Type type);
[[nodiscard]] bool fits(std::string_view name, Carrier carrier);
[[nodiscard]] bool is_acl(std::string_view name);

// The ids within the value, on the other side. Malformed values are refused.
[[nodiscard]] Result<std::string> translate_value(std::string_view name, std::string_view value,
                                                  const Ids& ids);

// One number for a set of attributes, 0 for none: what the manifest says of them. ACLs are left
// out, because the kernel keeps those that say no more than the mode as the mode.
[[nodiscard]] std::uint64_t fingerprint(const Xattrs& attributes);

// ---- overlay's own -----------------------------------------------------------------------------

// The whole name, "trusted.overlay.opaque" or "user.overlay.opaque".
[[nodiscard]] std::string overlay_name(WhiteoutForm form, std::string_view name);

}  // namespace nacre::images::layers
