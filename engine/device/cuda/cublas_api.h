// The part of cuBLAS's cublasLt that is used here, in our own declarations: a machine that builds
// the program may lack its header, one that runs it the library.
//
// A table of function pointers, so that tests can put a library of their own in. Source: cuBLAS
// documentation, "Using the cuBLASLt API"; the values and structures are the same in versions 12
// and 13 (cublas_header_test compares them with the toolkit's header).
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace sotto::cuda {

struct CublasContext;
using CublasHandle = CublasContext*;
struct CublasOpaque;
using CublasDesc = CublasOpaque*;  // of an operation, a layout or a preference

// cublasStatus_t; others than these are only passed on as numbers.
enum CublasStatus : int {
    kCublasSuccess = 0,
    kCublasInvalidValue = 7,
    kCublasExecutionFailed = 13,
    kCublasNotSupported = 15,
};

// cudaDataType_t
enum CublasType : int { kCublasF32 = 0, kCublasF16 = 2, kCublasBf16 = 14 };
inline constexpr int kCublasComputeF32 = 68;         // cublasComputeType_t
inline constexpr std::int32_t kCublasTranspose = 1;  // cublasOperation_t

// cublasLtMatmulDescAttributes_t, int32
enum CublasOperationAttribute : int { kCublasTransA = 3 };
// cublasLtMatrixLayoutAttribute_t, uint64
enum CublasLayoutAttribute : int { kCublasLayoutCols = 3 };
// cublasLtMatmulPreferenceAttributes_t
enum CublasPreferenceAttribute : int {
    kCublasMaxWorkspace = 1,      // uint64, bytes
    kCublasReductionSchemes = 3,  // uint32, a mask; 0: no sum is split over blocks
};

struct CublasAlgo {
    std::uint64_t data[8];
};

struct CublasHeuristic {
    CublasAlgo algo;
    std::size_t workspaceBytes;
    int state;  // CublasStatus
    float wavesCount;
    int reserved[4];
};

struct CublasApi {
    std::size_t (*version)() = nullptr;  // 130100 for 13.1
    int (*create)(CublasHandle* handle) = nullptr;
    int (*destroy)(CublasHandle handle) = nullptr;
    int (*operationCreate)(CublasDesc* operation, int computeType, int scaleType) = nullptr;
    int (*operationSet)(CublasDesc operation, int attribute, const void* value,
                        std::size_t bytes) = nullptr;
    int (*operationDestroy)(CublasDesc operation) = nullptr;
    int (*layoutCreate)(CublasDesc* layout, int type, std::uint64_t rows, std::uint64_t cols,
                        std::int64_t leadingDimension) = nullptr;
    int (*layoutSet)(CublasDesc layout, int attribute, const void* value,
                     std::size_t bytes) = nullptr;
    int (*layoutDestroy)(CublasDesc layout) = nullptr;
    int (*preferenceCreate)(CublasDesc* preference) = nullptr;
    int (*preferenceSet)(CublasDesc preference, int attribute, const void* value,
                         std::size_t bytes) = nullptr;
    int (*preferenceDestroy)(CublasDesc preference) = nullptr;
    int (*heuristics)(CublasHandle handle, CublasDesc operation, CublasDesc a, CublasDesc b,
                      CublasDesc c, CublasDesc d, CublasDesc preference, int nWanted,
                      CublasHeuristic* results, int* nFound) = nullptr;
    // D = alpha * op(A) op(B) + beta * C, all column-major; alpha and beta float on the host.
    int (*matmul)(CublasHandle handle, CublasDesc operation, const void* alpha, const void* a,
                  CublasDesc layoutA, const void* b, CublasDesc layoutB, const void* beta,
                  const void* c, CublasDesc layoutC, void* d, CublasDesc layoutD,
                  const CublasAlgo* algo, void* workspace, std::size_t workspaceBytes,
                  cudaStream_t stream) = nullptr;

    bool isComplete() const {
        return version != nullptr && create != nullptr && destroy != nullptr &&
               operationCreate != nullptr && operationSet != nullptr &&
               operationDestroy != nullptr && layoutCreate != nullptr && layoutSet != nullptr &&
               layoutDestroy != nullptr && preferenceCreate != nullptr &&
               preferenceSet != nullptr && preferenceDestroy != nullptr && heuristics != nullptr &&
               matmul != nullptr;
    }
};

}  // namespace sotto::cuda
