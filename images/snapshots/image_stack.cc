#include "images/snapshots/image_stack.h"

#include <optional>

#include "base/text.h"
#include "images/snapshots/chain.h"
#include "images/snapshots/records.h"

namespace nacre::images {
namespace {

using snapshots::ChainLink;
using Links = std::vector<std::optional<ChainLink>>;

Result<Links> known_links(Database& database, const std::vector<oci::Digest>& chains) {
  return database.read([&](Transaction& records) -> Result<Links> {
    Links links;
    links.reserve(chains.size());
    for (const oci::Digest& chain : chains) {
      links.push_back(NACRE_TRY(snapshots::find_chain(records, chain)));
    }
    return links;
  });
}

class Opener {
 public:
  Opener(Store& store, const Fixups& fixups) : store_(store), fixups_(fixups) {}

  Result<std::vector<sys::DirFd>> open(const std::vector<oci::Digest>& diff_ids) {
    const auto chains = NACRE_TRY(chain_ids(diff_ids));
    const Links known = NACRE_TRY(known_links(store_.database(), chains));
    for (std::size_t i = 0; i < diff_ids.size(); ++i) {
      NACRE_TRY(put_on_top(diff_ids[i], chains[i], known[i]));
    }
    NACRE_TRY(record_news());
    std::vector<sys::DirFd> top_first;
    top_first.reserve(stack_.size());
    for (auto one = stack_.rbegin(); one != stack_.rend(); ++one) {
      top_first.push_back(std::move(one->directory));
    }
    return top_first;
  }

 private:
  struct Piece {
    sys::DirFd directory;
    oci::Digest diff_id;  // empty: a fixup
  };
  struct News {
    oci::Digest chain;
    ChainLink link;
  };

  Result<void> put_on_top(const oci::Digest& diff_id, const oci::Digest& chain,
                          const std::optional<ChainLink>& known) {
    auto layer = NACRE_TRY(store_.open_layer(diff_id));
    ChainLink link = known ? *known : NACRE_TRY(examine(diff_id, chain, layer));
    std::optional<sys::DirFd> fixup;
    if (link.fixup) fixup = NACRE_TRY(fixups_.find(chain));
    if (link.fixup && !fixup) {
      // It is made of what is there anyway: damage of this kind mends itself.
      link = NACRE_TRY(examine(diff_id, chain, layer));
      fixup = NACRE_TRY(fixups_.find(chain));
    }
    if (link.opaque_root) stack_.clear();
    // Images have empty layers more than once, and overlay takes no directory twice. Whatever the
    // lower one shows or hides, the upper one shows or hides again.
    std::erase_if(stack_, [&](const Piece& piece) { return piece.diff_id == diff_id; });
    stack_.push_back({std::move(layer), diff_id});
    if (fixup) stack_.push_back({*std::move(fixup), {}});
    return {};
  }

  Result<ChainLink> examine(const oci::Digest& diff_id, const oci::Digest& chain, FdRef layer) {
    if (!making_) making_ = NACRE_TRY(fixups_.begin_making());
    const auto info = NACRE_TRY(store_.find_layer(diff_id));
    if (!info) return fail(not_found(text::join("there is no layer ", diff_id.text())));
    std::vector<FdRef> below;
    for (auto one = stack_.rbegin(); one != stack_.rend(); ++one) below.push_back(one->directory);
    const ChainLink link{.fixup = NACRE_TRY(fixups_.make(chain, *info, layer, below)),
                         .opaque_root = info->opaque_root};
    news_.push_back({chain, link});
    return link;
  }

  // What is lost in a power cut is only found out again.
  Result<void> record_news() {
    if (news_.empty()) return {};
    return store_.database().write(Durability::kProcess, [&](Transaction& records) -> Result<void> {
      for (const News& one : news_) NACRE_TRY(snapshots::put_chain(records, one.chain, one.link));
      return {};
    });
  }

  Store& store_;
  const Fixups& fixups_;
  std::vector<Piece> stack_;  // bottom first
  UniqueFd making_;
  std::vector<News> news_;
};

}  // namespace

Result<std::vector<sys::DirFd>> open_image_stack(Store& store, const Fixups& fixups,
                                                 const std::vector<oci::Digest>& diff_ids) {
  return Opener(store, fixups).open(diff_ids);
}

}  // namespace nacre::images
