#include "cli/image/session.h"

#include "base/text.h"
#include "images/registry/environment.h"
#include "images/snapshots/overlay_features.h"
#include "sys/io.h"
#include "sys/process.h"

namespace nacre::cli {
namespace {

// Whether files can be given to one id only: a user, or the root of a user namespace that has one.
Result<bool> has_one_id() {
  if (sys::geteuid() != 0) return true;
  const std::string map =
      NACRE_TRY_CTX(sys::read_file(sys::kCwd, "/proc/self/uid_map", 65536), "/proc/self/uid_map");
  std::uint64_t ids = 0;
  for (const std::string_view line : text::split(map, '\n')) {
    const std::size_t blank = line.rfind(' ');
    if (blank != std::string_view::npos) ids += text::parse_u64(line.substr(blank + 1)).value_or(0);
  }
  return ids <= 1;
}

Result<std::unique_ptr<images::Store>> open_store(const std::string& root) {
  images::StoreOptions options;
  options.squash_ids = NACRE_TRY(has_one_id());
  auto store = images::Store::open(root, options);
  if (store) return store;
  const Error& error = store.error();
  if (error.code() == ErrorCode::kPermissionDenied)
    return fail(
        with_hint(error, "this user may not write there; --data-root DIR names another place"));
  return fail(error);
}

Result<images::OverlayFeatures> mount_features() {
  auto features = images::probe_overlay();
  if (features || features.error().code() != ErrorCode::kPermissionDenied) return features;
  return fail(with_hint(features.error(),
                        "looking into an image takes the right to mount: root, or root of a user "
                        "namespace (unshare --map-root-user --mount nacre ...)"));
}

}  // namespace

Error with_hint(const Error& error, std::string_view hint) {
  return {error.code(), text::join(error.message(), "\nhint: ", hint)};
}

Result<Session> Session::open(const GlobalOptions& options, Needs needs) {
  Session out;
  out.store_ = NACRE_TRY(open_store(options.data_root));
  if (needs == Needs::kSnapshots || needs == Needs::kMounts) {
    // Without mounts the features are never used.
    const auto features =
        needs == Needs::kMounts ? NACRE_TRY(mount_features()) : images::OverlayFeatures{};
    out.snapshotter_ = NACRE_TRY(images::Snapshotter::open(*out.store_, features));
  }
  if (needs == Needs::kRegistry)
    out.client_ = images::registry::make_client(images::registry::Environment::current());
  out.service_ = std::make_unique<images::ImageService>(*out.store_, out.snapshotter_.get(),
                                                        out.client_.get());
  return out;
}

}  // namespace nacre::cli
