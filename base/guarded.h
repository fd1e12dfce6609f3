// guarded(): where the promise "failures are Results, nothing throws" is kept.
//
// Place: around the body of a library's outermost functions and around what one of its threads does
// for one command. The standard library throws on a failed allocation; here that becomes
// OutOfMemory, and anything else (a defect of ours) becomes Internal, with its text in the log. Any
// thread.
#pragma once

#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace sotto {

// OutOfMemory, with the remedies; in three words where not even they have room.
Error outOfMemoryNow() noexcept;
// Internal; writes what() into the log.
Error defectOf(const std::exception& exception) noexcept;

// `function` without arguments, returning a Result or a Status.
template <typename Function>
std::invoke_result_t<Function> guarded(Function&& function) {
    try {
        return std::forward<Function>(function)();
    } catch (const std::bad_alloc&) {
        return fail(outOfMemoryNow());
    } catch (const std::exception& exception) {
        return fail(defectOf(exception));
    }
}

}  // namespace sotto
