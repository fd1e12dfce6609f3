// warp.h, vector_load.h and async_copy.h on the emulator.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include <QtTest>

#include "engine/kernels/cuda/common/async_copy.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/vector_load.h"
#include "engine/kernels/cuda/common/warp.h"
#include "tests/support/simt/control.h"

namespace cuda = sotto::cuda;
using sotto::cuda::launch;
using sotto::cuda::LaunchStream;

namespace {

template <int kLanes>
__global__ void groupKernel(const float* in, float* sums, int* largest) {
    const unsigned thread = threadIdx.x;
    sums[thread] = cuda::groupSum<kLanes>(in[thread]);
    largest[thread] = cuda::groupMax<kLanes>(static_cast<int>(in[thread]));
}

__global__ void warpKernel(const float* in, float* sums, float* largest, unsigned* largestBits) {
    const unsigned thread = threadIdx.x;
    sums[thread] = cuda::warpSum(in[thread]);
    largest[thread] = cuda::warpMax(in[thread]);
    largestBits[thread] = cuda::warpMax(__float_as_uint(in[thread]) & 0x7fffffffu);
}

__global__ void loadKernel(const std::byte* in, uint4* out, int shift) {
    const std::byte* const own = in + 16 * threadIdx.x + shift;
    cuda::prefetchL2(own);
    const uint4 streamed = cuda::loadStreaming(own);
    const uint4 cached = cuda::loadCached(own);
    out[threadIdx.x] = make_uint4(streamed.x, streamed.y, cached.z, cached.w);
}

// Two stages: stage s + 1 is on its way while stage s is summed.
template <bool kIsWaiting, bool kHasBarrier>
__global__ void stagesKernel(const uint4* in, unsigned* out, int nStages) {
    SOTTO_DYNAMIC_SHARED(uint4, shared);
    const unsigned thread = threadIdx.x;
    const auto start = [&](int stage) {
        cuda::copyAsync16(&shared[stage % 2 * 64 + thread], &in[stage * 64 + thread]);
    };
    unsigned sum = 0;
    start(0);
    cuda::copyAsyncCommit();
    for (int stage = 0; stage < nStages; ++stage) {
        if (stage + 1 < nStages) start(stage + 1);
        cuda::copyAsyncCommit();
        if constexpr (kIsWaiting) cuda::copyAsyncWait<1>();
        if constexpr (kHasBarrier) __syncthreads();
        // A neighbour's word, so that the barrier is needed.
        sum += shared[stage % 2 * 64 + (thread + 33) % 64].x;
        if constexpr (kHasBarrier) __syncthreads();
    }
    out[thread] = sum;
}

template <bool kIsWaiting, bool kHasBarrier>
std::vector<unsigned> stageSums(std::uint64_t seed) {
    simt::setThreadOrderSeed(seed);
    constexpr int kStages = 5;
    std::vector<uint4> in(64 * kStages);
    for (std::size_t at = 0; at < in.size(); ++at) in[at].x = static_cast<unsigned>(at * at);
    std::vector<unsigned> out(64);
    launch(stagesKernel<kIsWaiting, kHasBarrier>, dim3(1), dim3(64), 2 * 64 * sizeof(uint4),
           LaunchStream{}, static_cast<const uint4*>(in.data()), out.data(), kStages);
    return out;
}

std::vector<unsigned> expectedStageSums() {
    std::vector<unsigned> expected(64);
    for (unsigned thread = 0; thread < 64; ++thread)
        for (unsigned stage = 0; stage < 5; ++stage) {
            const unsigned at = stage * 64 + (thread + 33) % 64;
            expected[thread] += at * at;
        }
    return expected;
}

}  // namespace

class CommonWrappersTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void groups_sumTheirLanesOnly();
    void warps_sumInTheButterflysOrder();
    void loads_takeSixteenBytes();
    void loads_reportAnOddAddress();
    void asyncCopies_arriveWhenWaitedFor();
    void asyncCopies_showAMissingWait();
    void asyncCopies_showAMissingBarrier();
};

namespace {

template <int kLanes>
void checkGroups() {
    std::vector<float> in(96);
    std::iota(in.begin(), in.end(), -20.0f);
    std::vector<float> sums(in.size());
    std::vector<int> largest(in.size());
    launch(groupKernel<kLanes>, dim3(1), dim3(96), 0, LaunchStream{},
           static_cast<const float*>(in.data()), sums.data(), largest.data());
    for (std::size_t thread = 0; thread < in.size(); ++thread) {
        const auto first = in.begin() + static_cast<std::ptrdiff_t>(thread / kLanes * kLanes);
        QCOMPARE(sums[thread], std::accumulate(first, first + kLanes, 0.0f));  // small integers
        QCOMPARE(largest[thread], static_cast<int>(*(first + kLanes - 1)));
    }
}

}  // namespace

void CommonWrappersTest::groups_sumTheirLanesOnly() {
    checkGroups<1>();
    checkGroups<2>();
    checkGroups<4>();
    checkGroups<8>();
    checkGroups<16>();
    checkGroups<32>();
}

void CommonWrappersTest::warps_sumInTheButterflysOrder() {
    std::vector<float> in(64);
    for (std::size_t at = 0; at < in.size(); ++at)
        in[at] = std::ldexp(std::sin(static_cast<float>(at)), static_cast<int>(at % 20));
    in[40] = -1e9f;
    // The order by hand: halves are folded onto each other.
    std::vector<float> expected(2);
    for (std::size_t warp = 0; warp < 2; ++warp) {
        std::vector<float> row(in.begin() + static_cast<std::ptrdiff_t>(32 * warp),
                               in.begin() + static_cast<std::ptrdiff_t>(32 * warp + 32));
        for (std::size_t half = 16; half > 0; half /= 2)
            for (std::size_t lane = 0; lane < half; ++lane) row[lane] += row[lane + half];
        expected[warp] = row[0];
    }
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        simt::setThreadOrderSeed(seed);
        std::vector<float> sums(64);
        std::vector<float> largest(64);
        std::vector<unsigned> bits(64);
        launch(warpKernel, dim3(1), dim3(64), 0, LaunchStream{},
               static_cast<const float*>(in.data()), sums.data(), largest.data(), bits.data());
        for (std::size_t thread = 0; thread < 64; ++thread) {
            QCOMPARE(std::bit_cast<unsigned>(sums[thread]),
                     std::bit_cast<unsigned>(expected[thread / 32]));
            const auto first = in.begin() + static_cast<std::ptrdiff_t>(thread / 32 * 32);
            QCOMPARE(largest[thread], *std::max_element(first, first + 32));
            const float widest = *std::max_element(
                first, first + 32, [](float a, float b) { return std::fabs(a) < std::fabs(b); });
            QCOMPARE(bits[thread], std::bit_cast<unsigned>(std::fabs(widest)));
        }
    }
}

void CommonWrappersTest::loads_takeSixteenBytes() {
    std::vector<uint4> in(32);
    for (unsigned at = 0; at < 32; ++at) in[at] = make_uint4(at, ~at, at << 8, at * at);
    std::vector<uint4> out(32);
    launch(loadKernel, dim3(1), dim3(32), 0, LaunchStream{},
           reinterpret_cast<const std::byte*>(in.data()), out.data(), 0);
    QVERIFY(std::memcmp(in.data(), out.data(), sizeof(uint4) * 32) == 0);
}

void CommonWrappersTest::loads_reportAnOddAddress() {
    std::string report;
    simt::setReportHandler([&](const std::string& text) { report = text; });
    std::vector<uint4> in(33);
    std::vector<uint4> out(32);
    launch(loadKernel, dim3(1), dim3(32), 0, LaunchStream{},
           reinterpret_cast<const std::byte*>(in.data()), out.data(), 4);
    QVERIFY2(report.find("not a multiple of 16") != std::string::npos, report.c_str());
    simt::reset();
}

void CommonWrappersTest::asyncCopies_arriveWhenWaitedFor() {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        const auto sums = stageSums<true, true>(seed);
        QCOMPARE(sums, expectedStageSums());
    }
}

void CommonWrappersTest::asyncCopies_showAMissingWait() {
    const auto sums = stageSums<false, true>(0);
    QVERIFY(sums != expectedStageSums());
}

void CommonWrappersTest::asyncCopies_showAMissingBarrier() {
    bool isWrongOnce = false;
    for (std::uint64_t seed = 0; seed < 4; ++seed)
        isWrongOnce |= stageSums<true, false>(seed) != expectedStageSums();
    QVERIFY(isWrongOnce);
}

QTEST_GUILESS_MAIN(CommonWrappersTest)
#include "common_wrappers_test.moc"
