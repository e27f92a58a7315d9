#include "images/stream/memory.h"

#include "base/text.h"

namespace nacre::images {

Result<void> MemorySink::write(Bytes bytes) {
  if (bytes.size() > limit_ - text_.size()) {
    return fail(Error(ErrorCode::kResourceExhausted,
                      text::join("more than the ", limit_, " bytes that are allowed")));
  }
  text_ += as_text(bytes);
  return {};
}

}  // namespace nacre::images
