// From compressed bytes to files, on three threads:
//
//   compressed ──inflate──►│ pipe │──hash──►│ pipe │──apply──► files, manifest
//   first thread            second thread    the caller's
#pragma once

#include "images/layers/layers.h"
#include "images/stream/stream.h"
#include "oci-spec/image/digest.h"

namespace nacre::images {

// Applies the archive and reads it to its end, trailing bytes included; an uncompressed stream that
// does not hash to `diff_id` is failed_precondition. `compressed` is read from another thread,
// which has ended when this returns.
[[nodiscard]] Result<Applied> inflate_hash_apply(Source& compressed, const oci::Digest& diff_id,
                                                 const sys::DirFd& tree, Sink& manifest,
                                                 const ApplyOptions& options);

}  // namespace nacre::images
