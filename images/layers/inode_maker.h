// Makes one inode with its metadata, in the order that keeps them: data, owner, attributes, mode,
// times. chown(2) takes away set-id bits and capabilities, so both come after it; a change of any
// of them touches the times, so those come last.
//
// Names are single components of a directory that only the caller can write; nothing is followed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "images/layers/attributes.h"
#include "images/layers/birth.h"
#include "images/layers/budget.h"
#include "images/tar/entry.h"
#include "sys/fds.h"

namespace nacre::images::layers {

struct Place {
  FdRef directory;
  const std::string& name;
};

// Already as it shall be on disk.
struct Wish {
  std::uint32_t mode, uid, gid;
  const tar::Time& mtime;
  const Xattrs& attributes;
};

// What an inode has before its wish is fulfilled.
struct Present {
  std::uint32_t mode, uid, gid;
};

class InodeMaker {
 public:
  // `may_fall_short`: a file capability that the caller may not set is left out and reported, as
  // happens to a user who has one id only.
  InodeMaker(const Birth& birth, Budget& budget, bool may_fall_short)
      : birth_(birth), budget_(budget), may_fall_short_(may_fall_short), buffer_(kBufferSize) {}

  [[nodiscard]] const Birth& birth() const { return birth_; }

  // The hash of the content.
  [[nodiscard]] Result<std::uint64_t> file(const Place& place, const Wish& wish,
                                           const tar::Entry& entry, Source& content);
  [[nodiscard]] Result<void> symlink(const Place& place, const Wish& wish,
                                     const std::string& target);
  // `type`: S_IFCHR, S_IFBLK, S_IFIFO.
  [[nodiscard]] Result<void> special(const Place& place, const Wish& wish, std::uint32_t type,
                                     std::uint64_t device);
  // A directory that can be written until the end, with what it then has.
  [[nodiscard]] Result<Present> directory(const Place& place, std::uint32_t mode) const;
  // Everything but the data.
  [[nodiscard]] Result<void> fulfil(FdRef fd, const Wish& wish, const Present& present);

  // Attributes that were left out since the last call.
  [[nodiscard]] std::vector<std::string> take_left_out();

 private:
  static constexpr std::size_t kBufferSize = std::size_t{256} << 10U;

  [[nodiscard]] Result<void> set_attributes(FdRef fd, const Xattrs& attributes);
  [[nodiscard]] Result<void> fulfil_by_name(const Place& place, const Wish& wish,
                                            const Present& present, bool has_mode) const;

  Birth birth_;
  Budget& budget_;
  bool may_fall_short_;
  std::vector<std::byte> buffer_;
  std::vector<std::string> left_out_;
};

}  // namespace nacre::images::layers
