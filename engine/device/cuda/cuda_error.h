// From the CUDA runtime's error codes to ours: one place, so that every failure of the card reads
// the same and says what to do.
//
// Flow: every call of the runtime in engine/ goes through check() or toError(). Any thread, plain
// values. Source: CUDA Runtime API manual, "cudaError_t" (which errors end the context).
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sotto::cuda {

// Whether every later call on this device will fail too, until the device is reset and everything
// on it made anew (resetDevice() in cuda_device.h).
bool isSticky(cudaError_t error);

// Failed for good, and of this code: DeviceFailed for sticky errors, OutOfMemory, Unsupported
// (driver, card or build do not fit), Internal for misuse by our own code. `action` completes
// "while ..."; a non-sticky error is also taken out of the runtime's "last error", so that the
// next launch is not blamed for it. OutOfMemory carries the free bytes, but not what was wanted:
// whoever allocates knows better (outOfDeviceMemory).
Error toError(cudaError_t error, std::string_view action);

// Success, or toError().
Status check(cudaError_t result, std::string_view action);

// After kernel launches: whatever the runtime remembers. One per step suffices, launches do not
// return errors of their own.
Status checkLaunches(std::string_view action);

// OutOfMemory with both numbers in the sentence. `owner` completes "for ...".
Error outOfDeviceMemory(std::string_view owner, std::uint64_t needed, std::uint64_t available);

// "7.4 GiB", from 1 GiB on; "512 MiB" from 1 MiB on; else "12 bytes".
std::string byteText(std::uint64_t bytes);

}  // namespace sotto::cuda
