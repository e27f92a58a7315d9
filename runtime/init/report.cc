#include "runtime/init/init.h"
#include "sys/socket.h"

namespace nacre::init {

bool send_report(const Init& init, ReportKind kind, Stage stage, std::uint32_t op,
                 std::int32_t error) {
  const InitReport report{kind, stage, op, error};
  return sys::send_with_fd(init.report, &report, sizeof report, -1).has_value();
}

}  // namespace nacre::init
