// The class behind createCpuKernels(). Private to kernels/cpu: cpu_kernels.cpp holds memory and the
// operations of dense models, cpu_attention.cpp the cache and what works on it, cpu_experts.cpp the
// mixtures of experts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/rounding.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/kernels/cpu/activation_tiles.h"
#include "engine/kernels/cpu/attention_plan.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/cpu/expert_routing.h"
#include "engine/kernels/cpu/kernel_table.h"
#include "engine/kernels/input_observer.h"

namespace sotto::cpu {

// Below this many element operations a step stays on the calling thread: meeting the others costs
// about a microsecond, in which one core does some 16 thousand of them.
inline constexpr std::int64_t kMinElementsPerChunk = 16384;

// Of ropeStore: cosines, sines and one head's key of each token of a run.
inline constexpr std::int64_t ropeScratchFloats(std::int64_t headDim) {
    return RopeRun::kMostTokens * 3 * headDim;
}

// Some tokens of a step times one matrix, or times one of a stack.
struct LinearProduct {
    const CpuWeight* weight = nullptr;
    std::int64_t firstRow = 0;  // of the matrix in its stack, a multiple of kGroupRows
    std::int64_t nRows = 0;
    const float* x = nullptr;      // [nTokens, nCols] for float matrices
    ActivationPlanes activations;  // of these tokens, for packed ones
    std::int64_t nTokens = 0;
    float* out = nullptr;         // [nTokens, nRows]
    const float* bias = nullptr;  // [nRows] or null
    bool isAccumulating = false;
    std::int64_t chunkGroups = 1;  // of the pieces that the threads take
    std::int64_t firstChunk = 0;   // counted over the products of a step

    std::int64_t nGroups() const { return ceilDiv(nRows, kGroupRows); }
    std::int64_t endChunk() const { return firstChunk + ceilDiv(nGroups(), chunkGroups); }
};

// Every place's row times its expert's matrix of a stack.
struct ExpertProduct {
    const CpuWeight* stack = nullptr;
    float* out = nullptr;  // [nPlaces, rows of one expert]
};

class CpuKernels final : public KernelSet, public InputTeller {
public:
    CpuKernels(std::shared_ptr<ThreadPool> pool, Isa isa, const KernelTable& table)
        : m_isa(isa), m_table(table), m_sharedPool(std::move(pool)), m_pool(*m_sharedPool) {}

    // The pool's size changes nothing.
    std::string roundingClass() const override { return "cpu " + std::string(isaName(m_isa)); }
    std::string name() const override {
        return "cpu " + std::string(isaName(m_isa)) + ", " + std::to_string(m_pool.nThreads()) +
               (m_pool.nThreads() == 1 ? " thread" : " threads");
    }

    Result<Buffer> allocate(std::size_t bytes) override { return allocateHostBuffer(bytes); }
    Result<std::unique_ptr<Weight>> prepareWeight(const TensorView& source) override;
    std::uint64_t preparedBytes(const TensorView& source) const override;
    Status reserve(const KernelLimits& limits) override;
    std::uint64_t scratchBytes(const KernelLimits& limits) const override;

    std::uint64_t cacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) const override;
    Status copyBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) override;
    Status readBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) override;
    Status writeBlocks(const KvLayer& layer, const KvBlocks& blocks,
                       const std::byte* from) override;

    void embed(const EmbedArgs& args) override;
    void rmsNorm(const RmsNormArgs& args) override;
    void linear(const LinearArgs& args) override;
    void glu(const GluArgs& args) override;
    void ropeStore(const RopeStoreArgs& args) override;
    void attention(const AttentionArgs& args) override;
    void experts(const ExpertsArgs& args) override;

    void observeInputs(InputObserver* observer) override { m_observer = observer; }
    Status finish() override { return {}; }

private:
    float* threadScratch(int threadIndex) const {
        return m_threadScratch.as<float>() + threadIndex * m_threadScratchFloats;
    }
    // The int8 planes of the rows that go to each group's matrix: place after place the row itself
    // (pairsPerRow 0), or the row of the place's pair, where a row serves so many of them.
    void quantizePlaces(const float* x, std::int64_t nCols, std::span<const ExpertGroup> groups,
                        std::int64_t pairsPerRow);
    // Products of one width, cut into pieces that the threads share: added, then run together.
    // m_products is cleared before the first, not behind the last: a step that an exception ends
    // leaves nothing to the next.
    void addProduct(const LinearProduct& product);
    void runProducts();
    // Rows [firstGroup * 16, + nGroups * 16) of the product.
    void linearGroups(const LinearProduct& product, std::int64_t firstGroup,
                      std::int64_t nGroups) const;
    void packedGroups(const LinearProduct& product, std::int64_t firstGroup,
                      std::int64_t nGroups) const;

    void expertProducts(const float* x, std::span<const ExpertProduct> products,
                        std::int32_t nExperts);
    void gatherPlaces(const float* x, std::int64_t nCols, std::int64_t pairsPerRow, float* out);
    void mixPlaces(const ExpertsArgs& args);
    // Place after place; a row of x serves pairsPerRow pairs, or (0) is the place's own.
    void tellPlaces(const Weight& stack, const float* x, std::int64_t pairsPerRow) const;

    Isa m_isa;
    const KernelTable& m_table;
    std::shared_ptr<ThreadPool> m_sharedPool;  // with the sets of CpuKernelOptions::pool
    ThreadPool& m_pool;

    InputObserver* m_observer = nullptr;  // or null
    WeightArena m_weightArena;
    KernelLimits m_limits;
    AttentionPlan m_attention;
    Buffer m_partials;  // states of AttentionPlan
    ExpertRouting m_routing;
    std::vector<LinearProduct> m_products;  // of the step under way
    Buffer m_activations;                   // the planes of activation_tiles.h
    Buffer m_threadScratch;                 // [nThreads][m_threadScratchFloats]
    std::int64_t m_threadScratchFloats = 0;
};

}  // namespace sotto::cpu
