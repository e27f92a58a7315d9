// Unpacks one layer, entry by entry. Knows nothing of the archive's format: whoever reads it hands
// over entries and their content.
//
// add() decides on the tree in memory (tree.h) what an entry means and what it replaces, then acts.
// Directories are made so that they can be written to, and get owner, attributes, mode and times in
// finish(): later entries would change their times, default ACLs and set-group-id bits would be
// passed on to what is made in them, and without write permission nothing could be made at all.
#pragma once

#include <memory>

#include "images/layers/birth.h"
#include "images/layers/budget.h"
#include "images/layers/directory_cache.h"
#include "images/layers/ids.h"
#include "images/layers/inode_maker.h"
#include "images/layers/layers.h"
#include "images/layers/tree.h"

namespace nacre::images::layers {

class Applier {
 public:
  // `target` and `options` must outlive it. The directory must be empty and the caller's alone.
  [[nodiscard]] static Result<std::unique_ptr<Applier>> begin(const sys::DirFd& target,
                                                              const ApplyOptions& options);

  // `content`: exactly the bytes that the entry stores; only a regular file takes them.
  [[nodiscard]] Result<void> add(const tar::Entry& entry, Source& content);
  // Nothing may be added afterwards. Does not finish the sink.
  [[nodiscard]] Result<Applied> finish(Sink& manifest);

 private:
  struct Owner {
    std::uint32_t uid, gid;
  };

  Applier(sys::DirFd root, const ApplyOptions& options, const Birth& birth);

  [[nodiscard]] Result<void> act(const tar::Entry& entry, Source& content);
  [[nodiscard]] Result<void> set_root(const tar::Entry& entry);
  [[nodiscard]] Result<void> hide(const Parts& parts, std::string_view name, const tar::Time& when);
  [[nodiscard]] Result<void> hide_all(const Parts& parts, const tar::Time& when);
  [[nodiscard]] Result<void> place_directory(const Parts& parts, const tar::Entry& entry);
  [[nodiscard]] Result<void> place_inode(const Parts& parts, const tar::Entry& entry,
                                         Source& content);
  [[nodiscard]] Result<void> place_link(const Parts& parts, const tar::Entry& entry);

  // The directory that `parts` name, with what is missing made. Whatever else of this layer is in
  // the way is replaced.
  [[nodiscard]] Result<Directory*> enter(const Parts& parts, const tar::Time& when);
  // The same for a whiteout: null when nothing of the layers below can be seen there anyway.
  [[nodiscard]] Result<Directory*> enter_to_hide(const Parts& parts, const tar::Time& when);
  [[nodiscard]] Result<Directory*> make_directory(Directory& parent, std::string_view name,
                                                  std::uint32_t mode, const tar::Time& when);
  // Takes away what this layer has there; true when there was something.
  [[nodiscard]] Result<bool> clear(Directory& parent, std::string_view name);
  [[nodiscard]] Result<void> remove_tree(Directory& top);
  [[nodiscard]] Result<void> unlink(Directory& parent, const std::string& name, const Node& node);

  // What is made: the kind, with the number of a device; nothing when it has been left out.
  [[nodiscard]] Result<bool> make_inode(const Place& place, const Wish& wish, Node& made,
                                        const tar::Entry& entry, Source& content);
  [[nodiscard]] Result<bool> make_device(const Place& place, const Wish& wish, Node& made,
                                         const tar::Entry& entry);
  [[nodiscard]] Result<Owner> owner_of(const tar::Entry& entry) const;
  [[nodiscard]] Result<Xattrs> attributes_of(const tar::Entry& entry, Carrier carrier);
  void describe(Directory& directory, const tar::Entry& entry, Owner owner, Xattrs attributes);
  void leave_out(std::string_view path, std::string_view what);

  [[nodiscard]] Result<void> finish_directories();
  [[nodiscard]] Result<void> finish_directory(Directory& directory, bool nothing_below);
  [[nodiscard]] Result<void> hide_on_disk(const Directory& directory, FdRef fd);

  const ApplyOptions& options_;
  sys::DirFd root_;
  Ids ids_;
  Owner top_{};  // root, as it is on disk
  Budget budget_;
  InodeMaker maker_;
  Tree tree_;
  DirectoryCache open_;
  std::vector<std::string> left_out_;
};

}  // namespace nacre::images::layers
