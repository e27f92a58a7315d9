#include "cli/image/listener.h"

#include "base/text.h"
#include "cli/render/units.h"

namespace nacre::cli {

BarState bar_of(const images::BlobProgress& progress, std::string_view verb) {
  BarState out{.done = progress.done, .total = progress.total};
  switch (progress.step) {
    case images::Step::kWaiting:
      out.activity = "waiting";
      break;
    case images::Step::kTransfer:
      out.activity = verb;
      out.moving = true;
      break;
    case images::Step::kUnpacking:
      out.activity = "unpacking";
      break;
    case images::Step::kDone:
      out.activity = text::join("done  ", human_size(progress.total));
      out.finished = true;
      break;
    case images::Step::kWasThere:
      out.activity = "already there";
      out.finished = true;
      break;
    case images::Step::kMounted:
      out.activity = "taken from another repository";
      out.finished = true;
      break;
  }
  return out;
}

void BlobListener::resolved(const oci::Descriptor&) {}

void BlobListener::blobs(const std::vector<oci::Descriptor>& list) {
  for (const oci::Descriptor& one : list)
    blob({.digest = one.digest, .step = images::Step::kWaiting, .total = one.size});
}

void BlobListener::blob(const images::BlobProgress& progress) {
  painter_.set(progress.digest.short_hex(), bar_of(progress, verb_));
}

void BlobListener::warning(const std::string& sentence) {
  painter_.note(text::join("warning: ", sentence));
}

}  // namespace nacre::cli
