// What can be done with images: for the daemon and for the command line alike.
//
// Nothing is printed here; what moves bytes tells a ProgressListener (may be null). Thread-safe, as
// the store is. Errors are one sentence and name the image as it was given.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "images/formats/load.h"
#include "images/formats/rootfs.h"
#include "images/formats/save.h"
#include "images/registry/pull.h"
#include "images/registry/push.h"
#include "images/service/image.h"
#include "images/service/remove.h"
#include "images/service/resolve.h"
#include "images/snapshots/snapshotter.h"
#include "images/store/progress.h"
#include "images/store/store.h"

namespace nacre::images {

struct PulledImage {
  std::string name;  // Reference::text()
  registry::Pulled pulled;
};

struct PruneOptions {
  bool all = false;  // not only those without a name, but all that no snapshot stands on
  // Whether an image that would go may go; empty: yes.
  std::function<bool(const ImageSummary&)> may_go;
};

class ImageService {
 public:
  // All borrowed. Where an operation needs the snapshotter or the client and there is none, it is
  // failed_precondition: pull and push need the client, remove, prune, check, maintain and
  // export_tar the snapshotter.
  ImageService(Store& store, Snapshotter* snapshotter, registry::Client* client)
      : store_(store), snapshotter_(snapshotter), client_(client) {}

  // The newest first.
  [[nodiscard]] Result<std::vector<ImageSummary>> list();
  // `image` everywhere: whatever resolve() takes.
  [[nodiscard]] Result<ImageDetails> inspect(const std::string& image,
                                             const std::optional<oci::Platform>& platform);
  [[nodiscard]] Result<std::vector<HistoryRow>> history(
      const std::string& image, const std::optional<oci::Platform>& platform);

  // A name that stood for something else is moved; what it stood for stays, without a name.
  [[nodiscard]] Result<void> tag(const std::string& image, const std::string& name);
  [[nodiscard]] Result<Removed> remove(const std::string& image, const RemoveOptions& options);
  [[nodiscard]] Result<Removed> prune(const PruneOptions& options);

  [[nodiscard]] Result<PulledImage> pull(const std::string& name,
                                         const registry::PullOptions& options,
                                         ProgressListener* progress, const std::stop_token& stop);
  // The tags that the registry has of the repository.
  [[nodiscard]] Result<std::vector<std::string>> remote_tags(const std::string& repository,
                                                             const std::stop_token& stop);
  // To the registry that the name says.
  [[nodiscard]] Result<registry::Pushed> push(const std::string& name,
                                              registry::PushOptions options,
                                              ProgressListener* progress,
                                              const std::stop_token& stop);
  // The names that this store has of the repository; kNotFound when it has none.
  [[nodiscard]] Result<std::vector<std::string>> local_names(const std::string& repository);

  [[nodiscard]] Result<std::vector<LoadedImage>> load(FdRef file, const std::string& what,
                                                      const LoadOptions& options,
                                                      ProgressListener* progress,
                                                      const std::stop_token& stop);
  [[nodiscard]] Result<std::vector<LoadedImage>> load(const sys::DirFd& layout,
                                                      const std::string& what,
                                                      const LoadOptions& options,
                                                      ProgressListener* progress,
                                                      const std::stop_token& stop);
  // What to save for each of `images`: one entry for the same target with all names that were
  // given. A repository without a tag that has no "latest" here means all its tags.
  [[nodiscard]] Result<std::vector<SaveImage>> to_save(const std::vector<std::string>& images);
  [[nodiscard]] Result<void> save(const std::vector<SaveImage>& images, Sink& tar,
                                  const SaveOptions& options, ProgressListener* progress,
                                  const std::stop_token& stop);
  [[nodiscard]] Result<void> save(const std::vector<SaveImage>& images, const sys::DirFd& layout,
                                  const SaveOptions& options, ProgressListener* progress,
                                  const std::stop_token& stop);

  // `name` may be empty: the image is kept without one.
  [[nodiscard]] Result<NewImage> import(Source& archive, const std::string& name,
                                        const ImportOptions& options,
                                        const std::function<void(std::uint64_t)>& bytes_read,
                                        const std::stop_token& stop);
  [[nodiscard]] Result<NewImage> import(const sys::DirFd& tree, const std::string& name,
                                        const ImportOptions& options,
                                        const std::function<void(std::uint64_t)>& bytes_read,
                                        const std::stop_token& stop);
  // The root filesystem of the image. Unpacks what is not unpacked (any more).
  [[nodiscard]] Result<void> export_tar(const std::string& image,
                                        const std::optional<oci::Platform>& platform, Sink& tar,
                                        const std::function<void(std::uint64_t)>& bytes_written,
                                        const std::stop_token& stop);

  [[nodiscard]] Result<std::vector<Damage>> check(const CheckOptions& options);

  // What a worker does that nobody waits for: layers become durable, what nothing keeps is
  // collected, what lies in the trash is deleted. Nobody else is held up by it, whatever its size.
  // Ends early at `stop`; the rest is the next one's.
  [[nodiscard]] Result<Collected> maintain(const std::stop_token& stop);

 private:
  [[nodiscard]] Result<void> need_snapshotter() const;
  [[nodiscard]] Result<void> need_client() const;
  [[nodiscard]] Result<void> unpack_layers(const oci::Descriptor& manifest, const Lease& lease,
                                           const std::stop_token& stop);
  [[nodiscard]] Result<std::vector<std::string>> repositories_with(const oci::Descriptor& image,
                                                                   const std::string& host,
                                                                   const std::string& path);
  template <class Import>
  [[nodiscard]] Result<NewImage> import_as(const std::string& name, Import import);

  Store& store_;
  Snapshotter* snapshotter_;
  registry::Client* client_;
};

}  // namespace nacre::images
