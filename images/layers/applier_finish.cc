// The end of a layer: directories get what they were to have, then the report is written.
#include <sys/stat.h>

#include <vector>

#include "base/text.h"
#include "images/layers/applier.h"
#include "images/layers/listing.h"
#include "sys/file.h"

namespace nacre::images::layers {

Result<Applied> Applier::finish(Sink& manifest) {
  NACRE_TRY(finish_directories());
  Applied applied = NACRE_TRY(write_manifest(tree_, manifest));
  applied.left_out = std::move(left_out_);
  return applied;
}

// From the deepest upwards: a directory's final mode may keep us out of what is below it.
Result<void> Applier::finish_directories() {
  struct Turn {
    Directory* directory;
    bool nothing_below;
  };
  std::vector<Turn> turns = {{&tree_.root(), false}};
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const bool isolated = turns[i].nothing_below || turns[i].directory->opaque;
    for (const auto& [name, node] : turns[i].directory->children) {
      if (node.kind == Kind::kDirectory) turns.push_back({node.directory, isolated});
    }
  }
  for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn) {
    NACRE_TRY_CTX(finish_directory(*turn->directory, turn->nothing_below),
                  text::join("unpack the directory ", text::quote(path_of(*turn->directory))));
  }
  return {};
}

Result<void> Applier::finish_directory(Directory& directory, bool nothing_below) {
  sys::DirFd own;
  if (directory.parent != nullptr) own = NACRE_TRY(open_below(root_, path_of(directory), O_RDONLY));
  const FdRef fd = directory.parent == nullptr ? FdRef(root_) : FdRef(own);
  if (!nothing_below) NACRE_TRY(hide_on_disk(directory, fd));
  const Facts& facts = tree_.node_of(directory).facts;
  NACRE_TRY(maker_.fulfil(fd,
                          {facts.mode, facts.uid, facts.gid, directory.mtime, directory.attributes},
                          {directory.disk_mode, directory.disk_uid, directory.disk_gid}));
  const std::string path = path_of(directory);
  for (const std::string& what : maker_.take_left_out()) leave_out(path.empty() ? "." : path, what);
  return {};
}

// In an opaque directory a whiteout would not hide anything and show up in listings.
Result<void> Applier::hide_on_disk(const Directory& directory, FdRef fd) {
  if (directory.opaque) {
    const std::string name = overlay_name(options_.whiteouts, "opaque");
    static_cast<void>(NACRE_TRY_CTX(sys::setxattr_fd(fd, name.c_str(), "y", 1),
                                    text::join("set the attribute ", name)));
    return {};
  }
  for (const auto& [name, node] : directory.children) {
    if (node.kind != Kind::kWhiteout) continue;
    NACRE_TRY_CTX(sys::mknodat(fd, name.c_str(), S_IFCHR, 0),
                  text::join("make the whiteout of ", text::quote(name)));
  }
  return {};
}

}  // namespace nacre::images::layers
