#include "engine/kernels/cpu/bandwidth_probe.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/cpu_features.h"
#include "base/rounding.h"
#include "engine/device/buffer.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/device/cuda/cuda_devices.h"
#include "engine/device/system_memory.h"
#include "engine/kernels/cpu/kernel_table.h"

namespace sotto {
namespace {

// A huge page. A thread that the system stops for a moment hands its remaining pieces to the
// others, as the kernels' chunks do.
constexpr std::size_t kPieceBytes = std::size_t{2} << 20;
constexpr std::size_t kBytesPerThread = std::size_t{256} << 20;
// Walking round a buffer, a cache that keeps what was used last has nothing of it; those of today
// keep a part, which is then at most a third.
constexpr std::size_t kCacheMultiple = 3;
// Half of a buffer that is smaller still would be the cache's.
constexpr std::size_t kLeastCacheMultiple = 2;
// More than most processors have.
constexpr std::size_t kUnknownCacheBytes = std::size_t{64} << 20;
constexpr int kStreams[] = {1, 2, 4, 8};
// Long enough that starting the threads does not count, short enough to find a quiet moment.
constexpr double kPassSeconds = 0.02;

// The buffer and its place in the walk round it.
struct Walk {
    ThreadPool& pool;
    std::byte* data = nullptr;
    std::int64_t nPieces = 0;
    const std::atomic<bool>* isCancelled = nullptr;
    std::int64_t next = 0;

    bool isEnded() const { return isCancelled != nullptr && isCancelled->load(); }
    std::byte* piece(std::int64_t index) const {
        return data + static_cast<std::size_t>(index % nPieces) * kPieceBytes;
    }
    // piece(index) for the next `count` pieces; seconds.
    template <typename Piece>
    double pass(std::int64_t count, const Piece& onPiece) {
        const auto start = std::chrono::steady_clock::now();
        pool.parallelFor(count, [&](std::int64_t index, int) {
            if (!isEnded()) onPiece(next + index);
        });
        next += count;
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
};

// The best rate of the passes; onPiece(index, pass) moves `bytesPerPiece`. A pass has at most
// `most` pieces.
template <typename Piece>
Result<double> bestGbS(Walk& walk, int nPasses, std::int64_t most, std::size_t bytesPerPiece,
                       const Piece& onPiece) {
    const std::int64_t fewest = std::min<std::int64_t>(2 * walk.pool.nThreads(), most);
    std::int64_t count = fewest;
    double best = 0;
    // The first one wakes the cores and tells how long the others are.
    for (int pass = -1; pass < nPasses; ++pass) {
        const double seconds =
            walk.pass(count, [&](std::int64_t index) { onPiece(index, std::max(0, pass)); });
        if (walk.isEnded()) return fail(ErrorCode::Cancelled, "The measurement was cancelled.");
        const double piecesPerSecond = static_cast<double>(count) / seconds;
        if (pass >= 0)
            best = std::max(best, piecesPerSecond * static_cast<double>(bytesPerPiece) / 1e9);
        count = std::clamp(static_cast<std::int64_t>(piecesPerSecond * kPassSeconds), fewest, most);
    }
    return best;
}

std::size_t knownCacheBytes(std::size_t lastLevelCacheBytes) {
    return lastLevelCacheBytes != 0 ? lastLevelCacheBytes : kUnknownCacheBytes;
}

}  // namespace

std::size_t probeBytes(int nThreads, std::size_t lastLevelCacheBytes,
                       std::uint64_t availableBytes) {
    const std::size_t cacheBytes = knownCacheBytes(lastLevelCacheBytes);
    const std::size_t usual =
        std::max(kBytesPerThread * static_cast<std::size_t>(nThreads), kCacheMultiple * cacheBytes);
    const std::size_t least = kLeastCacheMultiple * cacheBytes;
    const std::size_t bytes = std::clamp<std::size_t>(availableBytes / 4, least, usual);
    return bytes <= availableBytes / 2 ? roundUp(bytes, 2 * kPieceBytes) : 0;
}

Result<BandwidthMeasurement> probeBandwidth(const BandwidthProbeOptions& options) {
    ThreadPool pool(options.nThreads);
    const std::size_t cacheBytes = cpuInfo().lastLevelCacheBytes;
    const std::uint64_t available = options.availableBytes.value_or(systemMemory().availableBytes);
    const std::size_t bytes = options.bytes != 0
                                  ? roundUp(options.bytes, 2 * kPieceBytes)
                                  : probeBytes(pool.nThreads(), cacheBytes, available);
    if (bytes == 0) {
        Error error{ErrorCode::OutOfMemory,
                    "Too little memory is free to measure how fast it is. Close other programs.",
                    {}};
        error.needed = 2 * kLeastCacheMultiple * knownCacheBytes(cacheBytes);
        error.available = available;
        return fail(std::move(error));
    }
    SOTTO_ASSIGN(const Buffer buffer, allocateHostBuffer(bytes));
    Walk walk{pool, buffer.data(), static_cast<std::int64_t>(bytes / kPieceBytes),
              options.isCancelled};
    // Pages that were never written are all one page of the system.
    walk.pass(walk.nPieces,
              [&](std::int64_t index) { std::memset(walk.piece(index), 1, kPieceBytes); });

    const auto readMemory = cpu::kernelTable(cpu::usableIsa())->readMemory;
    std::atomic<std::uint64_t> seen{0};
    BandwidthMeasurement result;
    SOTTO_ASSIGN(
        result.readGbS,
        bestGbS(walk, options.nPasses, walk.nPieces, kPieceBytes,
                [&](std::int64_t index, int pass) {
                    seen.fetch_or(
                        readMemory(walk.piece(index), kPieceBytes,
                                   kStreams[static_cast<std::size_t>(pass) % std::size(kStreams)]),
                        std::memory_order_relaxed);
                }));
    // What was read must be used, or the compiler may drop the reading.
    if (seen == 0) return fail(ErrorCode::Internal, "The bandwidth probe read back nothing.");
    // The first half into the second.
    const std::int64_t half = walk.nPieces / 2;
    SOTTO_ASSIGN(result.copyGbS, bestGbS(walk, (options.nPasses + 1) / 2, half, 2 * kPieceBytes,
                                         [&](std::int64_t index, int) {
                                             std::memcpy(walk.piece(index % half + half),
                                                         walk.piece(index % half), kPieceBytes);
                                         }));
    return result;
}

BandwidthMeasurement measureBandwidth(int nThreads, const std::atomic<bool>* isCancelled) {
    // A machine without room for the buffer has no figure: zeros, which callers show as unknown.
    return probeBandwidth({.nThreads = nThreads, .isCancelled = isCancelled})
        .value_or(BandwidthMeasurement{});
}

Result<BandwidthMeasurement> measureDeviceBandwidth(const std::string& deviceId, int nThreads) {
    if (deviceId == "cpu") return measureBandwidth(nThreads);
    return measureCudaBandwidth(deviceId);
}

}  // namespace sotto
