#include "images/store/open.h"

#include <optional>

#include "base/text.h"
#include "images/store/clock.h"
#include "images/store/file_lock.h"
#include "images/store/records.h"
#include "images/store/reserve.h"
#include "images/store/schema.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

constexpr const char* kWhiteouts = "whiteouts";
constexpr const char* kTrusted = "trusted";
constexpr const char* kUser = "user";

// trusted.* attributes take CAP_SYS_ADMIN in the first user namespace; the kernel is asked, on a
// file that is there for nothing else.
Result<WhiteoutForm> form_that_works(const Layout& layout) {
  const std::string name = "probe-" + NACRE_TRY(random_name());
  const FileLock held = NACRE_TRY(FileLock::acquire(layout.locks, name));
  const UniqueFd file =
      NACRE_TRY_CTX(sys::openat(layout.locks, name.c_str(), O_RDWR), "open a probe file");
  const auto set = sys::setxattr_fd(file, "trusted.overlay.opaque", "y", 1);
  if (set) return WhiteoutForm::kTrusted;
  if (set.error().value == EPERM) return WhiteoutForm::kUser;
  return fail(Error::from_errno(
      set.error(), "the file system of the data root does not take overlay's attributes"));
}

Result<WhiteoutForm> form_of(const std::string& setting) {
  if (setting == kTrusted) return WhiteoutForm::kTrusted;
  if (setting == kUser) return WhiteoutForm::kUser;
  return fail(unsupported(
      text::join("the data root has whiteouts of the unknown form ", text::quote(setting))));
}

// Decided once, by whichever process comes first.
Result<WhiteoutForm> whiteouts_of(const Core& core) {
  const auto look = [](Transaction& records) { return records::find_setting(records, kWhiteouts); };
  const std::optional<std::string> setting = NACRE_TRY(core.database->read(look));
  if (setting) return form_of(*setting);
  const WhiteoutForm mine = NACRE_TRY(form_that_works(core.layout));
  return core.database->write(
      Durability::kPowerCut, [&](Transaction& records) -> Result<WhiteoutForm> {
        const std::optional<std::string> theirs = NACRE_TRY(look(records));
        if (theirs) return form_of(*theirs);
        NACRE_TRY(records::put_setting(records, kWhiteouts,
                                       mine == WhiteoutForm::kTrusted ? kTrusted : kUser));
        return mine;
      });
}

// What was unpacked in another run of the machine and not synced may have lost anything.
Result<void> distrust_unsynced_layers(const Core& core) {
  const auto extracted = static_cast<int>(LayerState::kExtracted);
  const auto any = [&](Transaction& records) -> Result<bool> {
    Statement row =
        NACRE_TRY(records.query("SELECT 1 FROM layers WHERE state = ?1 AND boot_id <> ?2 LIMIT 1",
                                extracted, core.boot_id));
    return row.step();
  };
  if (!NACRE_TRY(core.database->read(any))) return {};
  return core.database->write(Durability::kProcess, [&](Transaction& records) {
    return records.run(
        "UPDATE layers SET state = ?1, boot_id = '', stamp = '' WHERE state = ?2 AND boot_id <> ?3",
        static_cast<int>(LayerState::kStaged), extracted, core.boot_id);
  });
}

}  // namespace

Result<std::unique_ptr<Core>> open_core(const std::string& root, const StoreOptions& options) {
  auto core = std::make_unique<Core>();
  core->options = options;
  core->layout = NACRE_TRY(Layout::open(root));
  core->boot_id = NACRE_TRY(read_boot_id());
  core->database = NACRE_TRY(Database::open(core->layout.path, core->layout.root));
  NACRE_TRY(core->database->install(store_schema()));
  core->whiteouts = NACRE_TRY(whiteouts_of(*core));
  NACRE_TRY(distrust_unsynced_layers(*core));
  NACRE_TRY(make_reserve(core->layout));
  return core;
}

}  // namespace nacre::images
