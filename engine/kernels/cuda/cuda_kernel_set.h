// The class behind createCudaKernels(). Private to kernels/cuda; cuda_kernel_set.cpp holds memory,
// weights and steps, cuda_cache_ops.cpp the blocks of the cache, cuda_layer_ops.cpp the operations,
// cuda_expert_ops.cpp those of mixtures.
#pragma once

#include <array>
#include <compare>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "engine/device/cuda/context_share.h"
#include "engine/device/cuda/cuda_device.h"
#include "engine/device/cuda/cuda_handles.h"
#include "engine/device/cuda/weight_uploader.h"
#include "engine/kernels/cuda/choose_tokens.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/cuda/cuda_weight.h"
#include "engine/kernels/cuda/expert_slots.h"
#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/cuda/library_products.h"
#include "engine/kernels/cuda/linear_rows.h"
#include "engine/kernels/cuda/linear_tiles.h"
#include "engine/kernels/cuda/rope_store.h"
#include "engine/kernels/cuda/route_experts.h"
#include "engine/kernels/cuda/scratch.h"
#include "engine/kernels/cuda/step_inputs.h"

namespace sotto::cuda {

class CudaKernelSet final : public KernelSet {
public:
    static Result<std::unique_ptr<KernelSet>> create(const CudaKernelOptions& options);
    ~CudaKernelSet() override;

    std::string name() const override;
    std::int64_t exactRows() const override { return kMaxRowTokens; }
    // What the largest block of linear_tiles takes.
    std::int64_t promptPiece() const override { return kMaxPromptPiece; }
    Result<Buffer> allocate(std::size_t bytes) override;
    std::uint64_t allocationUnit() const override { return kDevicePageBytes; }
    SystemMemory deviceMemory() const override;
    Status upload(void* to, const void* from, std::size_t bytes) override;
    Result<std::span<const float>> readback(const float* data, std::size_t nFloats) override;
    using KernelSet::prepareWeight;
    Result<std::unique_ptr<Weight>> prepareWeight(const TensorView& source) override;
    Result<std::unique_ptr<Weight>> prepareWeight(const TensorView& source,
                                                  const PrepareTarget& target) override;
    bool isStreaming() const override { return true; }
    Result<std::unique_ptr<Weight>> makeRandomWeight(const RandomMatrix& matrix,
                                                     const PrepareTarget& target) override;
    std::uint64_t preparedBytes(const TensorView& source) const override;
    Status reserve(const KernelLimits& limits) override;
    std::uint64_t scratchBytes(const KernelLimits& limits) const override;
    std::uint64_t cacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) const override;
    Status copyBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) override;
    Status readBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) override;
    Status writeBlocks(const KvLayer& layer, const KvBlocks& blocks,
                       const std::byte* from) override;
    Status moveBlocks(const KvLayer& layer, const BlockMoves& blocks, const KeyMove& move) override;
    Status queueStep(const StepInputs& inputs, const std::function<Status()>& submit) override;
    Result<StepOutcome> awaitStep() override;
    std::int64_t launchesPerStep() const override { return m_launchesPerStep; }
    ProductUse productUse() const override;
    Status finish() override;

    void embed(const EmbedArgs& args) override;
    void rmsNorm(const RmsNormArgs& args) override;
    void linear(const LinearArgs& args) override;
    void glu(const GluArgs& args) override;
    void ropeStore(const RopeStoreArgs& args) override;
    void attention(const AttentionArgs& args) override;
    void gatherRows(const GatherArgs& args) override;
    bool isChoosing() const override { return true; }
    void chooseTokens(const ChooseArgs& args) override;
    void attentionInput(const AttentionInputArgs& args) override;
    void gatedProduct(const GatedArgs& args) override;
    void residual(const ResidualArgs& args) override;
    void experts(const ExpertsArgs& args) override;
    void head(const HeadArgs& args) override;

private:
    // A plane that an operation left behind for the one that names the same rows as its input.
    struct MadePlane {
        const float* rows = nullptr;  // null: nothing
        const float* norm = nullptr;  // of hidden rows: the weight of the norm that is pending
        std::int64_t nTokens = 0;
        ActivationPlane plane;
    };
    // Steps with equal keys launch the same kernels with the same arguments.
    struct StepKey {
        std::size_t nTokens = 0, nOutputs = 0, nSequences = 0;
        std::int32_t longestRun = 0, positionBucket = 0;
        std::int32_t nCandidates = 0;  // 0: no tokens are chosen
        bool isPenalizing = false;
        bool isEveryRowWanted = false;  // the head reads what the last layer left (head())
        std::int64_t firstOutput = 0;
        auto operator<=>(const StepKey&) const = default;
    };
    struct Recording {
        int nRuns = 0;  // the first runs unrecorded, so that all kernels are loaded
        GraphExec graph;
        bool isRefused = false;  // could not be made, or not be started, for want of memory
    };

    // A step under way: its time, and the page-locked memory that its choices come to.
    struct StepSlot {
        Event start, end, done;
        PinnedBuffer results;
        ChoiceLayout layout;
        std::vector<ChosenToken> chosen;
    };

    CudaKernelSet(CudaDevice device, const CudaKernelOptions& options);

    Status settleUploads();
    Status runRecorded(const StepKey& key, const std::function<Status()>& submit);
    Status submitStep(const StepInputs& inputs, const std::function<Status()>& submit,
                      StepSlot& slot);
    Status prepareSlots();
    Status failed(const Status& submitted);
    bool isWithinStep(const void* hostData) const;
    void sendAlone(const StepInputs& inputs);
    const DeviceBatch& batchOf(const BatchView& rows);
    void note(const Status& status);
    void forgetPlanes();
    LaunchStream on();
    const Stream& forCopy();

    Status openLibrary();
    ProductPath productPath() const {
        return m_library != nullptr ? m_options.products : ProductPath::Own;
    }
    bool usesLibrary(const Weight* weight, std::int64_t nTokens);
    std::uint64_t libraryProducts(const LinearArgs& args);
    void ownProduct(const OwnProduct& args);
    ActivationPlane quantized(const float* x, std::int64_t nTokens, std::int64_t nCols,
                              ActivationKind kind);
    ActivationPlane normedInput(const RmsNormArgs& norm, ActivationKind kind);
    void nameAhead(LinearRowsArgs& rows, std::span<const Weight* const> next) const;
    ActivationPlane headInput(const HeadArgs& args, ActivationKind kind);
    ActivationPlane inputOf(const float* x, std::int64_t nTokens, const Weight& weight);
    void product(const ActivationPlane& x, std::int64_t nTokens,
                 std::span<const LinearTarget> targets);
    void tilesProduct(const LinearTilesArgs& args);
    void launchTiles(const LinearTilesArgs& args);
    void floatProduct(const LinearArgs& args, const LinearTarget& target);
    RopeStoreLaunch ropeLaunch(const RopeStoreArgs& args);
    void route(const ExpertsArgs& args);
    void expertsOfRows(const ExpertsArgs& args);
    void expertsOfTiles(const ExpertsArgs& args);
    void expertsOneByOne(const ExpertsArgs& args);
    // Rows of up to 8 tokens that are to be multiplied with their experts' matrices.
    struct PairRows {
        const float* x = nullptr;
        bool isPerPair = false;  // a row per pair, else per token
        std::int64_t nTokens = 0;
        ChosenExperts chosen;
    };
    void pairProduct(const ExpertsArgs& args, const PairRows& rows, const Weight* stack,
                     float* out);
    ChosenExperts chosenExperts() const;
    ExpertSlots expertSlots() const;
    void gatedToPlane(const GatedArgs& args, const ActivationPlane& x, ActivationKind kind);

    CudaDevice m_device;
    ContextShare m_context;  // goes after all that was made there
    CudaKernelOptions m_options;
    Stream m_stream;
    KernelLimits m_limits;
    ScratchPlan m_plan{m_limits, ProductPath::Own};
    Arena m_scratch;
    StepInputsBuffer m_inputs;
    PinnedBuffer m_readback;
    std::unique_ptr<LibraryProducts> m_library;  // null: none is wanted, or there is none
    std::unique_ptr<WeightUploader> m_uploader;
    std::map<StepKey, Recording> m_recordings;
    const std::int32_t* m_recordedInputs = nullptr;  // where the inputs were when they were made
    bool m_isRefusalLogged = false;
    bool m_hasFailed = false;  // for good: the card's context must go
    // Whether what m_stream was given last is a kernel. Only then may the next one overlap: behind
    // a copy, an event or the begin of a recording nothing says when it may start.
    bool m_isBehindKernel = false;
    std::int64_t m_launchesPerStep = 0;
    ProductUse m_productUse;  // without the refusal, which the library keeps
    std::array<StepSlot, kStepsInFlight> m_slots;
    std::size_t m_nQueued = 0;  // steps so far; step n lies in slot n % kStepsInFlight
    std::size_t m_nAwaited = 0;
    const StepInputs* m_step = nullptr;  // during queueStep
    Status m_failure;                    // of an operation, told by the next finish()
    MadePlane m_hidden;                  // hidden rows before their norm
    MadePlane m_input;                   // attention's or the feed-forward's rows
};

}  // namespace sotto::cuda
