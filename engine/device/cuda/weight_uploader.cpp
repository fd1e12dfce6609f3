#include "engine/device/cuda/weight_uploader.h"

#include <algorithm>
#include <cstring>

#include "base/cpu_features.h"
#include "engine/device/cuda/cuda_error.h"

namespace sotto::cuda {
namespace {

// Below this the calls cost more than the copies.
constexpr std::size_t kSmallestSlot = std::size_t{1} << 20;
// What one thread copies at a time: a few pages of 2 MiB would be read ahead anyway, and eight
// threads share a slot evenly.
constexpr std::size_t kFillBytes = std::size_t{1} << 20;
// More threads do not make a memory or disk faster that eight cannot fill.
constexpr int kMaxThreads = 8;

}  // namespace

Result<WeightUploader> WeightUploader::create(const WeightUploaderOptions& options) {
    WeightUploader uploader;
    uploader.m_slots.resize(static_cast<std::size_t>(std::max(options.nSlots, 2)));
    for (Slot& slot : uploader.m_slots) {
        SOTTO_ASSIGN(slot.stream, Stream::create());
        SOTTO_ASSIGN(slot.copied, Event::create(Event::Kind::Order));
    }
    // Page-locked memory is scarce; smaller slots are slower, not wrong.
    std::size_t bytes = options.slotBytes;
    Status allocated = uploader.allocateSlots(bytes);
    while (!allocated && allocated.error().code == ErrorCode::OutOfMemory &&
           bytes / 2 >= kSmallestSlot) {
        bytes /= 2;
        allocated = uploader.allocateSlots(bytes);
    }
    SOTTO_TRY(std::move(allocated));
    const int nThreads =
        options.nThreads > 0 ? options.nThreads : std::min(cpuInfo().defaultThreads(), kMaxThreads);
    uploader.m_threads = std::make_unique<ThreadPool>(nThreads);
    return uploader;
}

WeightUploader::~WeightUploader() {
    // The card may still be reading from the memory that goes now.
    static_cast<void>(finish());
}

Status WeightUploader::allocateSlots(std::size_t bytes) {
    m_slotBytes = 0;
    for (Slot& slot : m_slots) {
        // Old memory first: both at once might not fit.
        slot.pinned = {};
        slot.staging = {};
    }
    for (Slot& slot : m_slots) {
        SOTTO_ASSIGN(slot.pinned, allocatePinnedBuffer(bytes));
        SOTTO_ASSIGN(slot.staging, allocateDeviceBuffer(bytes, "loading a model"));
    }
    m_slotBytes = bytes;
    return {};
}

Status WeightUploader::upload(const UploadMatrix& matrix, const PieceSink& onPiece,
                              const UploadProgress& onProgress) {
    Status queued = queuePieces(matrix, onPiece, onProgress);
    if (queued) return {};
    // The pieces under way still write to the caller's memory; the first error is the one to tell.
    static_cast<void>(finish());
    return queued;
}

Status WeightUploader::queuePieces(const UploadMatrix& matrix, const PieceSink& onPiece,
                                   const UploadProgress& onProgress) {
    if (matrix.nRows <= 0 || matrix.rowBytes == 0) return {};
    const auto panelRows = static_cast<std::size_t>(std::max<std::int64_t>(matrix.panelRows, 1));
    const auto nRows = static_cast<std::size_t>(matrix.nRows);
    const std::size_t panelBytes = std::min(panelRows, nRows) * matrix.rowBytes;
    if (panelBytes > m_slotBytes) {
        SOTTO_TRY(finish());
        SOTTO_TRY(allocateSlots(panelBytes));
    }
    const std::size_t pieceRows =
        std::max(m_slotBytes / (panelRows * matrix.rowBytes), std::size_t{1}) * panelRows;
    for (std::size_t firstRow = 0; firstRow < nRows; firstRow += pieceRows) {
        const std::size_t nPieceRows = std::min(pieceRows, nRows - firstRow);
        const std::size_t bytes = nPieceRows * matrix.rowBytes;
        Slot& slot = m_slots[m_nextSlot];
        m_nextSlot = (m_nextSlot + 1) % m_slots.size();
        SOTTO_TRY(sendPiece(slot, matrix.source + firstRow * matrix.rowBytes, bytes));
        SOTTO_TRY(onPiece({slot.staging.data(), static_cast<std::int64_t>(firstRow),
                           static_cast<std::int64_t>(nPieceRows), &slot.stream}));
        if (onProgress && !onProgress(bytes))
            return fail(ErrorCode::Cancelled, "Loading was cancelled.");
    }
    return {};
}

Status WeightUploader::sendPiece(Slot& slot, const std::byte* source, std::size_t bytes) {
    // Only the page-locked half needs the host's care: the staging half is written and read by the
    // slot's own stream, in order.
    SOTTO_TRY(slot.copied.synchronize());
    fill(slot.pinned.data(), source, bytes);
    SOTTO_TRY(check(cudaMemcpyAsync(slot.staging.data(), slot.pinned.data(), bytes,
                                    cudaMemcpyHostToDevice, slot.stream.get()),
                    "copying weights to the card"));
    return slot.copied.record(slot.stream);
}

void WeightUploader::fill(std::byte* target, const std::byte* source, std::size_t bytes) {
    const auto nChunks = static_cast<std::int64_t>((bytes + kFillBytes - 1) / kFillBytes);
    m_threads->parallelFor(nChunks, [&](std::int64_t chunk, int) {
        const std::size_t begin = static_cast<std::size_t>(chunk) * kFillBytes;
        std::memcpy(target + begin, source + begin, std::min(kFillBytes, bytes - begin));
    });
}

Status WeightUploader::finish() {
    Status result;
    for (const Slot& slot : m_slots) {
        if (slot.stream.get() == nullptr) continue;
        Status waited = slot.stream.synchronize();
        if (result && !waited) result = std::move(waited);
    }
    return result;
}

}  // namespace sotto::cuda
