// Where cuBLAS comes from: the machine's library, or in tests one that computes on the emulated
// card (tests/engine/device/cuda/fake_cublas.h).
#pragma once

#include "base/result.h"
#include "engine/device/cuda/cublas_api.h"
#include "engine/device/dynamic_library.h"

namespace sotto::cuda {

struct CublasSymbols {
    DynamicLibrary library;  // the functions are good while it lives
    CublasApi api;           // null where the library does not have a function
};

// Takes a tenth of a second or more the first time: the library has half a gigabyte. It is never
// closed again: it has a CUDA runtime of its own, which the driver knows and calls. Errors:
// FileNotFound.
Result<CublasSymbols> findCublas();

// Whether findCublas() finds one, which then may still refuse to start: it is not tried, for that
// makes a context on the card.
bool isCublasInstalled();

}  // namespace sotto::cuda
