// A tree with everything that a file system can hold, and images made of it.
#pragma once

#include <fcntl.h>

#include <fstream>

#include "images/formats/load.h"
#include "images/formats/rootfs.h"
#include "images/formats/save.h"
#include "images/stream/file.h"
#include "images/stream/memory.h"
#include "oci-spec/image/document.h"
#include "oci-spec/image/media_types.h"
#include "tests/integration/layers/archive.h"
#include "tests/integration/snapshots/snapshotter_fixture.h"
#include "tests/support/command.h"

namespace nacre::images::test {

class TreeTest : public SnapshotterTest {
 protected:
  static std::string run(const std::string& script, const std::string& where) {
    const auto outcome = nacre::test::Command({"/bin/sh", "-euc", script}).cwd(where).run();
    EXPECT_TRUE(outcome.ok()) << nacre::test::describe(outcome);
    return outcome.out;
  }
  static std::string fully(const fs::path& root) {
    return nacre::test::layers::describe_fully(root);
  }

  // Every kind of file, and metadata that programs are known to lose.
  fs::path make_tree(const std::string& name = "tree") {
    const fs::path tree = make(name);
    run(R"sh(
mkdir -p bin etc 'with space' deep/er/and/deeper
printf 'hello\n' >etc/motd
ln etc/motd etc/second-name
ln -s ../etc/motd bin/link
ln -s /absolute/nowhere dangling
mknod null c 1 3; mknod disk b 8 1; mkfifo pipe
printf x >suid; chown 1000:1001 suid; chmod 4755 suid
mkdir sticky; chmod 1777 sticky; mkdir closed; chmod 0700 closed; chown 12:34 closed
printf x >capable; setcap cap_net_raw+ep capable
setfattr -n user.note -v 'some text' etc/motd
truncate -s 9M sparse; printf end >>sparse
printf x >"$(printf 'n%.0s' $(seq 200))"
printf y >"with space/$(printf '\303\244\n\\')"
touch -d '1969-12-31 23:59:58.123456789Z' etc/motd
touch -h -d '2031-02-03 04:05:06.987654321Z' bin/link
touch -d '2001-01-01 00:00:00.000000001Z' deep/er
printf big >uid; chown 4000000000:3000000000 uid
)sh",
        tree);
    return tree;
  }

  NewImage import_tree(const fs::path& tree, ImportOptions options = {}) {
    if (options.created < 0) options.created = 1'700'000'000;
    auto keep = store().lease();
    auto made = import_directory(store(), *keep, open_directory(tree), options, {}, {});
    NACRE_EXPECT_OK(made);
    if (!made) return {};
    NACRE_EXPECT_OK(store().put_image("docker.io/library/tree:1", made->manifest));
    return *std::move(made);
  }
  oci::ImageConfig config_of(const NewImage& image) {
    return *oci::parse_image_config(*store().read_document(image.config, oci::kMostConfigBytes));
  }
  std::string export_image(const oci::Descriptor& manifest) {
    MemorySink sink;
    const auto done = export_rootfs(store(), snapshots(), manifest, sink, {}, {});
    NACRE_EXPECT_OK(done);
    return sink.take();
  }
  fs::path save(const std::string& name) {
    const fs::path file = work() / name;
    const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    FileSink sink(fd, name);
    const auto image = *store().find_image("docker.io/library/tree:1");
    NACRE_EXPECT_OK(save_archive(store(), {{.names = {image->name}, .target = image->target}}, sink,
                                 {}, nullptr, {}));
    return file;
  }
};

}  // namespace nacre::images::test
