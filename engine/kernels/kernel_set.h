// KernelSet: one entry per operation of a forward pass, with one implementation per device.
//
// Place: model/ calls it and never learns the device. Three fillings: reference/ (double
// accumulation, the definition), cpu/ (fast, chosen by CPU feature at run time) and cuda/.
// Memory: every pointer in an argument struct is memory of the set's own device (allocate(), filled
// by upload()); spans are host memory. All activations are float32, row-major, [nTokens, width],
// rows without gaps. The set quantizes activations itself where its kernels want int8. Threads: one
// caller, the engine thread. A set may use its own pool; results do not depend on that pool's size.
// Same tokens: in steps of up to exactRows() rows each row's result is bit-identical whatever the
// other rows are, and in longer ones too; only between the two may a row round differently.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "engine/device/buffer.h"
#include "engine/device/system_memory.h"
#include "engine/kernels/kv_layer.h"
#include "engine/tensor/tensor_view.h"
#include "engine/tensor/token_choice.h"

namespace sotto {

struct RandomMatrix;  // engine/quant/random_weights.h
struct ExpertsArgs;   // engine/kernels/experts.h

// A matrix prepared for one KernelSet: repacked, or used where the file is mapped. Opaque to
// everyone else.
class Weight {
public:
    virtual ~Weight() = default;

    std::int64_t nRows = 0;           // outputs
    std::int64_t nCols = 0;           // inputs
    DType type = DType::F32;          // the file's type; repacking is bit-exact, so it stays true
    std::uint64_t residentBytes = 0;  // bytes that one full pass over this matrix reads
    bool isMapped = false;            // true when the bytes are the file's own pages, not a copy
};

// out[token, :] = row `tokenIds[token]` of the embedding matrix, dequantized, times `scale`.
struct EmbedArgs {
    const Weight* table = nullptr;           // [nVocab, nEmbd]
    std::span<const std::int32_t> tokenIds;  // [nTokens], each in [0, nVocab); StepInputs has more
    float scale = 1.0f;
    float* out = nullptr;  // [nTokens, nEmbd]
};

// out[token, i] = x[token, i] / sqrt(mean(x[token]^2) + epsilon) * weight[i]. In place is allowed.
struct RmsNormArgs {
    const float* x = nullptr;       // [nTokens, width]
    const float* weight = nullptr;  // [width]
    float* out = nullptr;           // [nTokens, width]
    std::int64_t nTokens = 0;
    std::int64_t width = 0;
    float epsilon = 1e-5f;
};

// One matrix of a linear step.
struct LinearTarget {
    const Weight* weight = nullptr;  // [nRows, nCols]
    const float* bias = nullptr;     // [nRows] or null
    float* out = nullptr;            // [nTokens, nRows]
    bool isAccumulating = false;     // true: out += W x + b (the residual), false: out = W x + b
};

// Several matrices over the same input: the input is quantized once and the threads meet once.
struct LinearArgs {
    const float* x = nullptr;  // [nTokens, nCols]
    std::int64_t nTokens = 0;
    std::span<const LinearTarget> targets;  // all with the same nCols
};

// out[token, i] = activation(gate[token, i]) * up[token, i]. In place over gate is allowed.
enum class GluKind : std::uint8_t { Silu, GeluTanh };
struct GluArgs {
    GluKind kind = GluKind::Silu;
    const float* gate = nullptr;  // [nTokens, width]
    const float* up = nullptr;    // [nTokens, width]
    float* out = nullptr;         // [nTokens, width]
    std::int64_t nTokens = 0;
    std::int64_t width = 0;
};

// The blocks of one sequence in order: token position p lies in block blockIds[p / blockTokens],
// slot p % blockTokens, of every layer's cache.
struct BlockTableView {
    std::span<const std::int32_t> blockIds;
};

// Where each row of a step belongs. Rows of one sequence are consecutive and in order of position.
struct BatchView {
    std::span<const std::int32_t> positions;      // [nTokens] position of the row in its sequence
    std::span<const std::int32_t> sequenceIndex;  // [nTokens] index into `sequences`
    std::span<const BlockTableView> sequences;    // [nSequences]
};

enum class RopeKind : std::uint8_t {
    None,
    Interleaved,  // pairs (2i, 2i+1): GGUF architecture llama
    Neox,         // pairs (i, i + rotaryDims/2): qwen2, qwen3
};

// How keys become those of other positions (move_keys.h).
struct KeyMove {
    RopeKind kind = RopeKind::None;      // None: they know of no position
    std::span<const float> frequencies;  // [rotaryDims / 2], as RopeStoreArgs'; host memory
    std::int64_t distance = 0;           // in positions; negative: back
};

// Blocks whose values stay and whose keys move: what from[n] holds comes into to[n], which may be
// the same block.
struct BlockMoves {
    std::span<const std::int32_t> from;  // in order of position
    std::span<const std::int32_t> to;
    std::int64_t nTokens = 0;  // slots that are filled, counted over all blocks
};

// Optional per-head RMS norm of q and k, then rotation of both, then the write of k and v into the
// cache, turned and rounded as its rows are (kv_rows.h). Rotation of pair i at position p: angle =
// p * frequencies[i]; cos and sin are both multiplied by `magnitude`.
// headDim is the cache's key.dim; v has its value.dim.
struct RopeStoreArgs {
    float* q = nullptr;            // [nTokens, nHeads, headDim], rotated in place
    const float* k = nullptr;      // [nTokens, nKvHeads, headDim]
    const float* v = nullptr;      // [nTokens, nKvHeads, value.dim]
    const float* qNorm = nullptr;  // [headDim] or null
    const float* kNorm = nullptr;  // [headDim] or null
    float normEpsilon = 1e-6f;
    RopeKind kind = RopeKind::Interleaved;
    std::int32_t rotaryDims = 0;  // <= headDim, even; the dims past it are copied
    const float* frequencies =
        nullptr;             // [rotaryDims / 2] radians per position, every scaling already in it
    float magnitude = 1.0f;  // YaRN's attention factor
    std::int32_t nHeads = 0;
    KvLayer cache;
    BatchView batch;
};

// out[token, head, :] = softmax(scale * q·K) V over positions 0..positions[token] of the token's
// sequence (causal), only the last `window` of them where window > 0. Query head h reads KV head h
// / (nHeads / nKvHeads). headDim is the cache's key.dim. Where keys lie turned (KvRow::isRotated)
// the set turns the queries as well, where values do, their sum back.
struct AttentionArgs {
    const float* q = nullptr;  // [nTokens, nHeads, headDim]
    float* out = nullptr;      // [nTokens, nHeads, value.dim]
    float scale = 0.0f;        // usually 1 / sqrt(headDim)
    std::int32_t window = 0;   // 0: full causal attention
    std::int32_t nHeads = 0;
    KvLayer cache;
    BatchView batch;
    const Weight* consumer = nullptr;  // the matrix that reads `out` next, a hint; null: unknown
};

// The three fused operations of a layer. Each is defined as the sequence of single operations that
// its default below spells out. A set that fuses them may keep what passes between two operations
// in a form of its own and leave the arrays in between unwritten: norm.out, the gate and up
// outputs, glu.out and AttentionArgs::out are then good for one thing only, to be named as `x` of
// the operation that follows.
struct AttentionInputArgs {
    RmsNormArgs norm;                // hidden rows -> norm.out, the x of the projections
    LinearTarget query, key, value;  // outs are q, k and v of `rope`
    RopeStoreArgs rope;
    // The matrix that reads what attention makes of them; a hint, null where it is unknown.
    const Weight* behindAttention = nullptr;
};
struct GatedArgs {
    RmsNormArgs norm;       // hidden rows -> norm.out, the x of both projections
    LinearTarget gate, up;  // outs are gate and up of `glu`
    GluArgs glu;
    const Weight* consumer = nullptr;  // as in AttentionArgs, of glu.out
};
struct ResidualArgs {
    const float* x = nullptr;  // [nTokens, nCols]
    std::int64_t nTokens = 0;
    LinearTarget target;  // accumulating into the hidden rows
    // The norm that reads the hidden rows next, so that its input can be made on the way out; a
    // hint, null where there is none.
    const float* nextNorm = nullptr;
    float nextEpsilon = 0.0f;
    const Weight* nextConsumer = nullptr;  // a matrix that reads the norm's result
    // Matrices that the next products read, so that the first of them can be fetched already;
    // hints.
    std::array<const Weight*, 2> nextMatrices = {};
};

// out[i, :] = x[rowIndices[i], :]
struct GatherArgs {
    const float* x = nullptr;                  // [nRows, width]
    std::span<const std::int32_t> rowIndices;  // [nOut]
    float* out = nullptr;                      // [nOut, width]
    std::int64_t width = 0;
};

// Logits of some hidden rows: gather, norm, head. A fused operation as those above: after it
// rows.out, which is norm.x and norm.out too, may be unwritten.
struct HeadArgs {
    GatherArgs rows;   // of the hidden rows
    RmsNormArgs norm;  // of rows.out, in place
    LinearTarget head;
};

// Chooses the token behind each row of logits; told by the step's outcome.
struct ChooseArgs {
    float* logits = nullptr;  // [choices.size(), nVocab]; penalties change them
    std::int64_t nVocab = 0;
    std::span<const TokenChoice> choices;  // those of StepInputs
};

// All that differs between two steps of the same shape.
struct StepInputs {
    // [nTokens]; of a set that isChoosing(), -1 - n stands for the token that was chosen for output
    // row n of the step queued before.
    std::span<const std::int32_t> tokenIds;
    BatchView rows;
    std::span<const std::int32_t> outputRows;  // rows whose logits follow in the same step
    std::span<const TokenChoice> choices;      // one per output row, at most 8; or none
    std::int64_t firstOutput = 0;  // row of the logits' array that those of outputRows begin at
};

// What a step came to.
struct StepOutcome {
    std::span<const ChosenToken> chosen;  // one per choice; valid until the next step but one
    double seconds = 0;                   // on the device's own clock; 0: it has none
};

// KernelSet::exactRows() of a set whose kernels are the same for any number of rows.
inline constexpr std::int64_t kAnyRows = INT64_MAX;
// The largest KernelSet::promptPiece().
inline constexpr std::int64_t kMaxPromptPiece = 64;

// A step may be queued before the one before was awaited.
inline constexpr std::size_t kStepsInFlight = 2;

// Where a layer's cache may begin: a cache line of its own.
inline constexpr std::uint64_t kCacheAlignment = 64;

// Bytes of the source that were taken so far; returns false to cancel.
using PrepareSink = std::function<bool(std::uint64_t doneBytes)>;

// Where a matrix goes that a set copies, and who is told of it.
struct PrepareTarget {
    // preparedBytes() of memory of the set's allocate(), which must outlive the Weight: behind
    // another matrix or at the begin. Null: memory of its own.
    std::byte* memory = nullptr;
    PrepareSink sink;
};

// What the caller will ask at most; lets a set plan its scratch once, so that a step allocates
// nothing.
struct KernelLimits {
    std::int64_t maxTokens = 0;   // rows per step
    std::int64_t maxCols = 0;     // widest input of a linear step
    std::int64_t maxHeads = 0;    // query heads
    std::int64_t maxHeadDim = 0;  // longest head; not maxCols / maxHeads, layers may differ in both
    std::int64_t maxContext = 0;  // tokens of one sequence
    std::int64_t maxReadback = 0;  // floats of one readback()
    std::int64_t maxVocab = 0;     // logits of one row, where a set chooses tokens
    // Of mixtures of experts; 0: the model has none.
    std::int64_t maxExperts = 0;      // of a layer
    std::int64_t maxExpertsUsed = 0;  // by one row
    std::int64_t maxExpertCols = 0;   // widest input of an expert's matrix
};

// Who multiplied the matrices of steps of more than exactRows() rows so far.
struct ProductUse {
    std::uint64_t own = 0;      // products by the set's own kernels
    std::uint64_t library = 0;  // by cuBLAS
    std::string refusal;        // the last reason why cuBLAS did not where it was to; or empty
};

class KernelSet {
public:
    virtual ~KernelSet() = default;

    // Rows up to which a step runs in the kernels that answers run in.
    virtual std::int64_t exactRows() const { return kAnyRows; }
    // Prompts are read in pieces that end at multiples of so many positions. On the processor any
    // border gives the same bits: rows enough that a pass over the weights is not for one alone,
    // few enough that the answers beside them do not wait long.
    virtual std::int64_t promptPiece() const { return 4; }

    // For people and logs: "reference", "cpu avx512-vnni, 2 threads".
    virtual std::string name() const = 0;
    // Sets of one class give the same results to the bit.
    virtual std::string roundingClass() const { return name(); }

    virtual Result<Buffer> allocate(std::size_t bytes) = 0;
    // allocate() takes whole units of so many bytes of the device's memory.
    virtual std::uint64_t allocationUnit() const { return 1; }
    // Of the device whose memory this is, right now.
    virtual SystemMemory deviceMemory() const;

    // From host memory to the set's own, at load time and in tests; done on return. Errors:
    // DeviceFailed.
    virtual Status upload(void* to, const void* from, std::size_t bytes);
    // Waits for what was submitted, then makes the floats readable for the host: the same memory,
    // or a copy that is good until the next readback. Errors: DeviceFailed.
    virtual Result<std::span<const float>> readback(const float* data, std::size_t nFloats);

    // Prepares a matrix. `source.data` must stay mapped for the life of the Weight (it may be used
    // in place). Called at load time from one thread; may use the pool. Errors: OutOfMemory.
    virtual Result<std::unique_ptr<Weight>> prepareWeight(const TensorView& source) = 0;
    // The same for a set that copies each matrix, reading the source once, front to back, by itself
    // (isStreaming()): with its place and with progress. Errors: Cancelled as well.
    virtual Result<std::unique_ptr<Weight>> prepareWeight(const TensorView& source,
                                                          const PrepareTarget& target);
    virtual bool isStreaming() const { return false; }
    // A random matrix made in the set's own memory, for benchmarks of models that no file holds.
    // Null: the set takes matrices from the host alone. Errors: OutOfMemory, Cancelled.
    virtual Result<std::unique_ptr<Weight>> makeRandomWeight(const RandomMatrix& matrix,
                                                             const PrepareTarget& target);

    // Bytes that this matrix would take (0 when used in place): for the dry run, and of a set that
    // isStreaming() from one matrix to the next in PrepareTarget::memory.
    virtual std::uint64_t preparedBytes(const TensorView& source) const = 0;

    // Plans scratch for these limits. Called once after loading and before the first step. Errors:
    // OutOfMemory.
    virtual Status reserve(const KernelLimits& limits) = 0;
    virtual std::uint64_t scratchBytes(const KernelLimits& limits) const = 0;

    // Bytes of a layer's cache in the layout that the set's kernels like, a multiple of
    // kCacheAlignment; what the layout is nobody else knows.
    virtual std::uint64_t cacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) const = 0;
    // What block `from` holds also in block `to`: behind the steps that were queued, before those
    // that follow. Errors: DeviceFailed.
    virtual Status copyBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) = 0;
    // Blocks in the canonical form (kv_layer.h) out of the cache and into it: behind the steps that
    // were queued, done on return. `out` and `from`: (ids.size() - 1) * stride + blockBytes() bytes
    // of host memory. Written and read again, the filled slots' bytes are the same, also where
    // another set read them. Errors: DeviceFailed.
    virtual Status readBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) = 0;
    virtual Status writeBlocks(const KvLayer& layer, const KvBlocks& blocks,
                               const std::byte* from) = 0;

    // Behind the steps that were queued, before those that follow. Each key is rounded to its type
    // once more; a set may do it on the device. Errors: DeviceFailed.
    virtual Status moveBlocks(const KvLayer& layer, const BlockMoves& blocks, const KeyMove& move);

    // Runs one step: `submit` calls the operations below on these inputs and may give up between
    // two of them. A set may record what is submitted and, for a later step of the same shape,
    // replay the record without calling `submit`. May return before the step is done; at most
    // kStepsInFlight are under way. The inputs may go once it has returned. Errors: submit's,
    // DeviceFailed; then nothing was queued.
    virtual Status queueStep(const StepInputs& inputs, const std::function<Status()>& submit);
    // Waits for the oldest step that was queued and not awaited. Errors: DeviceFailed, also where
    // the step behind it could not be launched.
    virtual Result<StepOutcome> awaitStep();
    // Both.
    Result<StepOutcome> runStep(const StepInputs& inputs, const std::function<Status()>& submit);

    virtual void embed(const EmbedArgs& args) = 0;
    virtual void rmsNorm(const RmsNormArgs& args) = 0;
    virtual void linear(const LinearArgs& args) = 0;
    virtual void glu(const GluArgs& args) = 0;
    virtual void ropeStore(const RopeStoreArgs& args) = 0;
    virtual void attention(const AttentionArgs& args) = 0;
    virtual void gatherRows(const GatherArgs& args);

    // Whether the set chooses tokens itself and can go on with what it chose. Where it is not, the
    // logits lie in the host's memory anyway.
    virtual bool isChoosing() const { return false; }
    // Within a step, of a set that isChoosing().
    virtual void chooseTokens(const ChooseArgs&) {}

    // rmsNorm, linear of three targets, ropeStore.
    virtual void attentionInput(const AttentionInputArgs& args);
    // rmsNorm, linear of two targets, glu.
    virtual void gatedProduct(const GatedArgs& args);
    // linear of one accumulating target.
    virtual void residual(const ResidualArgs& args);
    // The feed-forward block of a mixture of experts, the residual included (experts.h).
    virtual void experts(const ExpertsArgs& args) = 0;
    virtual void head(const HeadArgs& args);

    // Kernels and copies that the last recorded step started; 0: nothing is recorded.
    virtual std::int64_t launchesPerStep() const { return 0; }

    // Where a library may multiply, too: what it did. Nothing otherwise.
    virtual ProductUse productUse() const { return {}; }

    // Waits until everything submitted is done and reports what the device has to say. Errors:
    // DeviceFailed.
    virtual Status finish() = 0;
};

}  // namespace sotto
