// Propagation of storage errors in one line; internal to storage/, the API does not need it.
//
// Names carry a counter, because these macros nest: a transaction's body is a lambda inside a TRY.
#pragma once

#include "storage/api/storage_error.h"

#define STORAGE_CONCAT_INNER(a, b) a##b
#define STORAGE_CONCAT(a, b) STORAGE_CONCAT_INNER(a, b)

// Returns the error of a Status-like expression to the caller.
#define STORAGE_TRY(expression) \
    STORAGE_TRY_INNER(STORAGE_CONCAT(storageStatus, __COUNTER__), expression)
#define STORAGE_TRY_INNER(status, expression)                                  \
    do {                                                                       \
        auto status = (expression);                                            \
        if (!status) return ::sotto::storage::fail(std::move(status.error())); \
    } while (false)

// Declares or assigns `target` from a Result, or returns its error to the caller.
#define STORAGE_ASSIGN(target, expression) \
    STORAGE_ASSIGN_INNER(STORAGE_CONCAT(storageResult, __COUNTER__), target, expression)
#define STORAGE_ASSIGN_INNER(result, target, expression)                   \
    auto result = (expression);                                            \
    if (!result) return ::sotto::storage::fail(std::move(result.error())); \
    target = std::move(*result)
