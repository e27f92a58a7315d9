#include "images/service/service.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "images/reference/reference.h"
#include "images/registry/pages.h"
#include "images/service/catalog.h"
#include "images/service/names.h"

namespace nacre::images {
namespace {

std::string about(std::string_view image) { return text::join("image ", text::quote(image)); }

Result<Reference> new_name(const std::string& name) {
  Reference reference = NACRE_TRY(Reference::parse(name));
  if (reference.tag().empty())
    return fail(invalid_argument(text::join("image name ", text::quote(name),
                                            ": a name with a digest cannot be given, only a tag")));
  return reference;
}

bool same_image(Store& store, const ImageRecord& record, const ImageSummary& image) {
  if (record.target.digest == image.target.digest) return true;
  if (std::ranges::any_of(image.names, [&](const NamedTarget& name) {
        return name.name == record.name && name.target.digest == record.target.digest;
      }))
    return true;
  if (!is_nameless(record.name)) return false;
  // A nameless index or manifest of the same image.
  const auto parts = read_image(store, record.target, std::nullopt);
  return parts && parts->manifest.config.digest == image.id;
}

Result<std::vector<std::string>> records_of(Store& store, const ImageSummary& image) {
  std::vector<std::string> out;
  for (const ImageRecord& record : NACRE_TRY(store.images())) {
    if (same_image(store, record, image)) out.push_back(record.name);
  }
  return out;
}

// The snapshots whose layers are exactly the image's.
Result<std::vector<std::string>> standing_on(Snapshotter& snapshotter, const ImageSummary& image) {
  std::vector<std::string> out;
  if (image.diff_ids.empty()) return out;
  NACRE_TRY(snapshotter.walk([&](const SnapshotInfo& info) -> Result<void> {
    const auto* layers = std::get_if<std::vector<oci::Digest>>(&info.base);
    if (layers != nullptr && *layers == image.diff_ids) out.push_back(info.key);
    return {};
  }));
  return out;
}

}  // namespace

Result<void> ImageService::need_snapshotter() const {
  if (snapshotter_ != nullptr) return {};
  return fail(failed_precondition("this needs the snapshots of the store, which are not open"));
}

Result<void> ImageService::need_client() const {
  if (client_ != nullptr) return {};
  return fail(failed_precondition("this needs a registry client, and there is none"));
}

Result<std::vector<ImageSummary>> ImageService::list() { return list_images(store_); }

Result<ImageDetails> ImageService::inspect(const std::string& image,
                                           const std::optional<oci::Platform>& platform) {
  const auto images = NACRE_TRY(list());
  const Resolved found = NACRE_TRY(resolve(images, image));
  ImageSummary summary = *found.image;
  summary.target = found.target;
  return NACRE_TRY_CTX(image_details(store_, summary, platform), about(image));
}

Result<std::vector<HistoryRow>> ImageService::history(
    const std::string& image, const std::optional<oci::Platform>& platform) {
  return history_of(NACRE_TRY(inspect(image, platform)));
}

Result<void> ImageService::tag(const std::string& image, const std::string& name) {
  const Reference reference = NACRE_TRY(new_name(name));
  if (!reference.digest().empty())
    return fail(invalid_argument(text::join("image name ", text::quote(name),
                                            ": a tag cannot be given together with a digest")));
  const auto images = NACRE_TRY(list());
  const Resolved found = NACRE_TRY(resolve(images, image));
  const auto before = NACRE_TRY(NamesBefore::remember(store_));
  NACRE_TRY_CTX(store_.put_image(reference.text(), found.target), about(image));
  return before.settle(store_);
}

Result<Removed> ImageService::remove(const std::string& image, const RemoveOptions& options) {
  NACRE_TRY(need_snapshotter());
  const auto images = NACRE_TRY(list());
  const Resolved found = NACRE_TRY(resolve(images, image));
  const auto records = NACRE_TRY(records_of(store_, *found.image));
  const auto in_use = NACRE_TRY(standing_on(*snapshotter_, *found.image));
  const RemovePlan plan = NACRE_TRY(plan_removal(found, image, records, in_use, options.force));

  Removed out;
  out.untagged = plan.untagged;
  for (const std::string& name : plan.names)
    NACRE_TRY_CTX(store_.remove_image(name), text::join("remove image ", text::quote(name)));
  if (plan.deletes) out.deleted.push_back(found.image->id);
  if (options.collect) out.collected = NACRE_TRY(store_.collect());
  return out;
}

Result<Removed> ImageService::prune(const PruneOptions& options) {
  NACRE_TRY(need_snapshotter());
  Removed out;
  for (const ImageSummary& image : NACRE_TRY(list())) {
    if (!options.all && !image.names.empty()) continue;
    if (options.may_go && !options.may_go(image)) continue;
    if (!NACRE_TRY(standing_on(*snapshotter_, image)).empty()) continue;
    for (const std::string& name : NACRE_TRY(records_of(store_, image))) {
      NACRE_TRY_CTX(store_.remove_image(name), text::join("remove image ", text::quote(name)));
      if (!is_nameless(name)) out.untagged.push_back(name);
    }
    out.deleted.push_back(image.id);
  }
  out.collected = NACRE_TRY(store_.collect());
  return out;
}

Result<PulledImage> ImageService::pull(const std::string& name,
                                       const registry::PullOptions& options,
                                       ProgressListener* progress, const std::stop_token& stop) {
  NACRE_TRY(need_client());
  const Reference reference = NACRE_TRY(Reference::parse(name));
  const auto before = NACRE_TRY(NamesBefore::remember(store_));
  PulledImage out;
  out.name = reference.text();
  out.pulled = NACRE_TRY(registry::pull(*client_, store_, reference, options, progress, stop));
  NACRE_TRY(before.settle(store_));
  return out;
}

Result<std::vector<std::string>> ImageService::remote_tags(const std::string& repository,
                                                           const std::stop_token& stop) {
  NACRE_TRY(need_client());
  return registry::list_tags(*client_, NACRE_TRY(Repository::parse(repository)), stop);
}

Result<std::vector<std::string>> ImageService::local_names(const std::string& repository) {
  const Repository wanted = NACRE_TRY(Repository::parse(repository));
  std::vector<std::string> out;
  for (const ImageRecord& record : NACRE_TRY(store_.images())) {
    const auto reference = Reference::parse(record.name);
    if (reference && !reference->tag().empty() && reference->repository() == wanted)
      out.push_back(record.name);
  }
  if (out.empty()) return fail(not_found(text::join("no image of repository ", repository)));
  return out;
}

// Repositories of the same registry whose images here share a layer with this one: the registry may
// have it there, and then takes it from there.
Result<std::vector<std::string>> ImageService::repositories_with(const oci::Descriptor& image,
                                                                 const std::string& host,
                                                                 const std::string& path) {
  const auto mine = read_image(store_, image, std::nullopt);
  if (!mine) return std::vector<std::string>{};  // the push itself will say what is wrong
  std::set<oci::Digest> layers;
  for (const auto& layer : mine->manifest.layers) layers.insert(layer.digest);
  std::set<std::string> found;
  for (const ImageRecord& record : NACRE_TRY(store_.images())) {
    const auto name = Reference::parse(record.name);
    if (!name || name->host() != host || name->path() == path) continue;
    const auto parts = read_image(store_, record.target, std::nullopt);
    if (!parts) continue;  // not ours to complain about
    if (std::ranges::any_of(parts->manifest.layers,
                            [&](const auto& layer) { return layers.contains(layer.digest); }))
      found.insert(name->path());
  }
  return std::vector<std::string>(found.begin(), found.end());
}

Result<registry::Pushed> ImageService::push(const std::string& name, registry::PushOptions options,
                                            ProgressListener* progress,
                                            const std::stop_token& stop) {
  NACRE_TRY(need_client());
  const Reference reference = NACRE_TRY(Reference::parse(name));
  const auto images = NACRE_TRY(list());
  const auto found = resolve(images, reference.text());
  if (!found && found.error().code() == ErrorCode::kNotFound)
    return fail(not_found(text::join("there is no image of the name ", reference.familiar())));
  if (!found) return fail(found.error());
  if (options.mount_from.empty())
    options.mount_from =
        NACRE_TRY(repositories_with(found->target, reference.host(), reference.path()));
  return registry::push(*client_, store_, found->target, reference, options, progress, stop);
}

Result<std::vector<LoadedImage>> ImageService::load(FdRef file, const std::string& what,
                                                    const LoadOptions& options,
                                                    ProgressListener* progress,
                                                    const std::stop_token& stop) {
  const auto before = NACRE_TRY(NamesBefore::remember(store_));
  auto loaded = NACRE_TRY(load_archive(store_, file, what, options, progress, stop));
  NACRE_TRY(before.settle(store_));
  return loaded;
}

Result<std::vector<LoadedImage>> ImageService::load(const sys::DirFd& layout,
                                                    const std::string& what,
                                                    const LoadOptions& options,
                                                    ProgressListener* progress,
                                                    const std::stop_token& stop) {
  const auto before = NACRE_TRY(NamesBefore::remember(store_));
  auto loaded = NACRE_TRY(load_layout(store_, layout, what, options, progress, stop));
  NACRE_TRY(before.settle(store_));
  return loaded;
}

Result<std::vector<SaveImage>> ImageService::to_save(const std::vector<std::string>& images) {
  const auto all = NACRE_TRY(list());
  std::vector<SaveImage> out;
  const auto add = [&](const oci::Descriptor& target, const std::string& name) {
    auto entry = std::ranges::find_if(
        out, [&](const SaveImage& one) { return one.target.digest == target.digest; });
    if (entry == out.end()) entry = out.insert(out.end(), SaveImage{{}, target});
    if (!name.empty() && std::ranges::find(entry->names, name) == entry->names.end())
      entry->names.push_back(name);
  };
  for (const std::string& given : images) {
    const auto found = resolve(all, given);
    if (found) {
      add(found->target, found->name != nullptr ? found->name->name : "");
      continue;
    }
    if (found.error().code() != ErrorCode::kNotFound || !Repository::parse(given))
      return fail(found.error());
    const auto names = local_names(given);
    if (!names) return fail(found.error());
    for (const std::string& name : *names) {
      const Resolved one = NACRE_TRY(resolve(all, name));
      add(one.target, name);
    }
  }
  return out;
}

Result<void> ImageService::save(const std::vector<SaveImage>& images, Sink& tar,
                                const SaveOptions& options, ProgressListener* progress,
                                const std::stop_token& stop) {
  return save_archive(store_, images, tar, options, progress, stop);
}

Result<void> ImageService::save(const std::vector<SaveImage>& images, const sys::DirFd& layout,
                                const SaveOptions& options, ProgressListener* progress,
                                const std::stop_token& stop) {
  return save_layout(store_, images, layout, options, progress, stop);
}

template <class Import>
Result<NewImage> ImageService::import_as(const std::string& name, Import import) {
  std::string record;
  if (!name.empty()) record = NACRE_TRY(new_name(name)).text();
  const auto before = NACRE_TRY(NamesBefore::remember(store_));
  const Lease lease = NACRE_TRY(store_.lease());
  const NewImage made = NACRE_TRY(import(lease));
  if (record.empty()) record = nameless_record(made.manifest.digest);
  NACRE_TRY(store_.put_image(record, made.manifest));
  NACRE_TRY(before.settle(store_));
  return made;
}

Result<NewImage> ImageService::import(Source& archive, const std::string& name,
                                      const ImportOptions& options,
                                      const std::function<void(std::uint64_t)>& bytes_read,
                                      const std::stop_token& stop) {
  return import_as(name, [&](const Lease& lease) {
    return import_archive(store_, lease, archive, options, bytes_read, stop);
  });
}

Result<NewImage> ImageService::import(const sys::DirFd& tree, const std::string& name,
                                      const ImportOptions& options,
                                      const std::function<void(std::uint64_t)>& bytes_read,
                                      const std::stop_token& stop) {
  return import_as(name, [&](const Lease& lease) {
    return import_directory(store_, lease, tree, options, bytes_read, stop);
  });
}

// What a power cut made `staged` again, or was loaded without unpacking.
Result<void> ImageService::unpack_layers(const oci::Descriptor& manifest, const Lease& lease,
                                         const std::stop_token& stop) {
  const ImageParts parts = NACRE_TRY(read_image(store_, manifest, std::nullopt));
  NACRE_TRY(oci::check_layers(parts.manifest, parts.config));
  for (std::size_t i = 0; i < parts.manifest.layers.size(); ++i) {
    if (stop.stop_requested()) return fail(Error(ErrorCode::kCancelled, "stopped"));
    NACRE_TRY(store_.unpack(lease, parts.manifest.layers[i], parts.config.rootfs.diff_ids[i], {}));
  }
  return {};
}

Result<void> ImageService::export_tar(const std::string& image,
                                      const std::optional<oci::Platform>& platform, Sink& tar,
                                      const std::function<void(std::uint64_t)>& bytes_written,
                                      const std::stop_token& stop) {
  NACRE_TRY(need_snapshotter());
  const auto images = NACRE_TRY(list());
  const Resolved found = NACRE_TRY(resolve(images, image));
  const ImageParts parts = NACRE_TRY_CTX(read_image(store_, found.target, platform), about(image));
  const Lease lease = NACRE_TRY(store_.lease());
  NACRE_TRY_CTX(unpack_layers(parts.descriptor, lease, stop), about(image));
  NACRE_TRY_CTX(export_rootfs(store_, *snapshotter_, parts.descriptor, tar, bytes_written, stop),
                about(image));
  return {};
}

Result<std::vector<Damage>> ImageService::check(const CheckOptions& options) {
  NACRE_TRY(need_snapshotter());
  auto out = NACRE_TRY(store_.check(options));
  for (Damage& damage : NACRE_TRY(snapshotter_->check())) out.push_back(std::move(damage));
  return out;
}

Result<Collected> ImageService::maintain(const std::stop_token& stop) {
  NACRE_TRY(need_snapshotter());
  NACRE_TRY(store_.make_durable());
  static_cast<void>(NACRE_TRY(snapshotter_->discard_garbage()));
  const Collected collected = NACRE_TRY(store_.collect());
  NACRE_TRY(store_.empty_trash(stop));
  return collected;
}

}  // namespace nacre::images
