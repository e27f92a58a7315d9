#include "base/text.h"
#include "oci-spec/image/layout.h"
#include "oci-spec/json/path.h"
#include "oci-spec/json/strict.h"
#include "oci-spec/json/whole.h"

namespace nacre::oci {
namespace {

struct Layout {
  std::string version;
};

}  // namespace
}  // namespace nacre::oci

namespace nacre::json {

template <>
struct Codec<oci::Layout> : Object<oci::Layout> {
  static constexpr auto kFields = table<oci::Layout>({
      field<&oci::Layout::version>("imageLayoutVersion", kRequired),
  });
};

}  // namespace nacre::json

namespace nacre::oci {
namespace {

Result<void> check_version(std::string_view bytes) {
  constexpr json::Limits kLimits{.bytes = 4096};
  const Layout layout = NACRE_TRY(json::parse_document<Layout>(bytes, "", kLimits));
  if (layout.version == kLayoutVersion) return {};
  return fail(unsupported(text::join("layouts of version ", json::excerpt(layout.version),
                                     " are not known, only \"", kLayoutVersion, '"')));
}

}  // namespace

std::string layout_path(const Digest& digest) {
  return text::join(kLayoutBlobsFolder, '/', digest.algorithm(), '/', digest.hex());
}

Result<void> check_layout(std::string_view bytes) {
  NACRE_TRY_CTX(check_version(bytes), "oci-layout");
  return {};
}

std::string layout_json() {
  return json::write_document(Layout{.version = std::string(kLayoutVersion)}, {});
}

}  // namespace nacre::oci
