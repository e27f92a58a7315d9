#include "images/snapshots/snapshotter.h"

#include <optional>
#include <set>

#include "base/scope_exit.h"
#include "base/text.h"
#include "images/snapshots/active_folder.h"
#include "images/snapshots/chain.h"
#include "images/snapshots/durability.h"
#include "images/snapshots/fixups.h"
#include "images/snapshots/foundation.h"
#include "images/snapshots/key.h"
#include "images/snapshots/records.h"
#include "images/snapshots/tree_usage.h"
#include "images/store/clock.h"
#include "images/store/database.h"
#include "sys/file.h"

namespace nacre::images {
namespace {

using snapshots::Record;
using DiffIds = std::vector<oci::Digest>;

Durability durability_of(const Record& record) {
  return record.info.ephemeral ? Durability::kProcess : Durability::kPowerCut;
}

// "a", "b" and 3 more
std::string some_of(const std::vector<std::string>& keys) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> shown;
  for (const std::string& key : keys) {
    if (shown.size() < kShown) shown.push_back(text::quote(key));
  }
  std::string list = text::join_with(shown, ", ");
  if (keys.size() > kShown) text::append(list, " and ", keys.size() - kShown, " more");
  return list;
}

class OverlaySnapshotter final : public Snapshotter {
 public:
  OverlaySnapshotter(Store& store, OverlayFeatures features, Fixups fixups, Folder containers,
                     std::string boot_id)
      : store_(store),
        features_(features),
        fixups_(std::move(fixups)),
        containers_(std::move(containers)),
        boot_id_(std::move(boot_id)),
        foundation_(store_, fixups_, containers_) {}

  Result<SnapshotInfo> prepare(const std::string& key, const SnapshotBase& base,
                               const PrepareOptions& options) override {
    return NACRE_TRY_CTX(make_active(key, base, options), text::join("prepare ", quoted(key)));
  }

  Result<SnapshotInfo> view(const std::string& key, const SnapshotBase& base,
                            const PrepareOptions& options) override {
    return NACRE_TRY_CTX(make_view(key, base, options), text::join("view ", quoted(key)));
  }

  Result<sys::MountFd> mounts(const std::string& key, const MountOptions& options) override {
    return NACRE_TRY_CTX(mount(key, options), text::join("mount ", quoted(key)));
  }

  Result<OverlayMount> layers(const std::string& key) override {
    const auto line = NACRE_TRY(foundation_.lineage(key));
    return foundation_.open(line);
  }

  Result<SnapshotInfo> commit(const std::string& name, const std::string& key,
                              const CommitOptions& options) override {
    return NACRE_TRY_CTX(freeze(name, key, options), text::join("commit ", quoted(key)));
  }

  Result<void> make_durable(const std::string& name) override {
    NACRE_TRY_CTX(sync_committed(name), text::join("sync ", quoted(name)));
    return {};
  }

  Result<void> remove(const std::string& key) override {
    NACRE_TRY_CTX(forget(key), text::join("remove ", quoted(key)));
    return {};
  }

  Result<SnapshotInfo> stat(const std::string& key) override { return NACRE_TRY(get(key)).info; }

  Result<void> walk(const Visitor& visit) override {
    for (const Record& record : NACRE_TRY(all())) NACRE_TRY(visit(record.info));
    return {};
  }

  Result<SnapshotUsage> usage(const std::string& key) override {
    return NACRE_TRY_CTX(measure(key), text::join("look at the files of ", quoted(key)));
  }

  Result<std::uint64_t> discard_garbage() override {
    std::uint64_t discarded = NACRE_TRY(remove_leftovers());
    discarded += NACRE_TRY(containers_.discard_garbage([this] { return recorded_folders(); }));
    discarded += NACRE_TRY(fixups_.discard_garbage([this] {
      return database().read(
          [](Transaction& records) { return snapshots::chains_with_fixup(records); });
    }));
    return discarded;
  }

  Result<std::vector<Damage>> check() override {
    std::vector<Damage> damages;
    for (const Record& record : NACRE_TRY(all())) {
      if (record.folder.empty()) continue;
      const auto folder = ActiveFolder::open(containers_, record.folder);
      if (folder && folder->open_upper()) continue;
      damages.push_back({.what = quoted(record.info.key),
                         .problem = text::join("its folder containers/", record.folder,
                                               "/upper cannot be opened")});
    }
    return damages;
  }

 private:
  Database& database() { return store_.database(); }

  Result<Record> get(const std::string& key) {
    return database().read([&](Transaction& records) { return snapshots::get(records, key); });
  }
  Result<std::vector<Record>> all() {
    return database().read([](Transaction& records) { return snapshots::all(records); });
  }

  // ---- prepare, view ----------------------------------------------------------------------------

  Result<SnapshotInfo> make_active(const std::string& key, const SnapshotBase& base,
                                   const PrepareOptions& options) {
    NACRE_TRY(check_key(key));
    const auto lowers = NACRE_TRY(foundation_.open_base(base));
    const auto making = NACRE_TRY(containers_.begin_making());
    const std::string name = NACRE_TRY(folder_name(key));
    ScopeExit undo([&] { static_cast<void>(containers_.discard(name)); });
    const auto folder = NACRE_TRY(ActiveFolder::make(containers_, name));
    if (!lowers.empty()) NACRE_TRY(folder.take_root_from(lowers.front()));
    if (!options.ephemeral) NACRE_TRY(folder.sync(containers_));
    Record record = new_record(key, SnapshotKind::kActive, base, options);
    record.folder = name;
    NACRE_TRY(put(record));
    undo.dismiss();
    return std::move(record.info);
  }

  Result<SnapshotInfo> make_view(const std::string& key, const SnapshotBase& base,
                                 const PrepareOptions& options) {
    NACRE_TRY(check_key(key));
    const auto lowers = NACRE_TRY(foundation_.open_base(base));
    if (lowers.empty()) return fail(invalid_argument("it stands on nothing"));
    Record record = new_record(key, SnapshotKind::kView, base, options);
    NACRE_TRY(put(record));
    return std::move(record.info);
  }

  [[nodiscard]] Record new_record(const std::string& key, SnapshotKind kind,
                                  const SnapshotBase& base, const PrepareOptions& options) const {
    Record record;
    const std::int64_t now = seconds_now();
    record.info = {.key = key,
                   .kind = kind,
                   .base = base,
                   .created = now,
                   .updated = now,
                   .ephemeral = options.ephemeral};
    if (options.ephemeral) record.boot_id = boot_id_;
    return record;
  }

  // Unique for ever: what is in the trash or was left behind has another name.
  static Result<std::string> folder_name(const std::string& key) {
    constexpr std::size_t kDigits = 12;
    return text::join(key, '-', NACRE_TRY(random_name()).substr(0, kDigits));
  }

  // What was looked at before may have changed: asked again where nothing can.
  Result<void> put(const Record& record) {
    DiffIds chains;
    const auto* layers = std::get_if<DiffIds>(&record.info.base);
    if (layers != nullptr) chains = NACRE_TRY(chain_ids(*layers));
    return database().write(durability_of(record), [&](Transaction& records) -> Result<void> {
      NACRE_TRY(snapshots::insert(records, record));
      if (layers != nullptr) {
        return snapshots::hold_layers(records, record.info.key, *layers, chains);
      }
      const Record parent =
          NACRE_TRY(snapshots::get(records, std::get<std::string>(record.info.base)));
      return require_committed(parent);
    });
  }

  // ---- mounts -----------------------------------------------------------------------------------

  Result<sys::MountFd> mount(const std::string& key, const MountOptions& options) {
    const auto line = NACRE_TRY(foundation_.lineage(key));
    const Record& record = line.front();
    if (record.info.kind == SnapshotKind::kCommitted) {
      return fail(failed_precondition("it is committed: prepare or view one that stands on it"));
    }
    NACRE_TRY(require_this_run(record));
    OverlayMount overlay = NACRE_TRY(foundation_.open(line));
    if (overlay.volatile_writes) NACRE_TRY(renew_work(overlay.writable));
    if (options.userns.get() >= 0) {
      overlay.idmap = NACRE_TRY_CTX(sys::duplicate(options.userns), "duplicate a descriptor");
    }
    return make_overlay(overlay, features_);
  }

  // What was never synced is not to be trusted after a restart of the machine.
  [[nodiscard]] Result<void> require_this_run(const Record& record) const {
    if (record.boot_id.empty() || record.boot_id == boot_id_) return {};
    return fail(failed_precondition(
        "it was ephemeral, and the machine has been started again since: remove it"));
  }

  [[nodiscard]] Result<void> renew_work(const sys::DirFd& folder) const {
    return ActiveFolder::renew_volatile_work(containers_, folder);
  }

  // ---- commit -----------------------------------------------------------------------------------

  // The layer stays where it is: one transaction makes it another thing. The work directory is of
  // no use afterwards, and of no harm should it stay.
  Result<SnapshotInfo> freeze(const std::string& name, const std::string& key,
                              const CommitOptions& options) {
    NACRE_TRY(check_key(name));
    const Record before = NACRE_TRY(get(key));
    NACRE_TRY(require_active(before));
    NACRE_TRY(require_this_run(before));
    const auto folder = NACRE_TRY(ActiveFolder::open(containers_, before.folder));
    if (options.sync) NACRE_TRY(sync_layer(folder, before));
    SnapshotInfo frozen = NACRE_TRY(record_frozen(before, name, options.sync));
    NACRE_TRY(folder.discard_work(containers_));
    return frozen;
  }

  static Result<void> require_active(const Record& record) {
    if (record.info.kind == SnapshotKind::kActive) return {};
    return fail(failed_precondition(
        text::join("it is ", to_text(record.info.kind), ": only active ones can be committed")));
  }

  // What is in the layer; its folder too, unless that has been synced when it was made.
  Result<void> sync_layer(const ActiveFolder& folder, const Record& record) {
    const auto upper = NACRE_TRY(folder.open_upper());
    NACRE_TRY(sync_tree(upper));
    if (record.info.kind == SnapshotKind::kActive && !record.info.ephemeral) return {};
    return folder.sync(containers_);
  }

  Result<SnapshotInfo> record_frozen(const Record& before, const std::string& name, bool durable) {
    const auto durability = durable ? Durability::kPowerCut : Durability::kProcess;
    return database().write(durability, [&](Transaction& records) -> Result<SnapshotInfo> {
      Record record = NACRE_TRY(snapshots::get(records, before.info.key));
      if (record.folder != before.folder) {
        return fail(failed_precondition("it has been replaced meanwhile"));
      }
      NACRE_TRY(require_active(record));
      if (name != record.info.key && NACRE_TRY(snapshots::find(records, name))) {
        return fail(
            Error(ErrorCode::kAlreadyExists, text::join("there is a ", quoted(name), " already")));
      }
      record.info.kind = SnapshotKind::kCommitted;
      record.info.durable = durable;
      record.info.ephemeral = false;
      record.info.updated = seconds_now();
      record.boot_id.clear();
      NACRE_TRY(snapshots::update(records, record));
      NACRE_TRY(snapshots::rename(records, record.info.key, name));
      record.info.key = name;
      return std::move(record.info);
    });
  }

  Result<void> sync_committed(const std::string& name) {
    const Record record = NACRE_TRY(get(name));
    NACRE_TRY(require_committed(record));
    if (record.info.durable) return {};
    const auto folder = NACRE_TRY(ActiveFolder::open(containers_, record.folder));
    NACRE_TRY(sync_layer(folder, record));
    return change(record, [](Record& now) { now.info.durable = true; });
  }

  // Only if it still is the same one.
  template <class Change>
  Result<void> change(const Record& seen, Change change) {
    return database().write(Durability::kPowerCut, [&](Transaction& records) -> Result<void> {
      auto now = NACRE_TRY(snapshots::find(records, seen.info.key));
      if (!now || now->folder != seen.folder || now->info.kind != seen.info.kind) return {};
      change(*now);
      return snapshots::update(records, *now);
    });
  }

  // ---- remove, usage ----------------------------------------------------------------------------

  Result<void> forget(const std::string& key) {
    const Record seen = NACRE_TRY(get(key));
    // A view has no folder that could be missed: should its record come back, it is whole.
    const auto durability = seen.folder.empty() ? Durability::kProcess : durability_of(seen);
    const auto forget_record = [&](Transaction& records) -> Result<void> {
      const Record now = NACRE_TRY(snapshots::get(records, key));
      if (now.folder != seen.folder || now.boot_id != seen.boot_id) {
        return fail(failed_precondition("it has been replaced meanwhile"));
      }
      const auto above = NACRE_TRY(snapshots::children(records, key));
      if (!above.empty()) {
        return fail(failed_precondition(text::join("others stand on it: ", some_of(above))));
      }
      return snapshots::remove(records, key);
    };
    NACRE_TRY(database().write(durability, forget_record));
    if (seen.folder.empty()) return {};
    return containers_.discard(seen.folder);
  }

  // Ephemeral ones of before the machine's last start.
  Result<std::uint64_t> remove_leftovers() {
    std::uint64_t removed = 0;
    for (const Record& record : NACRE_TRY(all())) {
      if (require_this_run(record)) continue;
      const auto done = forget(record.info.key);
      // Somebody else did the same.
      if (!done && done.error().code() == ErrorCode::kNotFound) continue;
      if (!done) return fail(Error(done.error()));
      ++removed;
    }
    return removed;
  }

  Result<SnapshotUsage> measure(const std::string& key) {
    const Record record = NACRE_TRY(get(key));
    if (record.usage) return *record.usage;
    if (record.folder.empty()) return SnapshotUsage{};
    const auto folder = NACRE_TRY(ActiveFolder::open(containers_, record.folder));
    const auto upper = NACRE_TRY(folder.open_upper());
    const SnapshotUsage found = NACRE_TRY(tree_usage(upper));
    if (record.info.kind == SnapshotKind::kCommitted) {
      NACRE_TRY(change(record, [&](Record& now) { now.usage = found; }));
    }
    return found;
  }

  Result<std::set<std::string>> recorded_folders() {
    std::set<std::string> names;
    for (const Record& record : NACRE_TRY(all())) {
      if (!record.folder.empty()) names.insert(record.folder);
    }
    return names;
  }

  Store& store_;
  OverlayFeatures features_;
  Fixups fixups_;
  Folder containers_;
  std::string boot_id_;
  Foundation foundation_;
};

}  // namespace

Result<std::unique_ptr<Snapshotter>> Snapshotter::open(Store& store, OverlayFeatures features) {
  NACRE_TRY(store.database().install(snapshots::schema()));
  auto fixups = NACRE_TRY(Fixups::open(store.root(), store.whiteouts(), features));
  auto containers = NACRE_TRY(Folder::open(store.root(), "containers"));
  store.add_collector([](Transaction& records) -> Result<std::uint64_t> {
    NACRE_TRY(snapshots::forget_chains(records));
    return 0;  // no snapshot goes unless somebody removes it
  });
  std::string boot_id = NACRE_TRY(read_boot_id());
  return std::unique_ptr<Snapshotter>(std::make_unique<OverlaySnapshotter>(
      store, features, std::move(fixups), std::move(containers), std::move(boot_id)));
}

}  // namespace nacre::images
