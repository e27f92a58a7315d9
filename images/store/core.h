// What every part of the store works with. Private to the module.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "images/layers/layers.h"
#include "images/store/database.h"
#include "images/store/layout.h"
#include "images/store/store.h"

namespace nacre::images {

struct Core {
  Layout layout;
  std::unique_ptr<Database> database;
  StoreOptions options;
  WhiteoutForm whiteouts = WhiteoutForm::kTrusted;
  std::string boot_id;

  template <class Body>
  [[nodiscard]] auto read(Body&& body) {
    return database->read(std::forward<Body>(body));
  }
  template <class Body>
  [[nodiscard]] auto write(Durability durability, Body&& body) {
    return database->write(durability, std::forward<Body>(body));
  }
};

}  // namespace nacre::images
