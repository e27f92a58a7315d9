// Result<T> is std::expected<T, Error>; the macros return early. libstdc++ 12 has no
// and_then/transform.
//
// Functions returning a Result are [[nodiscard]]: libstdc++ 12's expected is not, and g++ says
// nothing. Never call .value(): where exceptions are off it aborts. Test, then dereference.
#pragma once

#include <expected>
#include <utility>

#include "base/error.h"
#include "base/try.h"

namespace nacre {

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

// Turns the error of either kind of result (Errno from sys/, Error from above) into an Error with
// context.
// Out of line and cold: they are called from every place where something can fail.
[[gnu::cold]] Error add_context(Errno error, std::string_view context);
[[gnu::cold]] Error add_context(Error&& error, std::string_view context);

}  // namespace nacre

// NACRE_TRY_CTX(expr, context): the value, or return an Error with the context in front.
// `context` (anything convertible to string_view) is evaluated only on failure.
#define NACRE_TRY_CTX(expr, context)                                                      \
  __extension__({                                                                         \
    auto try_r_ = (expr);                                                                 \
    if (!try_r_)                                                                          \
      return std::unexpected(::nacre::add_context(std::move(try_r_).error(), (context))); \
    *std::move(try_r_);                                                                   \
  })
