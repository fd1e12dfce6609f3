// Result<T>: a value or an Error. The only way a failure leaves a function of engine, storage or
// app.
//
// tl::expected until the project moves to C++23's std::expected. Nothing throws across a library
// boundary; std::bad_alloc is caught once, at the top of each thread of ours.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.h"

namespace sotto {

template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

// Builds the failure side of any Result: `return fail(ErrorCode::FileDamaged, "…", path);`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                                std::string context = {}) {
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(context), 0, 0});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace sotto

// Names carry a counter, because these macros nest: a transaction's body is a lambda inside a TRY.
#define SOTTO_CONCAT_INNER(a, b) a##b
#define SOTTO_CONCAT(a, b) SOTTO_CONCAT_INNER(a, b)

// Returns the error of a Status-like expression to the caller.
#define SOTTO_TRY(expression) SOTTO_TRY_INNER(SOTTO_CONCAT(sottoStatus, __COUNTER__), expression)
#define SOTTO_TRY_INNER(status, expression)                           \
    do {                                                              \
        auto status = (expression);                                   \
        if (!status) return ::sotto::fail(std::move(status.error())); \
    } while (false)

// Declares or assigns `target` from a Result, or returns its error to the caller.
#define SOTTO_ASSIGN(target, expression) \
    SOTTO_ASSIGN_INNER(SOTTO_CONCAT(sottoResult, __COUNTER__), target, expression)
#define SOTTO_ASSIGN_INNER(result, target, expression)            \
    auto result = (expression);                                   \
    if (!result) return ::sotto::fail(std::move(result.error())); \
    target = std::move(*result)
