// Progress of moving blobs, on the bars.
#pragma once

#include <string>
#include <string_view>

#include "cli/render/painter.h"
#include "images/store/progress.h"

namespace nacre::cli {

class BlobListener final : public images::ProgressListener {
 public:
  // `verb`: "downloading". The painter is borrowed.
  BlobListener(Painter& painter, std::string_view verb) : painter_(painter), verb_(verb) {}

  void resolved(const oci::Descriptor& target) override;
  void blobs(const std::vector<oci::Descriptor>& list) override;
  void blob(const images::BlobProgress& progress) override;
  void warning(const std::string& sentence) override;

 private:
  Painter& painter_;
  std::string verb_;
};

// How a step looks. Pure.
[[nodiscard]] BarState bar_of(const images::BlobProgress& progress, std::string_view verb);

}  // namespace nacre::cli
