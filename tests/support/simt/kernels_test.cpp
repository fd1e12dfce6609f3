// The emulator itself: barriers, collectives, what it reports, what it does to wrong kernels.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <QtTest>

#include "engine/kernels/cuda/common/async_copy.h"
#include "engine/kernels/cuda/common/launch.h"
#include "engine/kernels/cuda/common/vector_load.h"
#include "tests/support/simt/control.h"
#include "tests/support/simt/hopper.h"

using sotto::cuda::launch;
using sotto::cuda::LaunchStream;

namespace {

constexpr unsigned kAll = 0xffffffffu;

__global__ void indexKernel(int* out) {
    const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    const unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const unsigned perBlock = blockDim.x * blockDim.y * blockDim.z;
    atomicAdd(&out[block * perBlock + thread], static_cast<int>(block * 1000 + thread));
}

// Reverses a block's values through shared memory. Without its barrier it reads what later threads
// have not yet written.
template <bool kHasBarrier>
__global__ void reverseKernel(const int* in, int* out) {
    SOTTO_DYNAMIC_SHARED(int, shared);
    const unsigned base = blockIdx.x * blockDim.x;
    shared[threadIdx.x] = in[base + threadIdx.x];
    if constexpr (kHasBarrier) __syncthreads();
    out[base + threadIdx.x] = shared[blockDim.x - 1 - threadIdx.x];
}

// Warp 0 collects what the warps wrote, twice: the second barrier keeps a fast warp from
// overwriting what warp 0 has yet to read.
template <bool kHasSecondBarrier>
__global__ void twoRoundsKernel(int* out) {
    SOTTO_SHARED(int[8], values);
    const unsigned warp = threadIdx.x / 32;
    for (int round = 0; round < 2; ++round) {
        if (threadIdx.x % 32 == 0) values[warp] = static_cast<int>(warp) + 10 * round;
        __syncthreads();
        if (threadIdx.x == 0) {
            int sum = 0;
            for (const int value : values) sum += value;
            out[round] = sum;
        }
        if constexpr (kHasSecondBarrier) __syncthreads();
    }
}

__global__ void shuffleKernel(int* out) {
    const int lane = static_cast<int>(threadIdx.x % 32);
    int* const own = out + threadIdx.x * 8;
    own[0] = __shfl_sync(kAll, lane, 5);
    own[1] = __shfl_sync(kAll, lane, 9, 8);
    own[2] = __shfl_xor_sync(kAll, lane, 4);
    own[3] = __shfl_up_sync(kAll, lane, 3);
    own[4] = __shfl_down_sync(kAll, lane, 2, 16);
    own[5] = static_cast<int>(__ballot_sync(kAll, lane % 3 == 0));
    own[6] = __any_sync(kAll, lane == 7) * 2 + __all_sync(kAll, lane < 31);
    // Halves of the warp apart, with different numbers of steps.
    const unsigned half = lane < 16 ? 0x0000ffffu : 0xffff0000u;
    int sum = lane;
    for (int step = lane < 16 ? 8 : 2; step > 0; step /= 2) sum += __shfl_xor_sync(half, sum, step);
    own[7] = sum;
}

__global__ void voteKernel(int* out) {
    const int thread = static_cast<int>(threadIdx.x);
    const int count = __syncthreads_count(thread % 2);
    const int any = __syncthreads_or(thread == 40);
    const int all = __syncthreads_and(thread != 40);
    out[thread] = count * 4 + any * 2 + all;
}

// The last third of the threads leaves before the barrier, as on the device.
__global__ void earlyExitKernel(int* out) {
    if (threadIdx.x >= 64) return;
    __syncthreads();
    atomicAdd(out, 1);
}

__global__ void divergentBarrierKernel(int* out) {
    if (threadIdx.x < 40) __syncthreads();
    out[threadIdx.x] = 1;
    __syncwarp();
    if (threadIdx.x >= 40) __syncthreads();
}

__global__ void missingBarrierKernel(int*) {
    // The last warp stays in a collective that its other lanes never reach.
    if (threadIdx.x < 65) __syncwarp();
    __syncthreads();
    if (threadIdx.x >= 65 && threadIdx.x < 70) __syncthreads();
}

__global__ void divergentShuffleKernel(int* out) {
    const int lane = static_cast<int>(threadIdx.x);
    if (lane < 16)
        out[lane] = __shfl_xor_sync(kAll, lane, 1);
    else
        out[lane] = __shfl_xor_sync(kAll, lane, 2);
}

__global__ void foreignMaskKernel(int* out) {
    out[threadIdx.x] = __shfl_sync(0x1u, static_cast<int>(threadIdx.x), 0);
}

__global__ void absentLaneKernel(int* out) {
    if (threadIdx.x >= 24) return;
    out[threadIdx.x] = __shfl_xor_sync(kAll, static_cast<int>(threadIdx.x), 16);
}

__global__ void trapKernel(int* out) {
    if (threadIdx.x == 3 && out != nullptr) __trap();
}

__global__ void unwrittenKernel(float* out) {
    SOTTO_DYNAMIC_SHARED(float, shared);
    out[threadIdx.x] = shared[threadIdx.x];
    shared[threadIdx.x] = 1.0f;
}

__global__ void unwrittenStaticKernel(float* out) {
    SOTTO_SHARED(float[32], shared);
    out[blockIdx.x * blockDim.x + threadIdx.x] = shared[threadIdx.x];
    shared[threadIdx.x] = 1.0f;
}

template <std::size_t kBytes>
__global__ void largeStaticKernel(int* out) {
    SOTTO_DYNAMIC_SHARED(int, dynamic);
    SOTTO_SHARED(std::byte[kBytes - 4], most);
    SOTTO_SHARED(int, last);
    most[0] = std::byte{1};
    last = dynamic[0] = 1;
    *out = last + static_cast<int>(most[0]);
}

__global__ void atomicsKernel(int* ints, float* sum, unsigned* turns) {
    const int thread = static_cast<int>(threadIdx.x);
    atomicMax(&ints[0], thread);
    atomicMin(&ints[1], thread - 50);
    atomicSub(&ints[2], 1);
    atomicOr(&ints[3], 1 << (thread % 8));
    int expected = 0;
    do {
        expected = ints[4];
    } while (atomicCAS(&ints[4], expected, expected + 2) != expected);
    atomicAdd(sum, 0.5f);
    atomicInc(turns, 9);
}

// Each block adds its part; the last one to arrive reads the sum.
__global__ void lastBlockKernel(int* parts, unsigned* arrived, int* out) {
    SOTTO_SHARED(bool, isLast);
    if (threadIdx.x == 0) {
        parts[blockIdx.x] = static_cast<int>(blockIdx.x) + 1;
        __threadfence();
        isLast = atomicAdd(arrived, 1u) == gridDim.x - 1;
    }
    __syncthreads();
    if (!isLast || threadIdx.x != 0) return;
    int sum = 0;
    for (unsigned block = 0; block < gridDim.x; ++block) sum += parts[block];
    *out += sum;
}

__global__ void dependentKernel(int* out, bool isWaiting) {
    if (isWaiting) sotto::cuda::gridDependencyWait();
    out[threadIdx.x] = 1;
}

// What the device memory holds, read as weights.
__global__ void weightsKernel(const int* in, int* out) {
    out[threadIdx.x] = static_cast<int>(sotto::cuda::loadCached(in + 4 * threadIdx.x).x);
}

__global__ void writeKernel(int* out, int value) {
    sotto::cuda::gridDependencyWait();
    out[blockIdx.x] = value;
}

// Of each block: what `in` held before the wait, and what it held after.
__global__ void earlyReadKernel(const int* in, int* early, int* late) {
    sotto::cuda::gridDependencyLaunch();
    SOTTO_SHARED(int, value);
    if (threadIdx.x == 0) value = in[blockIdx.x];
    __syncthreads();
    if (threadIdx.x == 33) early[blockIdx.x] = value;
    sotto::cuda::gridDependencyWait();
    if (threadIdx.x == 0) value = in[blockIdx.x];
    __syncthreads();
    if (threadIdx.x == 34) late[blockIdx.x] = value;
}

__global__ void earlyWriteKernel(int* out, int value) {
    out[blockIdx.x] = value;
    sotto::cuda::gridDependencyWait();
}

__global__ void copyKernel(const int* in, int* out) {
    sotto::cuda::gridDependencyWait();
    out[blockIdx.x] = in[blockIdx.x];
}

__global__ void earlyCopyKernel(const int* in, int* out) {
    SOTTO_SHARED(int[4], target);
    sotto::cuda::copyAsync16(target, in);
    sotto::cuda::copyAsyncCommit();
    sotto::cuda::gridDependencyWait();
    sotto::cuda::copyAsyncWait<0>();
    out[0] = target[0];
}

using Kernel = void (*)(int*);

}  // namespace

class SimtKernelsTest : public QObject {
    Q_OBJECT

    std::string m_report;
    LaunchStream m_on;

    void collectReports() {
        simt::setReportHandler([this](const std::string& text) { m_report = text; });
    }

    bool isReported(const char* text) const { return m_report.find(text) != std::string::npos; }

private slots:
    void init() {
        simt::reset();
        m_report.clear();
    }
    void indices_coverGridAndBlockOnce_data();
    void indices_coverGridAndBlockOnce();
    void barrier_separatesWritesFromReads();
    void barrier_itsAbsenceShowsInSomeOrder();
    void barrier_betweenRoundsIsNeededInSomeOrder();
    void shuffles_followTheManual();
    void votes_countTheWholeBlock();
    void barrier_doesNotWaitForThreadsThatEnded();
    void report_namesDivergence_data();
    void report_namesDivergence();
    void report_makesTheDeviceUnusable();
    void sharedMemory_holdsNanBeforeTheFirstWrite();
    void staticSharedMemory_holdsNanInEveryBlock();
    void staticSharedMemory_hasItsShareBesideDynamic();
    void atomics_updateOnceEach();
    void lastBlock_seesAllOthers();
    void programmaticLaunch_mustWait();
    void weights_areReadFromMemoryMarkedReadOnly();
    void programmaticLaunch_beginsBeforeTheKernelInFront_data();
    void programmaticLaunch_beginsBeforeTheKernelInFront();
    void programmaticLaunch_beginsBehindOneThatLetItIn();
    void programmaticLaunch_copiesWhatWasThereBeforeItsWait();
};

void SimtKernelsTest::indices_coverGridAndBlockOnce_data() {
    QTest::addColumn<int>("seed");
    QTest::newRow("ascending") << 0;
    QTest::newRow("random") << 7;
}

void SimtKernelsTest::indices_coverGridAndBlockOnce() {
    QFETCH(int, seed);
    simt::setThreadOrderSeed(static_cast<std::uint64_t>(seed));
    constexpr int kBlocks = 3 * 2 * 2;
    constexpr int kThreads = 5 * 3 * 4;
    std::vector<int> out(kBlocks * kThreads, 0);
    launch(indexKernel, dim3(3, 2, 2), dim3(5, 3, 4), 0, m_on, out.data());
    for (int block = 0; block < kBlocks; ++block)
        for (int thread = 0; thread < kThreads; ++thread)
            QCOMPARE(out[static_cast<std::size_t>(block * kThreads + thread)],
                     block * 1000 + thread);
}

namespace {

template <bool kHasBarrier>
std::vector<int> reversed(std::uint64_t seed, const LaunchStream& on) {
    simt::setThreadOrderSeed(seed);
    std::vector<int> in(2 * 96);
    std::iota(in.begin(), in.end(), 0);
    std::vector<int> out(in.size(), -7);
    launch(reverseKernel<kHasBarrier>, dim3(2), dim3(96), 96 * sizeof(int), on,
           static_cast<const int*>(in.data()), out.data());
    return out;
}

template <bool kHasSecondBarrier>
std::vector<int> roundSums(std::uint64_t seed, const LaunchStream& on) {
    simt::setThreadOrderSeed(seed);
    std::vector<int> out(2, -1);
    launch(twoRoundsKernel<kHasSecondBarrier>, dim3(1), dim3(256), 0, on, out.data());
    return out;
}

}  // namespace

void SimtKernelsTest::barrier_separatesWritesFromReads() {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto out = reversed<true>(seed, m_on);
        for (int thread = 0; thread < 96; ++thread)
            QCOMPARE(out[static_cast<std::size_t>(96 + thread)], 96 + 95 - thread);
    }
}

void SimtKernelsTest::barrier_itsAbsenceShowsInSomeOrder() {
    std::set<std::vector<int>> results;
    for (std::uint64_t seed = 0; seed < 8; ++seed) results.insert(reversed<false>(seed, m_on));
    QVERIFY(results.size() > 1);
    QVERIFY(!results.contains(reversed<true>(0, m_on)));
}

void SimtKernelsTest::barrier_betweenRoundsIsNeededInSomeOrder() {
    const std::vector<int> expected{28, 28 + 80};
    bool isWrongOnce = false;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        QCOMPARE(roundSums<true>(seed, m_on), expected);
        isWrongOnce |= roundSums<false>(seed, m_on) != expected;
    }
    QVERIFY(isWrongOnce);
}

void SimtKernelsTest::shuffles_followTheManual() {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        simt::setThreadOrderSeed(seed);
        std::vector<int> out(64 * 8, -1);
        launch(shuffleKernel, dim3(1), dim3(64), 0, m_on, out.data());
        for (int thread = 0; thread < 64; ++thread) {
            const int lane = thread % 32;
            const int* const own = out.data() + thread * 8;
            QCOMPARE(own[0], 5);
            QCOMPARE(own[1], lane / 8 * 8 + 1);
            QCOMPARE(own[2], lane ^ 4);
            QCOMPARE(own[3], lane < 3 ? lane : lane - 3);
            QCOMPARE(own[4], lane % 16 >= 14 ? lane : lane + 2);
            QCOMPARE(static_cast<unsigned>(own[5]), 0x49249249u);
            QCOMPARE(own[6], 2);
            // Lanes 0-15: their sum, 120. Lanes 16-31: the sum of four neighbours.
            QCOMPARE(own[7], lane < 16 ? 120 : lane / 4 * 16 + 6);
        }
    }
}

void SimtKernelsTest::votes_countTheWholeBlock() {
    std::vector<int> out(96, -1);
    launch(voteKernel, dim3(1), dim3(96), 0, m_on, out.data());
    for (const int value : out) QCOMPARE(value, 48 * 4 + 2);
}

void SimtKernelsTest::barrier_doesNotWaitForThreadsThatEnded() {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        simt::setThreadOrderSeed(seed);
        int count = 0;
        launch(earlyExitKernel, dim3(1), dim3(96), 0, m_on, &count);
        QCOMPARE(count, 64);
    }
}

void SimtKernelsTest::report_namesDivergence_data() {
    QTest::addColumn<Kernel>("kernel");
    QTest::addColumn<int>("nThreads");
    QTest::addColumn<QString>("words");
    QTest::newRow("barriers on two lines")
        << Kernel(divergentBarrierKernel) << 96 << "divergent barrier,divergentBarrierKernel";
    QTest::newRow("barrier that some skip")
        << Kernel(missingBarrierKernel) << 96 << "divergent,missingBarrierKernel,threads 65 to 95";
    QTest::newRow("shuffles on two lines")
        << Kernel(divergentShuffleKernel) << 32 << "divergent warp,divergentShuffleKernel";
    QTest::newRow("mask without its own lane")
        << Kernel(foreignMaskKernel) << 32 << "is not in the mask 0x00000001,foreignMaskKernel";
    QTest::newRow("value of an absent lane")
        << Kernel(absentLaneKernel) << 32 << "which takes no part in it,grid (1; 1; 1)";
    QTest::newRow("trap") << Kernel(trapKernel) << 32 << "__trap(),thread 3 (3; 0; 0)";
}

void SimtKernelsTest::report_namesDivergence() {
    QFETCH(Kernel, kernel);
    QFETCH(int, nThreads);
    QFETCH(QString, words);
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        simt::reset();
        simt::setThreadOrderSeed(seed);
        collectReports();
        m_report.clear();
        std::vector<int> out(static_cast<std::size_t>(nThreads));
        launch(kernel, dim3(1), dim3(static_cast<unsigned>(nThreads)), 0, m_on, out.data());
        QCOMPARE(cudaGetLastError(), cudaErrorLaunchFailure);
        for (const QString& word : words.split(','))
            QVERIFY2(QString::fromStdString(m_report).contains(QString(word).replace(';', ',')),
                     (word.toStdString() + " in: " + m_report).c_str());
        QVERIFY(m_report.find("kernels_test.cpp") != std::string::npos);
    }
}

void SimtKernelsTest::report_makesTheDeviceUnusable() {
    collectReports();
    std::vector<int> out(32, 0);
    launch(trapKernel, dim3(1), dim3(32), 0, m_on, out.data());
    launch(earlyExitKernel, dim3(1), dim3(32), 0, m_on, out.data());
    QCOMPARE(out[0], 0);
    QCOMPARE(cudaDeviceSynchronize(), cudaErrorLaunchFailure);
    simt::reset();
    launch(earlyExitKernel, dim3(1), dim3(32), 0, m_on, out.data());
    QCOMPARE(cudaDeviceSynchronize(), cudaSuccess);
    QCOMPARE(out[0], 32);
}

void SimtKernelsTest::sharedMemory_holdsNanBeforeTheFirstWrite() {
    for (int blocks = 1; blocks <= 2; ++blocks) {
        std::vector<float> out(64, 0.0f);
        launch(unwrittenKernel, dim3(static_cast<unsigned>(blocks)), dim3(64), 64 * sizeof(float),
               m_on, out.data());
        for (const float value : out) QVERIFY(std::isnan(value));
    }
}

void SimtKernelsTest::staticSharedMemory_holdsNanInEveryBlock() {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        simt::setThreadOrderSeed(seed);
        std::vector<float> out(4 * 32, 0.0f);
        launch(unwrittenStaticKernel, dim3(4), dim3(32), 0, m_on, out.data());
        for (const float value : out) QVERIFY(std::isnan(value));
    }
}

void SimtKernelsTest::staticSharedMemory_hasItsShareBesideDynamic() {
    collectReports();
    int out = 0;
    launch(largeStaticKernel<8192>, dim3(1), dim3(1), 16, m_on, &out);
    QVERIFY2(m_report.empty(), m_report.c_str());
    QCOMPARE(out, 2);
    const simt::SharedMemoryUse use = simt::sharedMemoryUse().at(0);
    QCOMPARE(use.dynamicBytes + use.staticBytes, std::size_t{16 + 8192});
    launch(largeStaticKernel<8196>, dim3(1), dim3(1), 16, m_on, &out);
    QVERIFY2(isReported("8196 bytes of static shared memory"), m_report.c_str());
    simt::reset();
}

void SimtKernelsTest::atomics_updateOnceEach() {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        simt::setThreadOrderSeed(seed);
        std::vector<int> ints{0, 0, 0, 0, 0};
        float sum = 0.0f;
        unsigned turns = 0;
        launch(atomicsKernel, dim3(1), dim3(100), 0, m_on, ints.data(), &sum, &turns);
        QCOMPARE(ints, (std::vector<int>{99, -50, -100, 255, 200}));
        QCOMPARE(sum, 50.0f);
        QCOMPARE(turns, 0u);  // 100 steps of a counter of ten values
    }
}

void SimtKernelsTest::lastBlock_seesAllOthers() {
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
        simt::setThreadOrderSeed(seed);
        std::vector<int> parts(9, 0);
        unsigned arrived = 0;
        int out = 0;
        launch(lastBlockKernel, dim3(9), dim3(64), 0, m_on, parts.data(), &arrived, &out);
        QCOMPARE(out, 45);
    }
}

void SimtKernelsTest::programmaticLaunch_mustWait() {
    simt::useHopper();
    collectReports();
    std::vector<int> out(32, 0);
    const LaunchStream on{nullptr, true};
    launch(dependentKernel, dim3(2), dim3(32), 0, on, out.data(), true);
    QCOMPARE(cudaDeviceSynchronize(), cudaSuccess);
    launch(dependentKernel, dim3(2), dim3(32), 0, on, out.data(), false);
    QCOMPARE(cudaDeviceSynchronize(), cudaErrorLaunchFailure);
    QVERIFY(m_report.find("gridDependencyWait") != std::string::npos);
    simt::reset();  // a device of capability 8.9
    launch(dependentKernel, dim3(2), dim3(32), 0, on, out.data(), true);
    QCOMPARE(cudaGetLastError(), cudaErrorNotSupported);
}

void SimtKernelsTest::weights_areReadFromMemoryMarkedReadOnly() {
    collectReports();
    constexpr std::size_t kBytes = 1024;
    std::vector<int> host(kBytes / sizeof(int), 7), out(64, 0);
    launch(weightsKernel, dim3(1), dim3(64), 0, m_on, host.data(), out.data());
    QCOMPARE(out[63], 7);  // a test's own memory
    int* memory = nullptr;
    cudaMalloc(&memory, 2 * kBytes);
    cudaMemset(memory, 1, 2 * kBytes);
    sotto::cuda::noteWeights(memory, kBytes / 2);
    sotto::cuda::noteWeights(memory + kBytes / 2 / sizeof(int), kBytes / 2);
    launch(weightsKernel, dim3(1), dim3(64), 0, m_on, memory, out.data());
    QVERIFY2(m_report.empty(), m_report.c_str());
    QCOMPARE(out[63], 0x01010101);
    launch(weightsKernel, dim3(1), dim3(64), 0, m_on, memory + 4, out.data());
    QVERIFY2(isReported("not marked read-only") && isReported("thread 63"), m_report.c_str());
    simt::reset();
    m_report.clear();
    collectReports();
    cudaMalloc(&memory, kBytes);  // perhaps where the marked one was
    launch(weightsKernel, dim3(1), dim3(64), 0, m_on, memory, out.data());
    QVERIFY(isReported("not marked read-only"));
    simt::reset();
}

// Kernels in turn as the engine has them: plainly, waited for late, or replayed from a graph.
void SimtKernelsTest::programmaticLaunch_beginsBeforeTheKernelInFront_data() {
    QTest::addColumn<int>("way");
    QTest::addColumn<int>("seed");
    for (const int seed : {0, 5}) {
        QTest::addRow("immediate, seed %d", seed) << 0 << seed;
        QTest::addRow("late, seed %d", seed) << 1 << seed;
        QTest::addRow("graph, seed %d", seed) << 2 << seed;
    }
}

void SimtKernelsTest::programmaticLaunch_beginsBeforeTheKernelInFront() {
    QFETCH(int, way);
    QFETCH(int, seed);
    simt::useHopper();
    simt::setThreadOrderSeed(static_cast<std::uint64_t>(seed));
    if (way == 1) simt::setStreamTiming(simt::StreamTiming::Late);
    constexpr unsigned kBlocks = 6;
    std::vector<int> data(kBlocks, 1), early(kBlocks, 0), late(kBlocks, 0), seen(kBlocks, 0);
    cudaStream_t stream = nullptr;
    QCOMPARE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
    if (way == 2) cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
    const LaunchStream plain{stream, false}, overlapping{stream, true};
    launch(writeKernel, dim3(kBlocks), dim3(1), 0, plain, data.data(), 2);
    launch(earlyReadKernel, dim3(kBlocks), dim3(64), 0, overlapping, data.data(), early.data(),
           late.data());
    launch(copyKernel, dim3(kBlocks), dim3(1), 0, overlapping, data.data(), seen.data());
    launch(earlyWriteKernel, dim3(kBlocks), dim3(1), 0, overlapping, data.data(), 3);
    if (way == 2) {
        cudaGraph_t graph = nullptr;
        cudaGraphExec_t exec = nullptr;
        QCOMPARE(cudaStreamEndCapture(stream, &graph), cudaSuccess);
        QCOMPARE(cudaGraphInstantiate(&exec, graph, 0), cudaSuccess);
        QCOMPARE(cudaGraphLaunch(exec, stream), cudaSuccess);
    }
    QCOMPARE(cudaStreamSynchronize(stream), cudaSuccess);
    QCOMPARE(late, std::vector<int>(kBlocks, 2));
    QCOMPARE(data, std::vector<int>(kBlocks, 3));
    // The two blocks that are ahead show the faults: a read that came too early, and a write.
    QCOMPARE(std::count(early.begin(), early.end(), 1), 2);
    QCOMPARE(std::count(seen.begin(), seen.end(), 3), 2);
    if (seed == 0) {
        QVERIFY(early.front() == 1 && early.back() == 1);
        QVERIFY(seen.front() == 3 && seen.back() == 3);
    }
    simt::reset();
}

// The second kernel lets the third in before its own wait, so both are ahead of the first.
void SimtKernelsTest::programmaticLaunch_beginsBehindOneThatLetItIn() {
    simt::useHopper();
    simt::setStreamTiming(simt::StreamTiming::Late);
    int data = 1, early[2] = {}, late[2] = {};
    cudaStream_t stream = nullptr;
    cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
    launch(writeKernel, dim3(1), dim3(1), 0, LaunchStream{stream, false}, &data, 2);
    for (int kernel = 0; kernel < 2; ++kernel)
        launch(earlyReadKernel, dim3(1), dim3(64), 0, LaunchStream{stream, true}, &data,
               early + kernel, late + kernel);
    QCOMPARE(cudaStreamSynchronize(stream), cudaSuccess);
    QCOMPARE(early[0], 1);
    QCOMPARE(early[1], 1);
    QCOMPARE(late[1], 2);
    simt::reset();
}

void SimtKernelsTest::programmaticLaunch_copiesWhatWasThereBeforeItsWait() {
    simt::useHopper();
    simt::setStreamTiming(simt::StreamTiming::Late);
    alignas(16) int data[4] = {1, 1, 1, 1};
    int out = 0;
    const LaunchStream plain{nullptr, false}, overlapping{nullptr, true};
    launch(writeKernel, dim3(1), dim3(1), 0, plain, data, 2);
    launch(earlyCopyKernel, dim3(1), dim3(1), 0, overlapping, data, &out);
    QCOMPARE(cudaDeviceSynchronize(), cudaSuccess);
    QCOMPARE(out, 1);
    simt::reset();
}

QTEST_GUILESS_MAIN(SimtKernelsTest)
#include "kernels_test.moc"
