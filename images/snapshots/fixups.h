// fixups/<chain>/fs: what the layers of a chain need above its topmost one, made once and shared by
// everything that stands on the chain (docs/storage.md, "Layers are keyed by diffID").
#pragma once

#include <optional>

#include "base/result.h"
#include "images/layers/layers.h"
#include "images/snapshots/folders.h"
#include "images/snapshots/overlay_features.h"
#include "images/store/layer_info.h"
#include "sys/fds.h"

namespace nacre::images {

// All methods may be called from several threads and processes at once.
class Fixups {
 public:
  [[nodiscard]] static Result<Fixups> open(const sys::DirFd& root, WhiteoutForm form,
                                           OverlayFeatures features);

  // To be held from before make() until its answer is recorded.
  [[nodiscard]] Result<UniqueFd> begin_making() const { return folder_.begin_making(); }

  // Whether the chain that ends with this layer needs a fixup; if so it is there and durable.
  // `below`: what lies below the layer, top first. The disk is looked at only if the layer has left
  // anything open. failed_precondition: a hard link that leads nowhere.
  [[nodiscard]] Result<bool> make(const oci::Digest& chain, const LayerInfo& info, FdRef layer,
                                  const std::vector<FdRef>& below) const;

  // O_PATH; nothing when it is missing.
  [[nodiscard]] Result<std::optional<sys::DirFd>> find(const oci::Digest& chain) const;

  // Removes all but those of `recorded()`, a Result<std::set<oci::Digest>>; how many.
  template <class Recorded>
  [[nodiscard]] Result<std::uint64_t> discard_garbage(Recorded recorded) const {
    return folder_.discard_garbage([&]() -> Result<std::set<std::string>> {
      std::set<std::string> names;
      for (const oci::Digest& chain : NACRE_TRY(recorded())) names.emplace(chain.hex());
      return names;
    });
  }

 private:
  Fixups(Folder folder, WhiteoutForm form, OverlayFeatures features)
      : folder_(std::move(folder)), form_(form), features_(features) {}
  [[nodiscard]] Result<bool> build(const std::string& staging, const LayerInfo& info, FdRef layer,
                                   const std::vector<FdRef>& below) const;
  [[nodiscard]] Result<void> put_in_place(const std::string& staging,
                                          const oci::Digest& chain) const;

  Folder folder_;
  WhiteoutForm form_;
  OverlayFeatures features_;
};

}  // namespace nacre::images
