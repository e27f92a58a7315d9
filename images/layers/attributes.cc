#include "images/layers/attributes.h"

#include <bit>
#include <cstring>
#include <span>

#include "base/text.h"
#include "images/layers/content_hash.h"

namespace nacre::images::layers {
namespace {

constexpr std::string_view kAccessAcl = "system.posix_acl_access";
constexpr std::string_view kDefaultAcl = "system.posix_acl_default";

// Both formats are little-endian on disk and in the attribute, as are the machines we build for.
static_assert(std::endian::native == std::endian::little);

template <class T>
T load(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}
template <class T>
void store(std::string& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

// linux/posix_acl_xattr.h: a version, then entries of {tag, permissions, id}.
constexpr std::uint32_t kAclVersion = 2;
constexpr std::size_t kAclHeader = 4;
constexpr std::size_t kAclEntry = 8;
constexpr std::uint16_t kAclUser = 0x02;
constexpr std::uint16_t kAclGroup = 0x08;

Result<std::string> translate_acl(std::string_view value, const Ids& ids) {
  if (value.size() < kAclHeader || (value.size() - kAclHeader) % kAclEntry != 0 ||
      load<std::uint32_t>(value, 0) != kAclVersion)
    return fail(invalid_argument("not an access control list of version 2"));
  std::string out(value);
  for (std::size_t at = kAclHeader; at < value.size(); at += kAclEntry) {
    const auto tag = load<std::uint16_t>(value, at);
    const auto id = load<std::uint32_t>(value, at + 4);
    if (tag == kAclUser) store(out, at + 4, NACRE_TRY(ids.uid(id)));
    if (tag == kAclGroup) store(out, at + 4, NACRE_TRY(ids.gid(id)));
  }
  return out;
}

// linux/capability.h, struct vfs_cap_data and vfs_ns_cap_data.
constexpr std::uint32_t kRevisionMask = 0xff000000;
constexpr std::uint32_t kRevision2 = 0x02000000;
constexpr std::uint32_t kRevision3 = 0x03000000;
constexpr std::size_t kSize2 = 20;
constexpr std::size_t kSize3 = 24;

// Version 2 counts for the machine's root, version 3 for the user namespaces whose root it names.
Result<std::string> translate_capability(std::string_view value, const Ids& ids) {
  const std::uint32_t magic = value.size() >= kSize2 ? load<std::uint32_t>(value, 0) : 0;
  const std::uint32_t revision = magic & kRevisionMask;
  const bool second = revision == kRevision2 && value.size() == kSize2;
  const bool third = revision == kRevision3 && value.size() == kSize3;
  if (!second && !third) return fail(invalid_argument("not a file capability of version 2 or 3"));
  const auto root = NACRE_TRY(ids.uid(third ? load<std::uint32_t>(value, kSize2) : 0));
  std::string out(value.substr(0, kSize2));
  store(out, 0, (magic & ~kRevisionMask) | (root == 0 ? kRevision2 : kRevision3));
  if (root == 0) return out;
  out.resize(kSize3);
  store(out, kSize2, root);
  return out;
}

}  // namespace

bool travels(std::string_view name) {
  if (name.starts_with("user.")) return !name.starts_with("user.overlay.") && name.size() > 5;
  return name == kCapability || is_acl(name);
}

bool is_acl(std::string_view name) { return name == kAccessAcl || name == kDefaultAcl; }

Carrier carrier_of(tar::Type type) {
  switch (type) {
    case tar::Type::kFile:
      return Carrier::kFile;
    case tar::Type::kDirectory:
      return Carrier::kDirectory;
    case tar::Type::kSymlink:
      return Carrier::kSymlink;
    default:
      return Carrier::kSpecial;
  }
}

bool fits(std::string_view name, Carrier carrier) {
  switch (carrier) {
    case Carrier::kFile:
      return name != kDefaultAcl;
    case Carrier::kDirectory:
      return name != kCapability;
    case Carrier::kSymlink:
      return false;
    case Carrier::kSpecial:
      return name == kAccessAcl;
  }
  return false;
}

Result<std::string> translate_value(std::string_view name, std::string_view value, const Ids& ids) {
  const auto context = [&] { return text::join("attribute ", text::quote(name)); };
  if (is_acl(name)) return NACRE_TRY_CTX(translate_acl(value, ids), context());
  if (name == kCapability) return NACRE_TRY_CTX(translate_capability(value, ids), context());
  return std::string(value);
}

std::uint64_t fingerprint(const Xattrs& attributes) {
  ContentHash hash;
  const auto add = [&](std::string_view text) {
    const std::uint64_t size = text.size();
    hash.update(std::as_bytes(std::span(&size, 1)));
    hash.update(std::as_bytes(std::span(text)));
  };
  bool any = false;
  for (const auto& [name, value] : attributes) {
    if (is_acl(name)) continue;
    any = true;
    add(name);
    add(value);
  }
  if (!any) return 0;
  return hash.value() == 0 ? 1 : hash.value();
}

std::string overlay_name(WhiteoutForm form, std::string_view name) {
  return text::join(form == WhiteoutForm::kTrusted ? "trusted" : "user", ".overlay.", name);
}

}  // namespace nacre::images::layers
