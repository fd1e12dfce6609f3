#include "engine/kernels/reference/reference_kernels.h"

#include "engine/kernels/canonical_blocks.h"
#include "engine/kernels/reference/reference_ops.h"

namespace sotto {
namespace {

class ReferenceKernels final : public KernelSet {
public:
    std::string name() const override { return "reference"; }

    Result<Buffer> allocate(std::size_t bytes) override { return allocateHostBuffer(bytes); }

    Result<std::unique_ptr<Weight>> prepareWeight(const TensorView& source) override {
        return std::make_unique<reference::ReferenceWeight>(source);
    }
    std::uint64_t preparedBytes(const TensorView&) const override { return 0; }

    // The reference takes what it needs from the heap as it goes: clarity before speed.
    Status reserve(const KernelLimits&) override { return {}; }
    std::uint64_t scratchBytes(const KernelLimits&) const override { return 0; }

    std::uint64_t cacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) const override {
        return canonicalCacheBytes(shape, nBlocks);
    }
    Status copyBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) override {
        copyCanonicalBlock(layer, from, to);
        return {};
    }
    Status readBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) override {
        readCanonicalBlocks(layer, blocks, out);
        return {};
    }
    Status writeBlocks(const KvLayer& layer, const KvBlocks& blocks,
                       const std::byte* from) override {
        writeCanonicalBlocks(layer, blocks, from);
        return {};
    }

    void embed(const EmbedArgs& args) override { reference::embed(args); }
    void rmsNorm(const RmsNormArgs& args) override { reference::rmsNorm(args); }
    void linear(const LinearArgs& args) override { reference::linear(args); }
    void glu(const GluArgs& args) override { reference::glu(args); }
    void ropeStore(const RopeStoreArgs& args) override { reference::ropeStore(args); }
    void attention(const AttentionArgs& args) override { reference::attention(args); }
    void experts(const ExpertsArgs& args) override { reference::experts(args); }

    Status finish() override { return {}; }
};

}  // namespace

std::unique_ptr<KernelSet> createReferenceKernels() { return std::make_unique<ReferenceKernels>(); }

}  // namespace sotto
