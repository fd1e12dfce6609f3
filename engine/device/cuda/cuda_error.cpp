#include "engine/device/cuda/cuda_error.h"

#include <fmt/format.h>

namespace sotto::cuda {
namespace {

// How a code of the runtime is treated. By number, because not every toolkit version names them
// all.
struct KnownError {
    int number;
    ErrorCode code;
    bool isSticky;
    std::string_view cause;  // for people; empty: the runtime's own text must do
};

constexpr std::string_view kDriverCause = "the NVIDIA driver is missing or too old";
constexpr std::string_view kBuildCause = "this build has no code for this card";
constexpr std::string_view kKernelCause = "a kernel failed on the card";
constexpr std::string_view kMismatchCause = "the parts of the NVIDIA driver do not match";
constexpr bool kSticky = true;
constexpr bool kPassing = false;

constexpr KnownError kKnownErrors[] = {
    {2, ErrorCode::OutOfMemory, kPassing, {}},                                // MemoryAllocation
    {3, ErrorCode::DeviceFailed, kPassing, "the driver does not start"},      // Initialization
    {34, ErrorCode::Unsupported, kPassing, kDriverCause},                     // StubLibrary
    {35, ErrorCode::Unsupported, kPassing, kDriverCause},                     // InsufficientDriver
    {36, ErrorCode::Unsupported, kPassing, kDriverCause},                     // CallRequiresNewer
    {46, ErrorCode::DeviceFailed, kPassing, "another program has the card"},  // Unavailable
    {98, ErrorCode::Unsupported, kPassing, kBuildCause},          // InvalidDeviceFunction
    {100, ErrorCode::Unsupported, kPassing, "there is no card"},  // NoDevice
    {200, ErrorCode::Unsupported, kPassing, kBuildCause},         // InvalidKernelImage
    {209, ErrorCode::Unsupported, kPassing, kBuildCause},         // NoKernelImageForDevice
    {214, ErrorCode::DeviceFailed, kSticky, "the card's memory has a fault"},  // ECC
    {220, ErrorCode::DeviceFailed, kSticky, "the link between cards failed"},  // Nvlink
    {221, ErrorCode::Unsupported, kPassing, kBuildCause},                      // JitCompiler
    {222, ErrorCode::Unsupported, kPassing, kDriverCause},                     // PtxVersion
    {223, ErrorCode::Unsupported, kPassing, kBuildCause},                      // JitDisabled
    {226, ErrorCode::DeviceFailed, kSticky, "the card contained a fault"},     // Contained
    {304, ErrorCode::DeviceFailed, kPassing, "the operating system refuses"},  // OperatingSystem
    {700, ErrorCode::DeviceFailed, kSticky, "a kernel touched memory that is not its own"},
    {702, ErrorCode::DeviceFailed, kSticky, "a kernel ran longer than the system allows"},
    {709, ErrorCode::DeviceFailed, kSticky, "the driver ended our work"},  // ContextIsDestroyed
    {710, ErrorCode::DeviceFailed, kSticky, kKernelCause},                 // Assert
    {714, ErrorCode::DeviceFailed, kSticky, kKernelCause},                 // HardwareStack
    {715, ErrorCode::DeviceFailed, kSticky, kKernelCause},                 // IllegalInstruction
    {716, ErrorCode::DeviceFailed, kSticky, "a kernel read a misaligned address"},
    {717, ErrorCode::DeviceFailed, kSticky, kKernelCause},  // InvalidAddressSpace
    {718, ErrorCode::DeviceFailed, kSticky, kKernelCause},  // InvalidPc
    {719, ErrorCode::DeviceFailed, kSticky, kKernelCause},  // LaunchFailure
    {721, ErrorCode::DeviceFailed, kSticky, kKernelCause},  // TensorMemoryLeak
    {800, ErrorCode::DeviceFailed, kPassing, "the operating system refuses"},  // NotPermitted
    {801, ErrorCode::Unsupported, kPassing, {}},                               // NotSupported
    {802, ErrorCode::Unsupported, kPassing, "the driver's services are not running"},
    {803, ErrorCode::Unsupported, kPassing, kMismatchCause},  // DriverMismatch
    {804, ErrorCode::Unsupported, kPassing, kMismatchCause},  // CompatNotSupported
    {810, ErrorCode::DeviceFailed, kSticky, "the driver's shared service ended"},  // MpsTerminated
    {911, ErrorCode::DeviceFailed, kSticky, "another device failed"},              // ExternalDevice
    {999, ErrorCode::DeviceFailed, kPassing, {}},                                  // Unknown
};

// All others are misuse by our own code.
KnownError knownError(cudaError_t error) {
    for (const KnownError& known : kKnownErrors)
        if (known.number == static_cast<int>(error)) return known;
    return {static_cast<int>(error), ErrorCode::Internal, kPassing, {}};
}

std::string_view remedyOf(ErrorCode code) {
    switch (code) {
        case ErrorCode::DeviceFailed:
            return "Restart the engine; if it happens again, restart the computer or use the "
                   "processor.";
        case ErrorCode::OutOfMemory:
            return "Close programs that use the card, or choose a smaller context or model.";
        case ErrorCode::Unsupported: return "Update the NVIDIA driver, or use the processor.";
        default: return "Please report this; the processor can be used meanwhile.";
    }
}

}  // namespace

bool isSticky(cudaError_t error) { return knownError(error).isSticky; }

Error toError(cudaError_t error, std::string_view action) {
    // The runtime keeps the last failure until it is asked for it; a sticky one stays whatever we
    // do.
    static_cast<void>(cudaGetLastError());
    Error result;
    const KnownError known = knownError(error);
    result.code = known.code;
    result.context = cudaGetErrorName(error);
    if (result.code == ErrorCode::OutOfMemory) {
        std::size_t free = 0;
        std::size_t total = 0;
        if (cudaMemGetInfo(&free, &total) == cudaSuccess) result.available = free;
        result.message =
            fmt::format("The graphics card is out of memory while {} ({} free of {}). {}", action,
                        byteText(free), byteText(total), remedyOf(result.code));
        return result;
    }
    const std::string_view cause =
        known.cause.empty() ? std::string_view(cudaGetErrorString(error)) : known.cause;
    result.message =
        fmt::format("The graphics card reports an error while {}: {} ({}, {}). {}", action, cause,
                    result.context, static_cast<int>(error), remedyOf(result.code));
    return result;
}

Status check(cudaError_t result, std::string_view action) {
    if (result == cudaSuccess) return {};
    return fail(toError(result, action));
}

Status checkLaunches(std::string_view action) { return check(cudaGetLastError(), action); }

Error outOfDeviceMemory(std::string_view owner, std::uint64_t needed, std::uint64_t available) {
    Error error{ErrorCode::OutOfMemory, {}, std::string(owner), needed, available};
    error.message =
        fmt::format("The graphics card has too little free memory for {}: {} needed, {} free. {}",
                    owner, byteText(needed), byteText(available), remedyOf(error.code));
    return error;
}

std::string byteText(std::uint64_t bytes) {
    constexpr double kMib = 1 << 20;
    if (bytes >= std::uint64_t{1} << 30)
        return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / (kMib * 1024));
    if (bytes >= std::uint64_t{1} << 20)
        return fmt::format("{:.0f} MiB", static_cast<double>(bytes) / kMib);
    return fmt::format("{} bytes", bytes);
}

}  // namespace sotto::cuda
