// A tar becomes a directory, and a directory becomes a tar (image-spec 1.1, layer.md).
//
// apply() writes below `target` only: every path is walked component by component from its
// descriptor, no symlink is followed, whatever the archive says. It needs no other layer: what
// depends on the ones below is reported (implied_directories, deferred_links; docs/storage.md).
// Metadata in the order that keeps them: data, owner, attributes, mode, times; directories' times
// last. Whiteouts become overlay's own form.
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
  std::uint64_t bytes = std::uint64_t{1} << 40U;   // content of regular files
  std::uint64_t entries = 20'000'000;
  std::uint64_t depth = 2048;                      // components of one path
  std::uint64_t free_bytes = std::uint64_t{256} << 20U;  // left on the file system, looked at while writing
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
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  std::vector<std::string> implied_directories;
  std::vector<std::pair<std::string, std::string>> deferred_links;
};

// `manifest` gets one line per entry that is there in the end: kind, mode, owner, size, fast hash of
// the content, path (escaped); what `check --deep` compares with.
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
};

// The upper directory of an overlay as a layer: whiteouts and opaque directories become `.wh.`
// entries (explicit ones, before their siblings), redirects and metacopy are resolved through
// `lowers` (top first), overlay's private attributes are left out, sockets are left out. Sorted by
// name: the same tree gives the same bytes. Only the upper is walked.
[[nodiscard]] Result<std::uint64_t> write_layer(const sys::DirFd& upper,
                                                const std::vector<sys::DirFd>& lowers, Sink& tar,
                                                const DiffOptions& options);

}  // namespace nacre::images
