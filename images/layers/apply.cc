#include "images/layers/applier.h"
#include "images/layers/layers.h"
#include "images/tar/reader.h"

namespace nacre::images {
namespace {

// The content of whichever entry the reader stands at.
class EntryContent final : public Source {
 public:
  explicit EntryContent(tar::Reader& reader) : reader_(reader) {}
  [[nodiscard]] Result<std::size_t> read(Buffer into) override { return reader_.read(into); }

 private:
  tar::Reader& reader_;
};

}  // namespace

Result<Applied> apply_layer(Source& tar, const sys::DirFd& target, Sink& manifest,
                            const ApplyOptions& options) {
  const auto applier = NACRE_TRY(layers::Applier::begin(target, options));
  tar::Reader reader(tar);
  EntryContent content(reader);
  for (;;) {
    const auto entry = NACRE_TRY(reader.next());
    if (!entry) break;
    NACRE_TRY(applier->add(*entry, content));
  }
  Applied applied = NACRE_TRY(applier->finish(manifest));
  // Whoever hashes the archive has to see all of it.
  static_cast<void>(NACRE_TRY(reader.drain()));
  return applied;
}

}  // namespace nacre::images
