#include "runtime/state/process_stat.h"

#include "base/text.h"
#include "sys/io.h"

namespace nacre::state {

Result<ProcessStat> parse_stat(std::string_view line) {
  constexpr std::size_t kStartTimeField = 22 - 3;  // field 3 is the first behind the name
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string_view::npos) return fail(internal_error("no command name"));
  const auto fields = text::split(text::trim(line.substr(name_end + 1)), ' ');
  if (fields.size() <= kStartTimeField || fields.front().size() != 1) {
    return fail(internal_error("too few fields"));
  }
  const auto start_time = text::parse_u64(fields[kStartTimeField]);
  if (!start_time) return fail(internal_error("the start time is not a number"));
  return ProcessStat{fields.front().front(), *start_time};
}

Result<ProcessStat> read_stat(int pid) {
  const std::string path = text::join("/proc/", pid, "/stat");
  auto line = sys::read_file(sys::kCwd, path.c_str(), 8192);
  // ESRCH: the process ended between open and read.
  if (!line && line.error().value == ESRCH) line = std::unexpected(Errno{ENOENT});
  if (!line) return fail(Error::from_errno(line.error(), text::join("read ", path)));
  return NACRE_TRY_CTX(parse_stat(*line), path);
}

}  // namespace nacre::state
