#include "images/snapshots/fixups.h"

#include "base/scope_exit.h"
#include "base/text.h"
#include "images/snapshots/fixup_builder.h"
#include "images/snapshots/overlay.h"
#include "images/store/clock.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

constexpr const char* kTree = "fs";

std::string folder_name(const oci::Digest& chain) { return std::string(chain.hex()); }
std::string tree_path(const std::string& folder) { return text::join(folder, '/', kTree); }

bool needs_a_look(const LayerInfo& info) {
  return !info.implied_directories.empty() || !info.deferred_links.empty();
}

Result<sys::MountFd> merge(const std::vector<FdRef>& layers, WhiteoutForm form,
                           const OverlayFeatures& features) {
  OverlayMount overlay;
  overlay.user_attributes = form == WhiteoutForm::kUser;
  for (const FdRef layer : layers) {
    overlay.lowers.push_back(
        NACRE_TRY_CTX(sys::duplicate<sys::DirFd>(layer), "duplicate a descriptor"));
  }
  return make_overlay(overlay, features);
}

}  // namespace

Result<Fixups> Fixups::open(const sys::DirFd& root, WhiteoutForm form, OverlayFeatures features) {
  return Fixups(NACRE_TRY(Folder::open(root, "fixups")), form, features);
}

Result<std::optional<sys::DirFd>> Fixups::find(const oci::Digest& chain) const {
  auto tree = sys::openat<sys::DirFd>(folder_.dir(), tree_path(folder_name(chain)).c_str(),
                                      O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (tree) return *std::move(tree);
  if (tree.error().value == ENOENT) return std::nullopt;
  return fail(Error::from_errno(tree.error(), text::join("open the fixup of ", chain.text())));
}

Result<bool> Fixups::make(const oci::Digest& chain, const LayerInfo& info, FdRef layer,
                          const std::vector<FdRef>& below) const {
  if (!needs_a_look(info)) return false;
  const std::string staging = ".staging-" + NACRE_TRY(random_name());
  const ScopeExit clean_up([&] { static_cast<void>(folder_.discard(staging)); });
  const bool some =
      NACRE_TRY_CTX(build(staging, info, layer, below),
                    text::join("fit layer ", info.diff_id.text(), " to the layers below it"));
  if (some) NACRE_TRY(put_in_place(staging, chain));
  return some;
}

// Whether there is anything in it.
Result<bool> Fixups::build(const std::string& staging, const LayerInfo& info, FdRef layer,
                           const std::vector<FdRef>& below) const {
  if (below.empty()) {
    if (info.deferred_links.empty()) return false;
    return fail(failed_precondition(
        text::join("hard link ", text::quote(info.deferred_links.front().first),
                   " leads to another layer, and there is none below this one")));
  }
  const auto merged = NACRE_TRY(merge(below, form_, features_));
  NACRE_TRY_CTX(sys::mkdirat(folder_.dir(), staging.c_str(), 0700), "make a folder in fixups");
  NACRE_TRY_CTX(sys::mkdirat(folder_.dir(), tree_path(staging).c_str(), 0700),
                "make a folder in fixups");
  const auto tree = NACRE_TRY_CTX(
      sys::openat<sys::DirFd>(folder_.dir(), tree_path(staging).c_str(), O_RDONLY | O_DIRECTORY),
      "open a folder in fixups");
  return build_fixup({.info = info, .layer = layer, .below = merged, .form = form_}, tree);
}

// Another process may have been quicker: what it made is the same.
Result<void> Fixups::put_in_place(const std::string& staging, const oci::Digest& chain) const {
  const auto made =
      NACRE_TRY_CTX(sys::openat(folder_.dir(), staging.c_str(), O_RDONLY | O_DIRECTORY),
                    "open a folder in fixups");
  NACRE_TRY_CTX(sys::fsync(made), "sync a folder in fixups");
  const std::string name = folder_name(chain);
  const auto renamed = sys::renameat(folder_.dir(), staging.c_str(), folder_.dir(), name.c_str());
  if (!renamed && renamed.error().value != EEXIST && renamed.error().value != ENOTEMPTY) {
    return fail(Error::from_errno(renamed.error(), text::join("put fixup ", name, " in place")));
  }
  NACRE_TRY_CTX(sys::fsync(folder_.dir()), "sync fixups");
  return {};
}

}  // namespace nacre::images
