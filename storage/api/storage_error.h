// The storage library's one error type and its Result: a code that the caller can act on and an
// English sentence for people.
//
// Flow: produced anywhere in storage/, returned through Result<T>, mapped to a translated sentence
// by the app. Own types beside the engine's, because the two libraries never see each other.
// Ownership: plain values, freely copied between threads. No exceptions leave the library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace sotto::storage {

// Each code stands for one remedy that a person can apply.
enum class ErrorCode : std::uint8_t {
    DiskFull,      // no space left: free some; what was asked is not done, older data is whole
    ReadOnly,      // the file or its folder may not be written
    Locked,        // another program holds the database
    Corrupted,     // the file is not a database or is damaged; it is left untouched
    NewerVersion,  // written by a newer Sotto; it is left untouched
    NotFound,      // no row with this id (deleted meanwhile), or no such file
    Invalid,       // an argument breaks a rule (not JSON, unknown parent, empty name)
    Io,            // the system reports an input or output error
    Closed,        // the storage is shutting down; the command did not run
    Internal,      // a defect of ours
};

// The code's name in lowerCamelCase, as scripts see it ("diskFull").
std::string_view errorCodeName(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;  // one English sentence: what failed, the cause, what to do
    std::string context;  // the file, table or key concerned; may be empty
};

template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

// Builds the failure side of any Result: `return fail(ErrorCode::NotFound, "…", path);`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                                std::string context = {}) {
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(context)});
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace sotto::storage
