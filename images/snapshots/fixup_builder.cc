#include "images/snapshots/fixup_builder.h"

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/text.h"
#include "images/layers/overlay_marks.h"
#include "images/snapshots/inode_copy.h"
#include "images/snapshots/tree_walk.h"
#include "sys/file.h"
#include "sys/inode.h"

namespace nacre::images {
namespace {

constexpr const char* kRoot = ".";

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? kRoot : path.substr(0, slash);
}
std::string name_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// Nothing when there is no directory, also when a symlink or a file is in the way.
Result<std::optional<sys::DirFd>> find_directory(FdRef tree, const std::string& path) {
  auto fd = open_below(tree, path);
  if (fd) return *std::move(fd);
  const int error = fd.error().value;
  if (error == ENOENT || error == ENOTDIR || error == ELOOP) return std::nullopt;
  return fail(Error::from_errno(fd.error(), text::join("open directory ", text::quote(path))));
}

class Builder {
 public:
  Builder(const FixupSources& sources, FdRef into)
      : sources_(sources),
        into_(into),
        implied_(sources.info.implied_directories.begin(), sources.info.implied_directories.end()) {
  }

  Result<bool> build() {
    for (const std::string& path : sources_.info.implied_directories) NACRE_TRY(inherit(path));
    for (const auto& [link, target] : sources_.info.deferred_links) NACRE_TRY(join(link, target));
    if (made_.empty()) return false;
    NACRE_TRY(finish_directories());
    return true;
  }

 private:
  Result<void> inherit(const std::string& path) {
    const auto below = NACRE_TRY(visible_below(path));
    if (!below) return {};
    const auto own = NACRE_TRY(find_directory(sources_.layer, path));
    if (own && NACRE_TRY(same_directory_attributes(*own, *below))) return {};
    return make_directory(path);
  }

  // Both names of what is one file.
  Result<void> join(const std::string& link, const std::string& target) {
    const auto from = NACRE_TRY(find_directory(sources_.below, parent_of(target)));
    if (!from) return fail(leads_nowhere(link, target));
    const auto to = NACRE_TRY(copy_target(*from, link, target));
    NACRE_TRY(make_directory(parent_of(link)));
    const auto place = NACRE_TRY(open_made(parent_of(link)));
    NACRE_TRY_CTX(sys::linkat(to, name_of(target).c_str(), place, name_of(link).c_str()),
                  text::join("link ", text::quote(link), " to ", text::quote(target)));
    return {};
  }

  // The directory that the copy lies in.
  Result<sys::DirFd> copy_target(FdRef from, const std::string& link, const std::string& target) {
    NACRE_TRY(make_directory(parent_of(target)));
    auto to = NACRE_TRY(open_made(parent_of(target)));
    const std::string name = name_of(target);
    if (sys::statx(to, name.c_str(), AT_SYMLINK_NOFOLLOW)) return to;  // of a link before
    const auto there = sys::statx(from, name.c_str(), AT_SYMLINK_NOFOLLOW);
    if (!there && there.error().value == ENOENT) return fail(leads_nowhere(link, target));
    NACRE_TRY_CTX(copy_inode(from, name, to, name),
                  text::join("hard link ", text::quote(link), ": copy ", text::quote(target)));
    return to;
  }

  Error leads_nowhere(const std::string& link, const std::string& target) const {
    return failed_precondition(text::join("hard link ", text::quote(link), " to ",
                                          text::quote(target),
                                          ", which is in no layer below this one"));
  }

  // With its parents. Owner and the rest follow in the end, when nothing more is put into it.
  Result<void> make_directory(const std::string& path) {
    if (made_.contains(path)) return {};
    if (path != kRoot) {
      NACRE_TRY(make_directory(parent_of(path)));
      const auto parent = NACRE_TRY(open_made(parent_of(path)));
      NACRE_TRY_CTX(sys::mkdirat(parent, name_of(path).c_str(), 0700),
                    text::join("make directory ", text::quote(path)));
    }
    made_.insert(path);
    return {};
  }

  [[nodiscard]] Result<sys::DirFd> open_made(const std::string& path) const {
    auto found = NACRE_TRY(find_directory(into_, path));
    if (!found) return fail(internal_error(text::join("directory ", path, " has disappeared")));
    return *std::move(found);
  }

  Result<void> finish_directories() {
    // What is deeper comes first: a directory's times change with what is made in it.
    for (auto one = made_.rbegin(); one != made_.rend(); ++one) {
      if (*one == kRoot) continue;
      NACRE_TRY_CTX(finish_directory(*one), text::join("directory ", text::quote(*one)));
    }
    return finish_directory(kRoot);
  }

  Result<void> finish_directory(const std::string& path) {
    const auto made = NACRE_TRY(open_made(path));
    const auto model = NACRE_TRY(model_of(path));
    NACRE_TRY(copy_directory_attributes(model, made));
    NACRE_TRY_CTX(sys::fsync(made), "fsync");
    return {};
  }

  // Whose attributes the directory has in the merged tree.
  Result<sys::DirFd> model_of(const std::string& path) {
    auto own = NACRE_TRY(find_directory(sources_.layer, path));
    if (own && !implied_.contains(path)) return *std::move(own);
    auto below = NACRE_TRY(visible_below(path));
    if (below) return *std::move(below);
    if (own) return *std::move(own);
    return fail(internal_error(text::join("no layer has the directory ", text::quote(path))));
  }

  // Nothing, too, where this layer hides what is below.
  Result<std::optional<sys::DirFd>> visible_below(const std::string& path) {
    if (NACRE_TRY(is_hidden(path))) return std::nullopt;
    return find_directory(sources_.below, path);
  }

  // A directory that is opaque hides what is in it, not its own attributes.
  Result<bool> is_hidden(const std::string& path) {
    if (path == kRoot) return false;
    const std::string parent = parent_of(path);
    const auto known = hides_content_.find(parent);
    if (known != hides_content_.end()) return known->second;
    const bool hides = NACRE_TRY(is_hidden(parent)) || NACRE_TRY(is_opaque(parent));
    hides_content_.emplace(parent, hides);
    return hides;
  }

  Result<bool> is_opaque(const std::string& path) {
    if (path == kRoot) return sources_.info.opaque_root;
    const auto own = NACRE_TRY(find_directory(sources_.layer, path));
    return own && NACRE_TRY(layers::read_directory_marks(*own, sources_.form)).opaque;
  }

  const FixupSources& sources_;
  FdRef into_;
  const std::set<std::string> implied_;
  std::set<std::string> made_;  // sorted: a directory before what is in it
  std::map<std::string, bool> hides_content_;
};

}  // namespace

Result<bool> build_fixup(const FixupSources& sources, FdRef into) {
  return Builder(sources, into).build();
}

}  // namespace nacre::images
