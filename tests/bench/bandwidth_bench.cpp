// The probe against what it is the roof of: rounds of probeBandwidth(), of plain sums of 64-bit
// words over the same sizes (what compiled code does by itself), and of the kernels of Q4_K and
// Q8_0 for one token, one after the other, so that a busy minute of the machine meets all of them.
//
//   bandwidth_bench [ROUNDS]
//
// Best and median of the rounds, GB/s, for one thread and for the default. Not a test.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/cpu_features.h"
#include "engine/device/buffer.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/kernels/cpu/bandwidth_probe.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/quant/quantize_reference.h"

using namespace sotto;

namespace {

constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

double secondsOf(const auto& body) {
    const auto start = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

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

// Median of `nPasses` over 256 MiB per thread.
double sumsGbS(ThreadPool& pool, const Buffer& buffer, int nPasses) {
    const auto nPieces = static_cast<std::int64_t>(buffer.bytes() / kPieceBytes);
    std::atomic<std::uint64_t> sum{0};
    std::vector<double> rates;
    for (int pass = 0; pass < nPasses; ++pass) {
        const double seconds = secondsOf([&] {
            pool.parallelFor(nPieces, [&](std::int64_t piece, int) {
                const std::byte* const at =
                    buffer.data() + static_cast<std::size_t>(piece) * kPieceBytes;
                sum += sumWords(reinterpret_cast<const std::uint64_t*>(at), kPieceBytes / 8);
            });
        });
        rates.push_back(static_cast<double>(buffer.bytes()) / seconds / 1e9);
    }
    std::sort(rates.begin(), rates.end());
    return sum == 0 ? 0 : rates[rates.size() / 2];
}

// The gate and up matrices of llama-1b, so many that no cache holds them; best of `nPasses` walks.
class KernelRate {
public:
    KernelRate(KernelSet& kernels, DType type) : m_kernels(kernels) {
        const std::size_t bytesOfRow = rowBytes(type, kCols);
        std::vector<float> row(kCols);
        for (std::size_t col = 0; col < row.size(); ++col)
            row[col] = static_cast<float>(static_cast<int>(col * 40503u & 0xfff) - 2048) / 4096.0f;
        std::vector<std::byte> file(bytesOfRow * kRows);
        quantizeRow(type, row, {file.data(), bytesOfRow});
        for (std::size_t index = 1; index < kRows; ++index)
            std::memcpy(file.data() + index * bytesOfRow, file.data(), bytesOfRow);
        const std::size_t nWeights = (std::size_t{1} << 30) / file.size();
        for (std::size_t copy = 0; copy < nWeights; ++copy)
            m_weights.push_back(m_kernels.prepareWeight({file.data(), type, kCols, kRows}).value());
        m_bytes = static_cast<double>(file.size() * nWeights);
    }

    double bestGbS(int nPasses) {
        double best = 0;
        for (int pass = 0; pass < nPasses; ++pass)
            best = std::max(
                best,
                m_bytes / 1e9 / secondsOf([&] {
                    for (const auto& weight : m_weights) {
                        const LinearTarget target{
                            .weight = weight.get(), .out = m_out.data(), .isAccumulating = false};
                        m_kernels.linear({.x = m_x.data(), .nTokens = 1, .targets = {&target, 1}});
                    }
                }));
        return best;
    }

private:
    static constexpr std::size_t kCols = 2048, kRows = 16384;

    KernelSet& m_kernels;
    std::vector<std::unique_ptr<Weight>> m_weights;
    std::vector<float> m_x = std::vector<float>(kCols, 0.5f);
    std::vector<float> m_out = std::vector<float>(kRows);
    double m_bytes = 0;
};

void print(const char* name, int nThreads, std::vector<double> rates) {
    std::sort(rates.begin(), rates.end());
    fmt::print("{:12} {:2} threads  best {:6.1f} GB/s  median {:6.1f} GB/s\n", name, nThreads,
               rates.back(), rates[rates.size() / 2]);
}

void bench(int nThreads, int nRounds) {
    const auto kernels = createCpuKernels({nThreads, std::nullopt});
    if (!kernels->reserve({1, 8192, 32, 4096})) return;
    ThreadPool pool(nThreads);
    const Buffer buffer =
        allocateHostBuffer((std::size_t{256} << 20) * static_cast<std::size_t>(nThreads)).value();
    std::memset(buffer.data(), 1, buffer.bytes());
    KernelRate q4(*kernels, DType::Q4_K);
    KernelRate q8(*kernels, DType::Q8_0);
    std::vector<double> sums, probes, fours, eights;
    for (int round = 0; round < nRounds; ++round) {
        sums.push_back(sumsGbS(pool, buffer, 7));
        probes.push_back(probeBandwidth({.nThreads = nThreads})->readGbS);
        fours.push_back(q4.bestGbS(3));
        eights.push_back(q8.bestGbS(3));
    }
    print("word sums", nThreads, sums);
    print("probe", nThreads, probes);
    print("Q4_K kernel", nThreads, fours);
    print("Q8_0 kernel", nThreads, eights);
}

}  // namespace

int main(int argc, char** argv) {
    const int nRounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 7;
    fmt::print("{}\n", isaName(bestIsa()));
    bench(1, nRounds);
    if (const int nThreads = cpuInfo().defaultThreads(); nThreads > 1) bench(nThreads, nRounds);
    return 0;
}
