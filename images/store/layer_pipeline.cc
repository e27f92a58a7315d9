#include "images/store/layer_pipeline.h"

#include <limits>

#include "base/text.h"
#include "images/stream/decompress.h"
#include "images/stream/hasher.h"
#include "images/stream/memory.h"
#include "images/stream/pipe.h"

namespace nacre::images {
namespace {

// What a header and its extensions usually take, at most. Bounds what may stand behind the archive,
// which costs time only.
constexpr std::uint64_t kBytesOfHeaders = 4096;

DecompressOptions decompress_options(const ApplyBudget& budget) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  DecompressOptions options;
  options.max_bytes = kMost;
  if (budget.entries < kMost / 2 / kBytesOfHeaders && budget.bytes < kMost / 2) {
    options.max_bytes = budget.bytes + (budget.entries + 1) * kBytesOfHeaders;
  }
  return options;
}

}  // namespace

Result<Applied> inflate_hash_apply(Source& compressed, const oci::Digest& diff_id,
                                   const sys::DirFd& tree, Sink& manifest,
                                   const ApplyOptions& options) {
  const Decompressed plain = NACRE_TRY(decompress(compressed, decompress_options(options.budget)));
  const auto inflated = NACRE_TRY(ReadAhead::start(*plain.source));
  Hasher hasher(diff_id);
  HashingSource hashing(*inflated, hasher);
  const auto hashed = NACRE_TRY(ReadAhead::start(hashing));
  Applied applied = NACRE_TRY(apply_layer(*hashed, tree, manifest, options));
  NullSink nowhere;
  // At its end the hashing thread has seen everything.
  static_cast<void>(NACRE_TRY(copy(*hashed, nowhere)));
  const oci::Digest actual = NACRE_TRY(hasher.finish());
  if (actual == diff_id) return applied;
  return fail(
      failed_precondition(text::join("the uncompressed archive hashes to ", actual.text())));
}

}  // namespace nacre::images
