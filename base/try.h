// NACRE_TRY(expr): the value of an expected, or return its error. Needs nothing but <expected>, so
// it also serves code that may not allocate.
#pragma once

#include <expected>
#include <utility>

#define NACRE_TRY(expr)                                             \
  __extension__({                                                   \
    auto try_r_ = (expr);                                           \
    if (!try_r_) return std::unexpected(std::move(try_r_).error()); \
    *std::move(try_r_);                                             \
  })
