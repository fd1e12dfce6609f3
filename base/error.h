// The one error type of engine, storage, net and app: a code that the caller can act on, an English
// sentence for people, and the numbers in it.
//
// Flow: produced anywhere, returned through Result<T> (result.h), mapped to a translated sentence
// by the app. Ownership: plain value, freely copied between threads. No Qt, no exceptions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sotto {

// Each stands for one remedy that a person can apply. Kept with failed answers by their names
// (errorCodeName), never by their numbers.
enum class ErrorCode : std::uint8_t {
    InvalidArgument,  // an argument or field breaks a rule (out of range, not UTF-8, not JSON)
    NotFound,         // no row with this id (deleted meanwhile)
    Cancelled,        // the user asked for it
    Busy,             // another part of the program uses it; stop it there or wait
    Closed,           // the part that would do it is shutting down; it was not done
    Internal,         // a defect of ours
    // Files and disks.
    FileNotFound,    // the file is not there (any more)
    FileUnreadable,  // the system refuses to open, map or read it
    FileDamaged,     // truncated, mutated, or not a GGUF file at all
    DiskFull,        // no space left: what was asked is not done, older data is whole
    ReadOnly,        // the file or its folder may not be written
    Io,              // the system reports an input or output error
    // Databases: left untouched in all three cases.
    Locked,           // another program holds the database
    DatabaseDamaged,  // not a database, or damaged
    NewerVersion,     // written by a newer Sotto
    // Models and devices.
    Unsupported,   // architecture, tensor type or tokenizer that this build does not know (named)
    OutOfMemory,   // `needed` bytes against `available` bytes
    ContextFull,   // `needed` tokens against `available` tokens
    BadTemplate,   // the chat template does not compile or raised an error
    DeviceFailed,  // the device reported an error; the engine must be restarted
    // The network.
    Offline,             // the user has forbidden connections
    Unreachable,         // no answer: no network, an unknown name, a refused or a silent connection
    ProxyFailed,         // the proxy cannot be reached, or lets this program not through
    CertificateRefused,  // the server does not prove that it is who it says
    AccessGated,         // its owner wants the terms accepted first
    TokenRefused,        // the hub does not know the access token, or not for this
    NotOnHub,            // no such model or file, or a private one
    RateLimited,         // too many requests; `needed` seconds until the next one may be sent
    HubFailed,           // the hub reports an error, or its answer makes no sense
    TooLarge,            // the hub does not give out files of this size
    DownloadDamaged,     // what came is not what the hub has
};

// The code's name in lowerCamelCase, as scripts see it ("fileDamaged").
std::string_view errorCodeName(ErrorCode code);
// The code of a name; Internal for one that this version does not know.
ErrorCode errorCodeOfName(std::string_view name);

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;          // one English sentence: what failed, the cause, what to do
    std::string context;          // the file, tensor, key or argument concerned; may be empty
    std::uint64_t needed = 0;     // bytes (OutOfMemory, DiskFull), tokens (ContextFull), seconds
                                  // (RateLimited); where a function says so others; else 0
    std::uint64_t available = 0;  // same unit as `needed`
};

}  // namespace sotto
