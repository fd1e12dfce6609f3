// LibraryProducts: matrix products of prompts through cuBLAS, where that is the faster way.
//
// Flow: CudaKernelSet asks serves() for each matrix of a step of more than 8 rows, then split()
// once per input and multiply() per matrix: the matrix is expanded to 16-bit rows block by block,
// each block is multiplied, each result scaled, biased and put in place. Nothing waits for the
// host; no recording holds such a step. Owns the library; the scratch is the set's. Engine thread.
//
// The same bits: a row's result must not depend on the other rows of its step, so the way is one
// per shape of matrix, for all steps of more than exactRows() tokens and for the life of the set;
// so is the algorithm, none of whose sums is split over blocks, for calls of 64, 128 ... 512
// tokens. Whether it gives a row the same bits at each place of each of these calls is tried before
// it is used; one that does not is passed over. How many tokens a step has decides nothing: a limit
// within would make a row's bits depend on its company.
//
// Errors of a result against exact numbers, beside the library's own (cublas_library.h, nCols *
// 2^-23 * sum |w x|, once per part): 2^-10 sum |w x| for quantized matrices (weights and
// activations rounded to halves, less than what int8 activations cost elsewhere), 2^-21 for F16 and
// BF16.
//
// A call that fails in the middle is made good by our own kernels, which then do it all for the
// life of the set; one warning says so.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "engine/device/cuda/cublas_library.h"
#include "engine/device/cuda/cuda_handles.h"
#include "engine/device/product_choice.h"
#include "engine/kernels/cuda/cuda_weight.h"
#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/cuda/library_memory.h"
#include "engine/kernels/cuda/library_rows.h"
#include "engine/kernels/cuda/linear_rows.h"

namespace sotto::cuda {

// Float rows that our own kernels are to multiply with a matrix.
struct OwnProduct {
    const float* x = nullptr;  // [nTokens, nCols]
    std::int64_t nTokens = 0;
    std::int64_t nCols = 0;
    RowsMatrix matrix;
};

struct LibraryOptions {
    ProductPath path = ProductPath::Measured;  // not Own
    ProductMemory* memory = nullptr;           // or null: measured anew by each set
    std::string machine;                       // card and driver, the begin of the memory's keys
    // Queues a product of our own kernels on the same stream.
    std::function<void(const OwnProduct&)> own;
};

// Seconds that a block of a matrix took for one call of 64 tokens and for one of callTokens.
struct ProductTimes {
    double few = 0;
    double many = 0;
};
// A prompt is whole steps and one that is not: as many of either, as short questions have.
inline bool isFaster(const ProductTimes& library, const ProductTimes& own) {
    return library.few + library.many < own.few + own.many;
}

class LibraryProducts {
public:
    // Errors: those of CublasLibrary::open().
    static Result<std::unique_ptr<LibraryProducts>> open(LibraryOptions options,
                                                         const Stream& stream);

    std::string version() const { return m_library.version(); }
    // The last reason for not serving a matrix that was not measured to be slower; or empty.
    const std::string& refusal() const { return m_refusal; }
    // After each reserve() of the set.
    void use(const LibraryMemory& memory);

    // Whether matrices of this shape go this way. The first question measures, in milliseconds, and
    // waits for what was queued. Errors: DeviceFailed.
    Result<bool> serves(const CudaWeight& weight);
    // x [nTokens, nCols] as input of the matrices of this type that follow.
    void split(const float* x, std::int64_t nTokens, std::int64_t nCols, DType type);
    // out = W x + b of the rows split last, or +=; they are `x`, in case that our own kernels must
    // take over. Whether they did not have to.
    bool multiply(const LinearTarget& target, const float* x, std::int64_t nTokens);

private:
    struct Class {
        DType type = DType::F32;
        std::int64_t nRows = 0, nCols = 0;
        auto operator<=>(const Class&) const = default;
    };
    // Rows of a matrix that are multiplied at once.
    struct Block {
        std::int64_t firstRow = 0, nRows = 0;
    };
    struct GemmKey {
        int nParts = 1;  // each algorithm is tried with as many products on top of each other
        bool isBf16 = false;
        std::int64_t nRows = 0, nCols = 0;
        auto operator<=>(const GemmKey&) const = default;
    };
    struct Slice {
        std::int64_t firstToken = 0, nTokens = 0;
    };

    // One of two ways to the same result, and the least seconds that it took.
    struct TimedWay {
        std::function<Status()> work;
        double& best;
    };

    LibraryProducts(CublasLibrary library, LibraryOptions options, const Stream& stream);

    static GemmKey gemmKey(const RowParts& parts, const Block& block, std::int64_t nCols);

    LaunchStream on() const { return {m_stream, false}; }
    std::vector<Block> blocksOf(const CudaWeight& weight) const;
    RowsMatrix ownMatrix(const CudaWeight& weight, const Block& block) const;
    std::string keyOf(const Class& shape) const;
    Result<bool> decide(const CudaWeight& weight, const Class& shape);
    Status prepare(const CudaWeight& weight, const Block& block);
    Result<bool> isExact(const CublasGemm& gemm, const CudaWeight& weight, const Block& block);
    Result<bool> measure(const CudaWeight& weight, const Block& block);
    Result<double> secondsOf(const std::function<Status()>& work);
    Status timeInTurn(const std::array<TimedWay, 2>& ways);
    void expand(const CudaWeight& weight, const Block& block);
    void splitProbe(const CudaWeight& weight, std::int64_t nTokens);
    Status runParts(const CublasGemm& gemm, const CudaWeight& weight, const Slice& slice);
    void giveUp(const Error& error);

    CublasLibrary m_library;
    LibraryOptions m_options;
    cudaStream_t m_stream;
    const Stream* m_waiting;
    LibraryMemory m_memory;
    std::map<Class, bool> m_decided;
    std::map<GemmKey, CublasGemm> m_gemms;
    std::int64_t m_nSplit = 0;  // rows of each part that was split last
    bool m_isGivenUp = false;
    std::string m_refusal;
};

}  // namespace sotto::cuda
