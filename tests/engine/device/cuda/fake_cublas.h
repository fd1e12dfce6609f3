// A cuBLAS that computes on the emulated card: findCublas() of programs that run there.
//
// It keeps the library's own rules: column-major matrices with leading dimensions, the transposed
// operand, alpha and beta, the order of the stream, addresses of 16 bytes; a handle is of the
// device that was current when it was made, and gone with a reset. Sums are float, in ascending
// order of k. Tests say what is missing or fails; by default nothing is installed.
#pragma once

#include <functional>
#include <string>

#include "engine/device/cuda/cublas_api.h"

namespace sotto::cuda {

struct FakeCublas {
    bool isInstalled = false;
    std::string missing;  // a function that it does not export: "matmul"
    int createResult = kCublasSuccess;
    int nAlgorithms = 3;  // that the heuristics find
    // The first so many algorithms add up odd rows of x the other way round.
    int nPlaceDependent = 0;
    int nUnsupported = 0;            // the first so many algorithms refuse to run
    bool isWrong = false;            // a result in a hundred is off by a tenth
    int failingMatmul = 0;           // 1: the next call fails, once; 0: none
    std::function<void()> onMatmul;  // told of each call

    // What happened.
    int nMatmuls = 0;
    int nHandles = 0, nDescs = 0;  // that are there now
    std::string misuse;            // the first rule that was broken
};
extern FakeCublas fakeCublas;

// Before each test: installed, and nothing of the test before.
void installFakeCublas();
// After each: what is wrong with how it was used; empty: nothing, and all was given back.
std::string fakeCublasMisuse();

}  // namespace sotto::cuda
