// The first column of a query.
#pragma once

#include <string>
#include <vector>

#include "images/store/database.h"

namespace nacre::images {

template <class... Values>
[[nodiscard]] Result<std::vector<std::string>> list_ids(Transaction& records, const char* sql,
                                                        const Values&... values) {
  std::vector<std::string> ids;
  Statement row = NACRE_TRY(records.query(sql, values...));
  while (NACRE_TRY(row.step())) ids.push_back(row.text(0));
  return ids;
}

}  // namespace nacre::images
