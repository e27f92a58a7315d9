#include "images/registry/pull.h"

#include "images/registry/pull_documents.h"
#include "images/registry/pull_layers.h"

namespace nacre::images::registry {

Result<Pulled> pull(Client& client, Store& store, const Reference& reference,
                    const PullOptions& options, ProgressListener* progress,
                    const std::stop_token& stop) {
  const Lease lease = NACRE_TRY(store.lease());
  const Hosts hosts =
      NACRE_TRY(client.hosts(reference.host(), reference.path(), Need::kPull, true));
  const PullContext context{client, store, lease, reference, options, progress, hosts};
  const auto before = NACRE_TRY(store.find_image(reference.text()));

  const oci::Descriptor target = NACRE_TRY(resolve(context, stop));
  if (progress != nullptr) progress->resolved(target);
  const ImageDocuments image = NACRE_TRY(fetch_documents(context, target, stop));
  const bool fetched = NACRE_TRY(fetch_layers(context, image, stop));
  NACRE_TRY(store.put_image(reference.text(), target));

  const bool same = before && before->target.digest == target.digest;
  return Pulled{.target = target,
                .manifest = image.manifest_descriptor,
                .config = image.manifest.config.digest,
                .was_there = same && !fetched && !image.fetched};
}

}  // namespace nacre::images::registry
