#include "engine/device/bandwidth_probe.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include "engine/device/buffer.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/device/system_memory.h"

namespace sotto {
namespace {

// One pass of each thread is cut into pieces, so that a thread that the system stops for a moment
// hands its remaining pieces to the others, as the kernels' chunks do.
constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

// Eight independent sums of 64-bit words: enough loads in flight for the baseline instruction set;
// the compiler makes vectors of them.
std::uint64_t sumWords(const std::uint64_t* words, std::size_t nWords) {
    std::uint64_t sums[8] = {};
    for (std::size_t word = 0; word + 8 <= nWords; word += 8) {
        __builtin_prefetch(words + word + 512);
        for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += words[word + lane];
    }
    std::uint64_t sum = 0;
    for (const std::uint64_t lane : sums) sum += lane;
    return sum;
}

template <typename Pass>
Result<double> medianGbS(const BandwidthProbeOptions& options, double bytesPerPass,
                         const Pass& pass) {
    std::vector<double> rates;
    pass();  // touches every page and wakes the cores
    for (int index = 0; index < options.nPasses; ++index) {
        if (options.isCancelled != nullptr && *options.isCancelled)
            return fail(ErrorCode::Cancelled, "The measurement was cancelled.");
        const auto start = std::chrono::steady_clock::now();
        pass();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        rates.push_back(bytesPerPass / seconds.count() / 1e9);
    }
    std::sort(rates.begin(), rates.end());
    return rates[rates.size() / 2];
}

}  // namespace

Result<BandwidthMeasurement> probeBandwidth(const BandwidthProbeOptions& options) {
    ThreadPool pool(options.nThreads);
    // At most a quarter of what is free: measuring must not push anything out of memory.
    const std::size_t allowed = systemMemory().availableBytes / 4;
    std::size_t bytes = options.bytesPerThread * static_cast<std::size_t>(pool.nThreads());
    bytes =
        std::max(std::min(bytes, allowed), 2 * kPieceBytes) / (2 * kPieceBytes) * 2 * kPieceBytes;
    Buffer buffer;
    SOTTO_ASSIGN(buffer, allocateHostBuffer(bytes));
    std::byte* data = buffer.data();
    const auto nPieces = static_cast<std::int64_t>(bytes / kPieceBytes);
    const auto pieceAt = [&](std::int64_t piece) {
        return data + static_cast<std::size_t>(piece) * kPieceBytes;
    };
    // Zero pages would all be one page of the system: write before reading.
    pool.parallelFor(nPieces, [&](std::int64_t piece, int) {
        std::memset(pieceAt(piece), static_cast<int>(piece & 0x7f) + 1, kPieceBytes);
    });

    BandwidthMeasurement result;
    std::vector<std::uint64_t> sums(static_cast<std::size_t>(nPieces));
    SOTTO_ASSIGN(result.readGbS, medianGbS(options, static_cast<double>(bytes), [&] {
                     pool.parallelFor(nPieces, [&](std::int64_t piece, int) {
                         sums[static_cast<std::size_t>(piece)] =
                             sumWords(reinterpret_cast<const std::uint64_t*>(pieceAt(piece)),
                                      kPieceBytes / 8);
                     });
                 }));
    // The sums must be used, or the compiler may drop the reading.
    if (std::count(sums.begin(), sums.end(), 0u) == nPieces)
        return fail(ErrorCode::Internal, "The bandwidth probe read back nothing.");
    SOTTO_ASSIGN(result.copyGbS, medianGbS(options, static_cast<double>(bytes), [&] {
                     pool.parallelFor(nPieces / 2, [&](std::int64_t piece, int) {
                         std::memcpy(pieceAt(nPieces / 2 + piece), pieceAt(piece), kPieceBytes);
                     });
                 }));
    return result;
}

BandwidthMeasurement measureBandwidth(int nThreads, const std::atomic<bool>* isCancelled) {
    // A machine without room for the buffers has no figure: zeros, which callers show as unknown.
    return probeBandwidth({.nThreads = nThreads, .isCancelled = isCancelled})
        .value_or(BandwidthMeasurement{});
}

}  // namespace sotto
