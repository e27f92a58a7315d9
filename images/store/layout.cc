#include "images/store/layout.h"

#include "base/text.h"
#include "sys/file.h"
#include "sys/io.h"

namespace nacre::images {
namespace {

constexpr std::uint32_t kPrivate = 0700;

// Makes `name` in `dir` unless it is there; a new one survives a power cut from here on.
Result<sys::DirFd> make_folder(const sys::DirFd& dir, const std::string& name,
                               const std::string& shown) {
  const auto made = sys::mkdirat(dir, name.c_str(), kPrivate);
  if (!made && made.error().value != EEXIST) {
    return fail(Error::from_errno(made.error(), text::join("make folder ", shown)));
  }
  if (made) NACRE_TRY_CTX(sys::fsync(dir), text::join("sync the folder of ", shown));
  return NACRE_TRY_CTX(
      sys::openat<sys::DirFd>(dir, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
      text::join("open folder ", shown));
}

// The parents belong to the system: made with the usual mode, symlinks followed.
Result<sys::DirFd> open_root(const std::string& path) {
  if (!path.starts_with('/')) {
    return fail(invalid_argument(text::join("data root ", text::quote(path), " is not absolute")));
  }
  for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
    const std::string part = path.substr(0, at);
    const bool last = path.find_first_not_of('/', part.size()) == std::string::npos;
    const auto made = sys::mkdirat(sys::kCwd, part.c_str(), last ? kPrivate : 0755);
    if (!made && made.error().value != EEXIST) {
      return fail(Error::from_errno(made.error(), text::join("make folder ", part)));
    }
    if (last) break;
  }
  return NACRE_TRY_CTX(sys::openat<sys::DirFd>(sys::kCwd, path.c_str(), O_RDONLY | O_DIRECTORY),
                       text::join("open data root ", path));
}

}  // namespace

Result<Layout> Layout::open(const std::string& root) {
  Layout layout;
  layout.path = root;
  layout.root = NACRE_TRY(open_root(root));
  const auto make = [&](const sys::DirFd& dir, const std::string& name) {
    return make_folder(dir, name, root + "/" + name);
  };
  const sys::DirFd blobs = NACRE_TRY(make(layout.root, "blobs"));
  layout.sha256 = NACRE_TRY(make(blobs, "sha256"));
  layout.sha512 = NACRE_TRY(make(blobs, "sha512"));
  layout.ingest = NACRE_TRY(make(layout.root, "ingest"));
  layout.layers = NACRE_TRY(make(layout.root, "layers"));
  layout.leases = NACRE_TRY(make(layout.root, "leases"));
  layout.locks = NACRE_TRY(make(layout.root, "locks"));
  layout.trash = NACRE_TRY(make(layout.root, "trash"));
  return layout;
}

std::string ingest_name(const oci::Digest& digest) {
  return text::join(digest.algorithm(), "-", digest.hex());
}
std::string blob_lock(const oci::Digest& digest) { return "blob-" + ingest_name(digest); }
std::string layer_lock(const oci::Digest& diff_id) { return "layer-" + ingest_name(diff_id); }
std::string layer_name(const oci::Digest& diff_id) { return std::string(diff_id.hex()); }
std::string staging_name(const oci::Digest& diff_id) {
  return text::join(kStagingPrefix, diff_id.hex());
}

// Through a descriptor of its own: where a listing has got to belongs to the open file.
Result<std::vector<std::string>> list_folder(const sys::DirFd& folder) {
  const auto dir = NACRE_TRY_CTX(sys::openat(folder, ".", O_RDONLY | O_DIRECTORY), "open a folder");
  return NACRE_TRY_CTX(sys::list_directory(dir), "list a folder");
}

Result<oci::Digest> digest_of_name(std::string_view hex) {
  constexpr std::size_t kSha512Digits = 128;
  return oci::Digest::parse(text::join(hex.size() == kSha512Digits ? "sha512:" : "sha256:", hex));
}

}  // namespace nacre::images
