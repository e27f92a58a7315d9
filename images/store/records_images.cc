#include "images/store/records.h"

namespace nacre::images::records {
namespace {

constexpr const char* kOne =
    "SELECT name, digest, media_type, size, artifact_type, created, updated FROM images"
    " WHERE name = ?1";
constexpr const char* kAll =
    "SELECT name, digest, media_type, size, artifact_type, created, updated FROM images"
    " ORDER BY name";

Result<ImageRecord> image_in(Transaction& records, const Statement& row) {
  ImageRecord image;
  image.name = row.text(0);
  image.target.digest = NACRE_TRY(digest_in(row, 1));
  image.target.media_type = row.text(2);
  image.target.size = static_cast<std::uint64_t>(row.integer(3));
  image.target.artifact_type = row.text(4);
  image.created = row.integer(5);
  image.updated = row.integer(6);
  Statement annotation = NACRE_TRY(
      records.query("SELECT name, value FROM image_annotations WHERE image = ?1", image.name));
  while (NACRE_TRY(annotation.step())) {
    image.target.annotations[annotation.text(0)] = annotation.text(1);
  }
  return image;
}

}  // namespace

Result<std::optional<ImageRecord>> find_image(Transaction& records, const std::string& name) {
  Statement row = NACRE_TRY(records.query(kOne, name));
  if (!NACRE_TRY(row.step())) return std::optional<ImageRecord>();
  return std::optional(NACRE_TRY(image_in(records, row)));
}

Result<std::vector<ImageRecord>> all_images(Transaction& records) {
  std::vector<ImageRecord> images;
  Statement row = NACRE_TRY(records.query(kAll));
  while (NACRE_TRY(row.step())) images.push_back(NACRE_TRY(image_in(records, row)));
  return images;
}

Result<void> put_image(Transaction& records, const ImageRecord& image) {
  NACRE_TRY(records.run(
      "INSERT INTO images (name, digest, media_type, size, artifact_type, created, updated)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (name) DO UPDATE SET"
      " digest = excluded.digest, media_type = excluded.media_type, size = excluded.size,"
      " artifact_type = excluded.artifact_type, updated = excluded.updated",
      image.name, image.target.digest.text(), image.target.media_type, image.target.size,
      image.target.artifact_type, image.created, image.updated));
  NACRE_TRY(records.run("DELETE FROM image_annotations WHERE image = ?1", image.name));
  for (const auto& [name, value] : image.target.annotations) {
    NACRE_TRY(records.run("INSERT INTO image_annotations (image, name, value) VALUES (?1, ?2, ?3)",
                          image.name, name, value));
  }
  return {};
}

Result<bool> remove_image(Transaction& records, const std::string& name) {
  NACRE_TRY(records.run("DELETE FROM images WHERE name = ?1", name));
  return records.changes() > 0;
}

}  // namespace nacre::images::records
