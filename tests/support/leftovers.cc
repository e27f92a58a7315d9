#include "tests/support/leftovers.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace nacre::test {
namespace {

namespace fs = std::filesystem;

// mountinfo without its first columns: ids are reused, what is mounted where is what counts.
void add_mounts(Inventory& all) {
  std::ifstream file("/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, target;
    fields >> id >> parent >> device >> root >> target;
    all.insert("mount " + id + " of " + root + " on " + target);
  }
}

// In the private world /proc holds nothing but this process and what came of it, zombies too.
void add_processes(Inventory& all) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (pid == std::to_string(::getpid())) continue;
    std::ifstream stat(entry.path() / "stat");
    std::string text;
    if (!std::getline(stat, text)) continue;  // it ended meanwhile
    const auto close = text.rfind(')');
    all.insert("process " + text.substr(0, std::min(close + 3, text.size())));
  }
}

void add_cgroups(Inventory& all, const std::string& token) {
  std::error_code ignored;
  fs::recursive_directory_iterator walk("/sys/fs/cgroup",
                                        fs::directory_options::skip_permission_denied, ignored);
  while (walk != fs::recursive_directory_iterator()) {
    std::error_code gone;
    if (walk->is_directory(gone) && walk->path().string().find(token) != std::string::npos) {
      all.insert("cgroup " + walk->path().string());
    }
    walk.increment(ignored);
    if (ignored) break;
  }
}

void add_files(Inventory& all, const fs::path& dir, const char* what, int depth) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(dir, ignored)) {
    all.insert(std::string(what) + " " + entry.path().string());
    std::error_code gone;
    if (depth > 1 && entry.is_directory(gone) && !entry.is_symlink(gone)) {
      add_files(all, entry.path(), what, depth - 1);
    }
  }
}

void add_sockets(Inventory& all) {
  std::ifstream file("/proc/net/unix");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    const std::vector<std::string> column{std::istream_iterator<std::string>(fields), {}};
    if (column.size() > 7) all.insert("socket " + column[7]);  // only named ones
  }
}

}  // namespace

Inventory take_inventory(const Places& places) {
  Inventory all;
  add_mounts(all);
  add_processes(all);
  add_cgroups(all, places.token);
  add_files(all, places.state_root, "state", 1);
  add_files(all, places.temp, "temporary file", 2);
  if (!places.run.empty()) add_files(all, places.run, "file", 2);
  add_sockets(all);
  return all;
}

std::vector<std::string> new_entries(const Inventory& before, const Inventory& after) {
  std::vector<std::string> fresh;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(fresh));
  return fresh;
}

}  // namespace nacre::test
