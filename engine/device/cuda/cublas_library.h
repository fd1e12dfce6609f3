// CublasLibrary: cuBLAS on the current device, opened at run time; everything works without.
//
// Owns its handle and, through CublasGemm, what describes a product; the library itself stays open
// for good (cublas_symbols.h). A handle is the device's that was current when it was made, which
// must be so again for each call with it, the last included, and it must go before the device's
// context does: what it has there is lost with a reset. Engine thread; destroy gemms before it.
// Source: cuBLAS documentation, "Using the cuBLASLt API", cublasLtCreate() and cublasLtDestroy();
// CUDA Runtime API manual, cudaDeviceReset().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/device/cuda/cublas_symbols.h"

namespace sotto::cuda {

// out[token, row] = sum over k of weights[row, k] * x[token, k]
//
// For the library, whose matrices are column-major, weights are A [k, nRows] transposed, x is B
// [k, nTokens], out is C [nRows, nTokens]. Products of 16-bit numbers are exact in float; sums run
// in float on the tensor cores, in an order and with a rounding of their own: each of at most nCols
// additions is off by at most 2^-23 of what is added up (truncation; M. Fasi et al., "Numerical
// behavior of NVIDIA tensor cores", 2021), so the whole by nCols * 2^-23 * sum |w x|.
struct CublasShape {
    CublasType type = kCublasF16;  // of weights and x; out is float
    std::int64_t nRows = 0;
    std::int64_t nCols = 0;  // a multiple of 8: tensor cores want 16 bytes
    bool operator==(const CublasShape&) const = default;
};

struct CublasOperands {
    const void* weights = nullptr;  // [nRows, nCols]
    const void* x = nullptr;        // [nTokens, nCols]
    float* out = nullptr;           // [nTokens, nRows]
    std::int64_t nTokens = 0;
    bool isAccumulating = false;  // out += instead of out =
    void* workspace = nullptr;    // kCublasWorkspaceBytes
};

// Sums that are not split need little, Hopper's kernels some.
inline constexpr std::size_t kCublasWorkspaceBytes = std::size_t{8} << 20;

class CublasLibrary {
public:
    // Errors: FileNotFound; Unsupported, when it is too old or refuses, with its reason.
    static Result<CublasLibrary> open();

    CublasLibrary(CublasLibrary&& other) noexcept;
    CublasLibrary& operator=(CublasLibrary&& other) noexcept;
    ~CublasLibrary();

    std::string version() const;  // "13.1"
    const CublasApi& api() const;
    CublasHandle handle() const;

private:
    struct Session;  // the library, and its handle
    explicit CublasLibrary(std::unique_ptr<Session> session);

    std::unique_ptr<Session> m_session;
};

// Products of one shape, for any number of tokens up to that of make(), by one of the algorithms
// that the library proposes for it; none of them splits a sum over blocks.
class CublasGemm {
public:
    // `library` must outlive it. Errors: Unsupported, when the library has nothing for the shape.
    static Result<CublasGemm> make(const CublasLibrary& library, const CublasShape& shape,
                                   std::int64_t maxTokens);

    CublasGemm(CublasGemm&& other) noexcept;
    CublasGemm& operator=(CublasGemm&& other) noexcept;
    ~CublasGemm();

    // The library's best guess first.
    std::size_t nAlgorithms() const;
    void choose(std::size_t algorithm);
    // Queues the product. Errors: Unsupported with the number that the library gives; then
    // nothing was queued.
    Status multiply(const CublasOperands& operands, cudaStream_t stream) const;

private:
    struct State;
    explicit CublasGemm(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
};

}  // namespace sotto::cuda
