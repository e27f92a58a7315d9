// A process that does one thing to the snapshots of a store, to be killed:
//
//   snapshot_worker ROOT prepare KEY BASE...     BASE: a snapshot, or the diffIDs of layers
//   snapshot_worker ROOT commit NAME KEY
//   snapshot_worker ROOT remove KEY
//   snapshot_worker ROOT mount KEY               makes the mount and lets go of it
//
// Prints an error as "code: sentence" and ends with 1.
#include <cstdio>
#include <string>
#include <vector>

#include "images/snapshots/snapshotter.h"

namespace {

using namespace nacre;
using namespace nacre::images;
using Arguments = std::vector<std::string>;

Result<SnapshotBase> base_of(const Arguments& names) {
  if (names.size() == 1 && !names.front().starts_with("sha256:")) {
    return SnapshotBase(names.front());
  }
  std::vector<oci::Digest> layers;
  for (const std::string& name : names) layers.push_back(NACRE_TRY(oci::Digest::parse(name)));
  return SnapshotBase(std::move(layers));
}

Result<void> act(Snapshotter& snapshots, const std::string& verb, const Arguments& arguments) {
  if (verb == "prepare") {
    const auto base = NACRE_TRY(base_of({arguments.begin() + 1, arguments.end()}));
    NACRE_TRY(snapshots.prepare(arguments.at(0), base, {}));
  } else if (verb == "commit") {
    NACRE_TRY(snapshots.commit(arguments.at(0), arguments.at(1), {}));
  } else if (verb == "remove") {
    NACRE_TRY(snapshots.remove(arguments.at(0)));
  } else if (verb == "mount") {
    NACRE_TRY(snapshots.mounts(arguments.at(0), {}));
  } else {
    return fail(invalid_argument("unknown verb " + verb));
  }
  return {};
}

Result<void> run(const std::string& root, const std::string& verb, const Arguments& arguments) {
  const auto store = NACRE_TRY(Store::open(root));
  const auto features = NACRE_TRY(probe_overlay());
  const auto snapshots = NACRE_TRY(Snapshotter::open(*store, features));
  return act(*snapshots, verb, arguments);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const auto done = run(argv[1], argv[2], {argv + 3, argv + argc});
  if (done) return 0;
  std::fprintf(stderr, "%s: %s\n", to_text(done.error().code()), done.error().message().c_str());
  return 1;
}
