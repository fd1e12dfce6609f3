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

// Takes a tenth of a second or more: the library has half a gigabyte. Errors: FileNotFound.
Result<CublasSymbols> findCublas();

}  // namespace sotto::cuda
