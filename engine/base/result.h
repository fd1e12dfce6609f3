// Result<T>: a value or an Error. The only way a failure leaves a function of the engine.
//
// tl::expected until the project moves to C++23's std::expected. Nothing throws across a library
// boundary; std::bad_alloc is caught once, at the top of the engine thread.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "engine/base/error.h"

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

#define SOTTO_CONCAT_INNER(a, b) a##b
#define SOTTO_CONCAT(a, b) SOTTO_CONCAT_INNER(a, b)

// Returns the error of a Status-like expression to the caller.
#define SOTTO_TRY(expression)                                                   \
    do {                                                                        \
        auto sottoStatus = (expression);                                        \
        if (!sottoStatus) return ::sotto::fail(std::move(sottoStatus.error())); \
    } while (false)

// Declares or assigns `target` from a Result, or returns its error to the caller.
#define SOTTO_ASSIGN(target, expression) \
    SOTTO_ASSIGN_INNER(SOTTO_CONCAT(sottoResult, __LINE__), target, expression)
#define SOTTO_ASSIGN_INNER(result, target, expression)            \
    auto result = (expression);                                   \
    if (!result) return ::sotto::fail(std::move(result.error())); \
    target = std::move(*result)
