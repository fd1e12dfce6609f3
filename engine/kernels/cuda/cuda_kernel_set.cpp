#include "engine/kernels/cuda/cuda_kernel_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>

#include "base/log.h"
#include "engine/device/cuda/cuda_error.h"
#include "engine/kernels/cuda/attention.h"
#include "engine/kernels/cuda/cuda_ops.h"
#include "engine/kernels/cuda/cuda_sizes.h"
#include "engine/kernels/cuda/linear_rows.h"
#include "engine/kernels/cuda/random_weight.h"
#include "engine/kernels/cuda/repack.h"

namespace sotto::cuda {
namespace {

// Positions are rounded up to a power of two in a recording's key, so that a growing context needs
// a dozen recordings and not one per split.
std::int32_t positionBucket(const BatchView& rows) {
    std::int32_t last = kSplitPositions - 1;
    for (const std::int32_t position : rows.positions) last = std::max(last, position);
    return static_cast<std::int32_t>(std::bit_ceil(static_cast<std::uint32_t>(last) + 1));
}

std::int32_t longestRun(const BatchView& rows) {
    std::int32_t longest = 0, run = 0;
    for (std::size_t row = 0; row < rows.sequenceIndex.size(); ++row) {
        const bool isSame = row > 0 && rows.sequenceIndex[row] == rows.sequenceIndex[row - 1];
        run = isSame ? run + 1 : 1;
        longest = std::max(longest, run);
    }
    return longest;
}

// A wake-up costs tens of microseconds (not measured on a card), which are lost in a wait of more
// than a millisecond: a shorter one is waited for awake.
constexpr auto kAwake = std::chrono::milliseconds(1);

// Errors: those of the card's work so far.
Status waitAwake(const Event& event) {
    const auto end = std::chrono::steady_clock::now() + kAwake;
    bool isReached = false;
    while (!isReached && std::chrono::steady_clock::now() < end) {
        SOTTO_ASSIGN(isReached, event.isReached());
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<KernelSet>> CudaKernelSet::create(const CudaKernelOptions& options) {
    SOTTO_ASSIGN(CudaDevice device, CudaDevice::open(options.deviceIndex));
    std::unique_ptr<CudaKernelSet> set(new CudaKernelSet(std::move(device), options));
    SOTTO_ASSIGN(set->m_stream, Stream::create());
    SOTTO_TRY(set->openLibrary());
    return std::unique_ptr<KernelSet>(std::move(set));
}

CudaKernelSet::CudaKernelSet(CudaDevice device, const CudaKernelOptions& options)
    : m_device(std::move(device)), m_context(m_device), m_options(options) {
    // Launching dependents early needs Hopper or later.
    m_options.isOverlappingLaunches &= m_device.properties().major >= 9;
}

Status CudaKernelSet::openLibrary() {
    if (m_options.products == ProductPath::Own) return {};
    const CudaDeviceProperties& card = m_device.properties();
    LibraryOptions options;
    options.path = m_options.products;
    options.memory = m_options.productMemory;
    const DriverVersions driver = driverVersions();
    options.machine = fmt::format("{}, {}, driver {} {}", card.name, card.architecture(),
                                  driver.driverBranch, driver.supportedCuda);
    options.own = [this](const OwnProduct& product) { ownProduct(product); };
    auto library = LibraryProducts::open(std::move(options), m_stream);
    if (library)
        m_library = std::move(*library);
    else if (m_options.products == ProductPath::Library)
        return fail(std::move(library.error()));
    return {};
}

CudaKernelSet::~CudaKernelSet() {
    // cuBLAS's handle wants to go on its own card. An error stays, and shows below.
    static_cast<void>(m_device.makeCurrent());
    // Nothing may still run on memory that is released now.
    const Status finished = m_stream.synchronize();
    // A failure that nobody awaited (in loading, or of another model in the context) shows here.
    // The context goes with the last of its users, so that the next set finds a device that works.
    const bool isLost = !finished && finished.error().code == ErrorCode::DeviceFailed;
    if (m_hasFailed || isLost) m_context.noteFailure();
}

std::string CudaKernelSet::name() const {
    const CudaDeviceProperties& card = m_device.properties();
    return fmt::format("cuda {}, {}, {} SMs", card.name, card.architecture(), card.nSms);
}

Result<Buffer> CudaKernelSet::allocate(std::size_t bytes) {
    SOTTO_TRY(m_device.makeCurrent());
    return allocateDeviceBuffer(bytes, "the model");
}

SystemMemory CudaKernelSet::deviceMemory() const {
    const auto memory = m_device.memory();
    return memory
               ? SystemMemory{.totalBytes = memory->totalBytes, .availableBytes = memory->freeBytes}
               : SystemMemory{};
}

Status CudaKernelSet::upload(void* to, const void* from, std::size_t bytes) {
    if (bytes == 0) return {};
    SOTTO_TRY(check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, forCopy().get()),
                    "copying"));
    return m_stream.synchronize();
}

Result<std::span<const float>> CudaKernelSet::readback(const float* data, std::size_t nFloats) {
    const std::size_t bytes = nFloats * sizeof(float);
    if (m_readback.bytes() < bytes) {
        SOTTO_ASSIGN(m_readback, allocatePinnedBuffer(bytes));
    }
    if (bytes > 0)
        SOTTO_TRY(check(cudaMemcpyAsync(m_readback.data(), data, bytes, cudaMemcpyDeviceToHost,
                                        forCopy().get()),
                        "reading the results of a step"));
    SOTTO_TRY(finish());
    return std::span<const float>(m_readback.as<float>(), nFloats);
}

Result<std::unique_ptr<Weight>> CudaKernelSet::prepareWeight(const TensorView& source) {
    return prepareWeight(source, {});
}

Result<std::unique_ptr<Weight>> CudaKernelSet::prepareWeight(const TensorView& source,
                                                             const PrepareTarget& target) {
    SOTTO_TRY(m_device.makeCurrent());
    if (m_uploader == nullptr) {
        WeightUploaderOptions options;
        options.slotBytes = m_options.uploadSlotBytes;
        SOTTO_ASSIGN(WeightUploader uploader, WeightUploader::create(options));
        m_uploader = std::make_unique<WeightUploader>(std::move(uploader));
    }
    SOTTO_ASSIGN(std::unique_ptr<CudaWeight> weight, placeCudaWeight(source, target.memory));
    UploadMatrix matrix;
    matrix.source = source.data;
    matrix.nRows = source.nRows;
    matrix.rowBytes = rowBytes(source.type, static_cast<std::size_t>(source.nCols));
    matrix.panelRows = kPanelRows;
    const PieceSink place = [&](const UploadedPiece& piece) {
        return queueRows(*weight, {piece.data, piece.firstRow, piece.nRows}, *piece.stream);
    };
    std::uint64_t done = 0;
    const Status sent = m_uploader->upload(matrix, place, [&](std::size_t bytes) {
        done += bytes;
        return !target.sink || target.sink(done);
    });
    if (!sent) return fail(sent.error());
    return std::unique_ptr<Weight>(std::move(weight));
}

Result<std::unique_ptr<Weight>> CudaKernelSet::makeRandomWeight(const RandomMatrix& matrix,
                                                                const PrepareTarget& target) {
    SOTTO_TRY(m_device.makeCurrent());
    return cuda::makeRandomWeight(matrix, m_options.uploadSlotBytes, forCopy(), target);
}

std::uint64_t CudaKernelSet::preparedBytes(const TensorView& source) const {
    return cudaWeightBytes(source);
}

// Weights may still be on their way; whoever uses them first waits, and gives the staging memory
// back.
Status CudaKernelSet::settleUploads() {
    if (m_uploader == nullptr) return {};
    const Status done = m_uploader->finish();
    m_uploader.reset();
    return done;
}

Status CudaKernelSet::reserve(const KernelLimits& limits) {
    SOTTO_TRY(m_device.makeCurrent());
    SOTTO_TRY(finish());
    m_recordings.clear();
    forgetPlanes();
    m_limits = limits;
    m_plan = ScratchPlan(limits, productPath());
    m_scratch = Arena();
    SOTTO_ASSIGN(m_scratch, Arena::create(m_plan.arena));
    // Counters begin at zero, and of a tile's absent tokens the kernels may read scales that nobody
    // wrote.
    for (std::size_t index = 0; index < m_plan.arena.parts().size(); ++index)
        SOTTO_TRY(m_scratch.clear(ArenaSlot{index}, forCopy()));
    if (m_library != nullptr) {
        LibraryMemory memory = m_plan.library.memory(m_scratch);
        memory.x = m_plan.wide.plane(m_scratch, ActivationKind::SplitBf16, limits.maxCols).values;
        m_library->use(memory);
    }
    SOTTO_TRY(m_inputs.reserve(StepInputsBuffer::capacityFor(limits)));
    SOTTO_TRY(prepareSlots());
    SOTTO_ASSIGN(m_readback, allocatePinnedBuffer(static_cast<std::size_t>(limits.maxReadback) *
                                                  sizeof(float)));
    return m_stream.synchronize();
}

std::uint64_t CudaKernelSet::scratchBytes(const KernelLimits& limits) const {
    return cudaScratchBytes(limits, productPath());
}

Status CudaKernelSet::queueStep(const StepInputs& inputs, const std::function<Status()>& submit) {
    if (m_nQueued - m_nAwaited == kStepsInFlight)
        return fail(ErrorCode::Internal, "A third step was queued before the first was awaited.");
    // Another set, the telemetry or a probe of another card may have been at work on this thread.
    SOTTO_TRY(m_device.makeCurrent());
    SOTTO_TRY(settleUploads());
    forgetPlanes();
    StepSlot& slot = m_slots[m_nQueued % kStepsInFlight];
    std::int32_t nWanted = 0;
    for (const TokenChoice& choice : inputs.choices) nWanted = std::max(nWanted, choice.nTopLogits);
    slot.layout = {};
    if (!inputs.choices.empty())
        slot.layout = {static_cast<std::int32_t>(inputs.choices.size()), candidateCount(nWanted)};
    const Status submitted = submitStep(inputs, submit, slot);
    if (!submitted) return failed(submitted);
    ++m_nQueued;
    return {};
}

Status CudaKernelSet::submitStep(const StepInputs& inputs, const std::function<Status()>& submit,
                                 StepSlot& slot) {
    // Also when `submit` throws.
    struct Within {
        const StepInputs*& step;
        ~Within() { step = nullptr; }
    };
    m_step = &inputs;
    const Within within{m_step};
    const std::size_t nTokens = inputs.tokenIds.size();
    const bool isRecorded = m_options.isRecordingSteps && nTokens <= kMaxRowTokens;
    const std::int32_t bucket = isRecorded ? positionBucket(inputs.rows) : 0;
    if (slot.done.get() == nullptr) SOTTO_TRY(prepareSlots());
    SOTTO_TRY(m_inputs.write(inputs, bucket, forCopy()));
    // Recordings name the memory that the inputs were in.
    if (std::exchange(m_recordedInputs, m_inputs.tokenIds()) != m_inputs.tokenIds())
        m_recordings.clear();
    SOTTO_TRY(slot.start.record(forCopy()));
    if (isRecorded)
        SOTTO_TRY(runRecorded(
            {nTokens, inputs.outputRows.size(), inputs.rows.sequences.size(),
             longestRun(inputs.rows), bucket, slot.layout.k, m_inputs.penalized() != nullptr,
             isEveryRow(inputs.outputRows, nTokens), inputs.firstOutput},
            submit));
    else
        SOTTO_TRY(submit());
    SOTTO_TRY(slot.end.record(forCopy()));
    // Outside of the recording: its address changes from step to step.
    if (slot.layout.nRows > 0)
        SOTTO_TRY(
            check(cudaMemcpyAsync(slot.results.data(), m_scratch.data(m_plan.chosen),
                                  slot.layout.bytes(), cudaMemcpyDeviceToHost, forCopy().get()),
                  "reading the tokens that were chosen"));
    return slot.done.record(forCopy());
}

// Waits for what was queued all the same; what the device has to say goes before.
Status CudaKernelSet::failed(const Status& submitted) {
    const Status finished = finish();
    if (!finished && submitted.error().code != ErrorCode::Cancelled) return finished;
    return submitted;
}

static bool isOfDevice(const Status& status) {
    return !status && status.error().code == ErrorCode::DeviceFailed;
}

Result<StepOutcome> CudaKernelSet::awaitStep() {
    if (m_nAwaited == m_nQueued)
        return fail(ErrorCode::Internal, "A step was awaited that nobody queued.");
    StepSlot& slot = m_slots[m_nAwaited++ % kStepsInFlight];
    // Asked for first: waiting asks the runtime too.
    const Status launched = checkLaunches("computing a step");
    // With another step queued the card goes on before we wake up.
    Status done;
    if (m_nAwaited == m_nQueued) done = waitAwake(slot.done);
    if (done) done = slot.done.synchronize();
    if (!done || !launched || !m_failure) {
        // With it, all that was queued behind it is lost.
        m_nAwaited = m_nQueued;
        SOTTO_TRY(finish());
        // A card that was full for a moment is no failed one: others' context stays as it is.
        m_hasFailed |= isOfDevice(launched) || isOfDevice(done);
        SOTTO_TRY(launched);
        SOTTO_TRY(done);
    }
    StepOutcome outcome;
    SOTTO_ASSIGN(const double milliseconds, Event::millisecondsBetween(slot.start, slot.end));
    outcome.seconds = milliseconds * 1e-3;
    slot.chosen.clear();
    const auto k = static_cast<std::size_t>(slot.layout.k);
    const auto* headers = slot.results.as<const ChosenHeader>();
    const auto* logits =
        reinterpret_cast<const float*>(slot.results.data() + slot.layout.logitsOffset());
    const auto* ids =
        reinterpret_cast<const std::int32_t*>(slot.results.data() + slot.layout.idsOffset());
    for (std::size_t row = 0; row < static_cast<std::size_t>(slot.layout.nRows); ++row)
        slot.chosen.push_back({headers[row].token,
                               headers[row].isUnusable != 0,
                               headers[row].logit,
                               headers[row].highest,
                               headers[row].sumOfExp,
                               {logits + row * k, k},
                               {ids + row * k, k}});
    outcome.chosen = slot.chosen;
    return outcome;
}

Status CudaKernelSet::prepareSlots() {
    for (StepSlot& slot : m_slots) {
        for (Event* event : {&slot.start, &slot.end}) {
            SOTTO_ASSIGN(*event, Event::create(Event::Kind::Time));
        }
        // Waiting for it long takes no core.
        SOTTO_ASSIGN(slot.done, Event::create(Event::Kind::Order));
        SOTTO_ASSIGN(slot.results,
                     allocatePinnedBuffer(
                         ChoiceLayout{.nRows = kMaxRowTokens, .k = kMaxCandidates}.bytes()));
        slot.chosen.reserve(kMaxRowTokens);
    }
    return {};
}

Status CudaKernelSet::runRecorded(const StepKey& key, const std::function<Status()>& submit) {
    Recording& recording = m_recordings[key];
    if (recording.nRuns++ == 0 || recording.isRefused) return submit();
    Status done;
    if (recording.graph.isEmpty()) {
        auto graph = GraphExec::capture(forCopy(), submit);
        if (graph)
            recording.graph = std::move(*graph);
        else
            done = fail(std::move(graph.error()));
    }
    if (done) done = recording.graph.launch(m_stream);
    if (done) {
        m_launchesPerStep = static_cast<std::int64_t>(recording.graph.nNodes());
        return {};
    }
    // A full card has no room for a recording; the step itself needs none, and nothing of it has
    // run. Any other failure is one of the step, or ours, which plain launches would only hide.
    if (done.error().code != ErrorCode::OutOfMemory) return done;
    if (!std::exchange(m_isRefusalLogged, true))
        logMessage(LogLevel::Warning, "Steps run without being recorded. " + done.error().message);
    recording = {.nRuns = recording.nRuns, .graph = {}, .isRefused = true};
    forgetPlanes();
    m_isBehindKernel = false;
    return submit();
}

ProductUse CudaKernelSet::productUse() const {
    ProductUse use = m_productUse;
    if (m_library != nullptr) use.refusal = m_library->refusal();
    return use;
}

Status CudaKernelSet::finish() {
    const Status launched = checkLaunches("computing a step");
    const Status done = m_stream.synchronize();
    Status failure = std::exchange(m_failure, Status());
    for (const Status* status : std::initializer_list<const Status*>{&failure, &launched, &done}) {
        if (*status) continue;
        m_hasFailed |= status->error().code == ErrorCode::DeviceFailed;
        return *status;
    }
    return {};
}

void CudaKernelSet::note(const Status& status) {
    if (!status && m_failure) m_failure = status;
}

void CudaKernelSet::forgetPlanes() {
    m_hidden = {};
    m_input = {};
}

// For the launches of one operation, which must follow with nothing but kernels among them.
LaunchStream CudaKernelSet::on() {
    const bool isBehindKernel = std::exchange(m_isBehindKernel, true);
    return {m_stream.get(), m_options.isOverlappingLaunches && isBehindKernel};
}

// For a copy, an event or the begin of a recording.
const Stream& CudaKernelSet::forCopy() {
    m_isBehindKernel = false;
    return m_stream;
}

bool CudaKernelSet::isWithinStep(const void* hostData) const {
    return m_step != nullptr &&
           (hostData == m_step->tokenIds.data() || hostData == m_step->rows.positions.data() ||
            hostData == m_step->outputRows.data());
}

// Outside of a step (tests, selftest): for one operation.
void CudaKernelSet::sendAlone(const StepInputs& inputs) {
    note(m_stream.synchronize());  // the host's copy may still be on its way
    note(m_inputs.write(inputs, 0, forCopy()));
}

const DeviceBatch& CudaKernelSet::batchOf(const BatchView& rows) {
    if (!isWithinStep(rows.positions.data())) sendAlone({.rows = rows});
    return m_inputs.batch();
}

}  // namespace sotto::cuda

namespace sotto {

std::span<const std::int32_t> tileTokens() { return cuda::kBlockTokenChoices; }

Result<std::unique_ptr<KernelSet>> createCudaKernels(const CudaKernelOptions& options) {
    return cuda::CudaKernelSet::create(options);
}

}  // namespace sotto
