// The fast hash of a layer's manifest: CRC-64 as xz uses it (ECMA-182, reflected).
//
// It has to find what disks and power cuts do to files, not what an enemy does: against that stand
// the digests of the blobs. A CRC can be checked against a published value ("123456789" gives
// 995dc9bbdf1939fa), runs at memory speed by carry-less multiplication (ISA-L, which inflate needs
// anyway), and is linear: a hole of any length costs 64 steps at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nacre::images::layers {

class ContentHash {
 public:
  void update(std::span<const std::byte> bytes);
  // As update() with that many zero bytes.
  void update_zeros(std::uint64_t count);
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace nacre::images::layers
