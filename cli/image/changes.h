// `import --change`: instructions of a Dockerfile that only touch the configuration. Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "oci-spec/image/image_config.h"

namespace nacre::cli {

// One instruction: CMD ENTRYPOINT ENV EXPOSE LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR, in any
// case. CMD, ENTRYPOINT and VOLUME take a JSON list or a line; a line of CMD and ENTRYPOINT is run
// by `/bin/sh -c`. ENV and LABEL take KEY=VALUE ..., with quotes, or KEY VALUE. Nothing is
// expanded. invalid_argument: `change "CMD [": ...`.
[[nodiscard]] Result<void> apply_change(std::string_view text, oci::RunConfig& config);

}  // namespace nacre::cli
