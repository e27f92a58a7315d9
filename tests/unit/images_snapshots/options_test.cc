// What mount(2) is told on kernels that take nothing better.
#include <gtest/gtest.h>

#include "images/snapshots/overlay_namespace.h"
#include "images/snapshots/overlay_options.h"

namespace nacre::images {
namespace {

constexpr std::size_t kPage = 4096;

OverlayMount of(std::size_t layers) {
  OverlayMount overlay;
  overlay.lowers.resize(layers);
  return overlay;
}
// Something that counts as a descriptor; nobody uses it.
void make_writable(OverlayMount& overlay) { overlay.writable = sys::DirFd(::dup(2)); }

TEST(NamespaceOptionsTest, OfAView) {
  EXPECT_EQ(namespace_options(of(3)),
            "lowerdir=0:1:2,index=off,metacopy=off,nfs_export=off,xino=off,redirect_dir=on");
}

TEST(NamespaceOptionsTest, OfAWritableOne) {
  OverlayMount overlay = of(1);
  make_writable(overlay);
  EXPECT_EQ(namespace_options(overlay),
            "lowerdir=0,upperdir=w/upper,workdir=w/work,index=off,metacopy=off,nfs_export=off,"
            "xino=off,redirect_dir=on,uuid=off");
}

TEST(NamespaceOptionsTest, EverythingAtOnceFitsIntoAPage) {
  OverlayMount overlay = of(kMaxLowerLayers);
  make_writable(overlay);
  overlay.volatile_writes = true;
  overlay.user_attributes = true;
  const std::string options = namespace_options(overlay);
  EXPECT_LT(options.size(), kPage);
  EXPECT_NE(options.find(":498:499,upperdir="), std::string::npos);
  EXPECT_TRUE(options.ends_with("redirect_dir=nofollow,userxattr,uuid=off,volatile")) << options;
}

// The kernel refuses the pair.
TEST(OverlayOptionsTest, UserAttributesAndRedirectsExcludeEachOther) {
  OverlayMount overlay = of(1);
  overlay.user_attributes = true;
  for (const OverlayOption& option : overlay_options(overlay)) {
    if (std::string_view(option.key) == "redirect_dir") {
      EXPECT_STREQ(option.value, "nofollow");
    }
  }
}

}  // namespace
}  // namespace nacre::images
