# Writes HEADER with the commit of the checkout at SOURCE, "unknown" where git cannot tell.
execute_process(COMMAND git -C "${SOURCE}" describe --always --dirty --abbrev=12 --match "v*"
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR commit STREQUAL "")
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT "${HEADER}" @ONLY CONTENT [[
#pragma once

namespace nacre {
inline constexpr const char* kNacreCommit = "@commit@";
}  // namespace nacre
]])
