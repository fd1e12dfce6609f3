// The engine's one error type: a code that the caller can act on, an English sentence for people,
// and the numbers in it.
//
// Flow: produced anywhere in engine/, returned through Result<T> (result.h), mapped to a translated
// sentence by the app. Ownership: plain value, freely copied between threads. No Qt, no exceptions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sotto {

// At most twelve codes; each stands for one remedy that a person can apply.
enum class ErrorCode : std::uint8_t {
    InvalidArgument,  // a request field is out of range or not valid UTF-8
    FileNotFound,     // the file is not there (any more)
    FileUnreadable,   // the system refuses to open, map or read it
    FileDamaged,      // truncated, mutated, or not a GGUF file at all
    Unsupported,   // architecture, tensor type or tokenizer that this build does not know (named)
    OutOfMemory,   // `needed` bytes against `available` bytes
    ContextFull,   // `needed` tokens against `available` tokens
    BadTemplate,   // the chat template does not compile or raised an error
    Cancelled,     // the user asked for it
    DeviceFailed,  // the device reported an error; the engine must be restarted
    DiskFull,      // no space left while writing
    Internal,      // a defect of ours
};

// The code's name in lowerCamelCase, as scripts see it ("fileDamaged").
std::string_view errorCodeName(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;          // one English sentence: what failed, the cause, what to do
    std::string context;          // the file, tensor, key or argument concerned; may be empty
    std::uint64_t needed = 0;     // OutOfMemory: bytes, ContextFull: tokens; otherwise 0
    std::uint64_t available = 0;  // same unit as `needed`
};

}  // namespace sotto
