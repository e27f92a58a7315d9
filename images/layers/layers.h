// A tar becomes a directory, and a directory becomes a tar (image-spec 1.1, layer.md).
//
// apply_layer() writes below `target` only: every directory is opened from its descriptor without
// following anything (openat2), whatever the archive says. It needs no other layer: what depends
// on the ones below is reported (implied_directories, deferred_links; docs/storage.md). Metadata
// in the order that keeps them: data, owner, attributes, mode, times; directories last.
//
// What an archive may say, and what becomes of it:
// - A path: leading slashes are stripped, ".." is taken back by the text; one that then leaves the
//   layer is refused. Only a directory's entry may name the root, and only changes its attributes.
// - Something where this layer already has something: a directory over a directory changes its
//   attributes, everything else replaces; the last one wins. A parent that is a symlink or another
//   non-directory is replaced by a directory. What then becomes a directory shows nothing of the
//   layers below, as if they had been applied one after the other.
// - A symlink of a lower layer as parent (lib -> usr/lib below, lib/x here) is hidden by a real
//   directory, as in Docker and containerd.
// - Whiteouts (`.wh.NAME`, `.wh..wh..opq`; of any type): overlay's own form, and only where they
//   hide something of lower layers: never what this layer has, whatever the order, never inside a
//   directory that hides everything. Refused: a bare `.wh.`, whiteouts of "." and "..", and
//   `.wh.` names as directories. The private files of aufs (`.wh..wh.plnk` ...) are passed over.
// - A hard link: to what this layer has, without following symlinks; to what it has not:
//   deferred_links; refused: to a directory, to what this layer has removed, through what is no
//   directory here. Owner, mode and attributes are those of the first name.
// - A device: made in the form kTrusted, left out and reported in kUser. A character device 0:0 is
//   refused: overlay would take it for a whiteout.
// - An extended attribute: user.* (not user.overlay.*), security.capability and POSIX ACLs are
//   taken, where the kind of file can have them; trusted.*, user.overlay.*, labels and signatures
//   of another machine and names of other systems are dropped.
// - A block of zeros of 64 KiB, aligned: a hole.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "images/stream/stream.h"
#include "sys/fds.h"

namespace nacre::images {

// How overlay is told of a deletion: with trusted.* attributes, or with user.* in a user namespace.
enum class WhiteoutForm : std::uint8_t { kTrusted, kUser };

// Everything an archive may not exceed; exceeding is kResourceExhausted and names the budget.
struct ApplyBudget {
  std::uint64_t bytes = std::uint64_t{1} << 40U;  // content of regular files
  std::uint64_t entries = 8'000'000;              // each costs some 150 bytes of memory
  std::uint64_t depth = 2048;                     // components of one path
  std::uint64_t free_bytes = std::uint64_t{256}
                             << 20U;  // left on the file system, looked at while writing
};

struct IdMap {  // container id -> id on disk, where the store belongs to a user without root
  std::uint32_t inside = 0, outside = 0, count = 0;
};

struct ApplyOptions {
  WhiteoutForm whiteouts = WhiteoutForm::kTrusted;
  ApplyBudget budget;
  std::vector<IdMap> uids, gids;  // empty: as they are
  bool squash_ids = false;        // everything belongs to the caller (one id only)
};

struct Applied {
  std::uint64_t bytes = 0;    // content of regular files; hard links once
  std::uint64_t entries = 0;  // files, directories, links; neither whiteouts nor the root
  // Directories without an entry of their own, whose owner and mode are the lower layers' if they
  // have one there; "." is the layer's root. They are 0755, root's.
  std::vector<std::string> implied_directories;
  // link path -> target path; nothing is at the link's path. The target is what the layers below
  // this one show there (never this layer), without following symlinks.
  std::vector<std::pair<std::string, std::string>> deferred_links;
  // The layer hides everything below it. Overlay does not look for its mark on the root of a
  // layer: whoever mounts has to leave out what lies below.
  bool opaque_root = false;
  // "path: what", one for each device and attribute that could not be kept: only in the form kUser
  // or with squash_ids.
  std::vector<std::string> left_out;
};

// `target` has to be an empty directory that nobody but the caller can reach (below one of mode
// 0700: set-id programs and devices appear in it), may be O_PATH, and keeps what was written when
// there is an error. Takes the archive to its end, with what trails it. kResourceExhausted: a
// budget or the disk is full; kInvalidArgument: the archive is at fault; errors name the entry.
// The umask of the process must not change meanwhile.
//
// `manifest` gets one line per entry that is there in the end: kind, mode, owner, size, fast hash
// of the content, path (escaped); what `check --deep` compares with.
[[nodiscard]] Result<Applied> apply_layer(Source& tar, const sys::DirFd& target, Sink& manifest,
                                          const ApplyOptions& options);

// Compares a directory with the manifest that apply_layer wrote: one sentence per difference, at
// most `limit`. Times are not compared (podman#27035).
[[nodiscard]] Result<std::vector<std::string>> compare_with_manifest(const sys::DirFd& layer,
                                                                     Source& manifest,
                                                                     std::size_t limit);

struct DiffOptions {
  WhiteoutForm whiteouts = WhiteoutForm::kTrusted;
  std::vector<IdMap> uids, gids;
  std::int64_t clamp_mtime = -1;  // SOURCE_DATE_EPOCH; -1: none
  // The directory is all there is, not what changes something below: no whiteout is written,
  // whatever overlay has left in it, and what is mounted in it is left out.
  bool whole_tree = false;
};

// The upper directory of an overlay as a layer: whiteouts and opaque directories become `.wh.`
// entries (explicit ones, before their siblings), redirects and metacopy are resolved through
// `lowers` (top first), overlay's private attributes are left out, sockets are left out. Sorted by
// name: the same tree gives the same bytes. Only the upper is walked.
[[nodiscard]] Result<std::uint64_t> write_layer(const sys::DirFd& upper,
                                                const std::vector<sys::DirFd>& lowers, Sink& tar,
                                                const DiffOptions& options);

}  // namespace nacre::images
