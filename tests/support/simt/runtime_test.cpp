// The emulated host API: memory and its checks, streams in both timings, events, graphs, errors.
#include <cmath>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include <QtTest>

#include "engine/kernels/cuda/common/launch.h"
#include "tests/support/simt/control.h"

using sotto::cuda::launch;
using sotto::cuda::LaunchStream;

namespace {

__global__ void addKernel(int* values, int term) { values[threadIdx.x] += term; }
__global__ void multiplyKernel(int* values, int factor) { values[threadIdx.x] *= factor; }
__global__ void sharedKernel(int* out) {
    SOTTO_DYNAMIC_SHARED(int, shared);
    shared[threadIdx.x] = static_cast<int>(threadIdx.x);
    out[threadIdx.x] = shared[threadIdx.x];
}

constexpr int kCount = 32;
constexpr std::size_t kBytes = kCount * sizeof(int);

// Device memory, pinned memory and two streams, as most tests want them.
struct Bench {
    int* device = nullptr;
    int* pinned = nullptr;
    cudaStream_t stream = nullptr;
    cudaStream_t other = nullptr;

    Bench() {
        cudaMalloc(&device, kBytes);
        cudaMallocHost(&pinned, kBytes);
        cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
        cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
        std::fill(pinned, pinned + kCount, 1);
        cudaMemcpy(device, pinned, kBytes, cudaMemcpyHostToDevice);
    }
    ~Bench() {
        cudaStreamDestroy(stream);
        cudaStreamDestroy(other);
        cudaFreeHost(pinned);
        cudaFree(device);
    }
    void add(int term, cudaStream_t on) const {
        launch(addKernel, dim3(1), dim3(kCount), 0, LaunchStream{on}, device, term);
    }
    void multiply(int factor, cudaStream_t on) const {
        launch(multiplyKernel, dim3(1), dim3(kCount), 0, LaunchStream{on}, device, factor);
    }
    int value() const {
        int result = 0;
        cudaMemcpy(&result, device, sizeof(int), cudaMemcpyDeviceToHost);
        return result;
    }
};

}  // namespace

class SimtRuntimeTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void cleanup() { simt::reset(); }
    void memory_isNanBeforeTheFirstWrite();
    void memory_hasALimit();
    void memory_isGivenBackOnce();
    void copies_checkTheirDirection_data();
    void copies_checkTheirDirection();
    void copies_stayInsideTheirAllocation();
    void copies_ofRowsKeepTheirPitch();
    void streams_runInOrder_data();
    void streams_runInOrder();
    void lateStreams_runWhenWaitedFor();
    void lateCopies_readPinnedMemoryLate();
    void lateCopies_takePageableMemoryAtOnce();
    void events_orderTwoStreams();
    void events_needTimingAndRecording();
    void nullStream_waitsForBlockingStreams();
    void graphs_replayWhatWasRecorded();
    void graphs_holdTheirArguments();
    void graphs_takeForkedStreams();
    void captures_forbidSomeCalls_data();
    void captures_forbidSomeCalls();
    void launches_checkTheirShape_data();
    void launches_checkTheirShape();
    void launches_askForLargeSharedMemory();
    void devices_areThoseOfTheTest();
    void driver_mayBeMissingOrOld();
    void failures_comeWhereTheyAreInjected();
    void failures_stick();
    void leaks_areNamed();
};

void SimtRuntimeTest::memory_isNanBeforeTheFirstWrite() {
    float* memory = nullptr;
    QCOMPARE(cudaMalloc(&memory, 64 * sizeof(float)), cudaSuccess);
    QCOMPARE(reinterpret_cast<std::uintptr_t>(memory) % 256, std::uintptr_t{0});
    std::vector<float> host(64);
    QCOMPARE(cudaMemcpy(host.data(), memory, 64 * sizeof(float), cudaMemcpyDeviceToHost),
             cudaSuccess);
    for (const float value : host) QVERIFY(std::isnan(value));
}

void SimtRuntimeTest::memory_hasALimit() {
    simt::DeviceSettings small;
    small.memoryBytes = 10000;
    small.memoryUsedByOthers = 4000;
    simt::setDevices({small});
    void* first = nullptr;
    void* second = nullptr;
    QCOMPARE(cudaMalloc(&first, 5000), cudaSuccess);
    QCOMPARE(cudaMalloc(&second, 1001), cudaErrorMemoryAllocation);
    QCOMPARE(cudaGetLastError(), cudaErrorMemoryAllocation);
    QCOMPARE(cudaGetLastError(), cudaSuccess);
    std::size_t free = 0;
    std::size_t total = 0;
    QCOMPARE(cudaMemGetInfo(&free, &total), cudaSuccess);
    QCOMPARE(free, std::size_t{1000});
    QCOMPARE(total, std::size_t{10000});
    QCOMPARE(cudaMalloc(&second, 1000), cudaSuccess);
    QCOMPARE(cudaFree(first), cudaSuccess);
    QCOMPARE(simt::allocatedBytes(), std::size_t{1000});
    QCOMPARE(simt::peakAllocatedBytes(), std::size_t{6000});
}

void SimtRuntimeTest::memory_isGivenBackOnce() {
    int* memory = nullptr;
    int* pinned = nullptr;
    cudaMalloc(&memory, kBytes);
    cudaMallocHost(&pinned, kBytes);
    QCOMPARE(cudaFree(memory + 1), cudaErrorInvalidValue);
    QCOMPARE(cudaFree(pinned), cudaErrorInvalidValue);
    QCOMPARE(cudaFreeHost(memory), cudaErrorInvalidValue);
    QCOMPARE(cudaFree(memory), cudaSuccess);
    QCOMPARE(cudaFree(memory), cudaErrorInvalidValue);
    QCOMPARE(cudaFreeHost(pinned), cudaSuccess);
    QCOMPARE(cudaFree(nullptr), cudaSuccess);
}

void SimtRuntimeTest::copies_checkTheirDirection_data() {
    QTest::addColumn<bool>("isToDevice");
    QTest::addColumn<bool>("isFromDevice");
    QTest::addColumn<int>("kind");
    QTest::addColumn<bool>("isRight");
    const char* const names[] = {"host", "to device", "to host", "device", "default"};
    for (const bool to : {false, true})
        for (const bool from : {false, true})
            for (int kind = 0; kind <= 4; ++kind)
                QTest::addRow("%s for device %d from device %d", names[kind], to, from)
                    << to << from << kind
                    << (kind == 4 ||
                        (to == (kind == 1 || kind == 3) && from == (kind == 2 || kind == 3)));
}

void SimtRuntimeTest::copies_checkTheirDirection() {
    QFETCH(bool, isToDevice);
    QFETCH(bool, isFromDevice);
    QFETCH(int, kind);
    QFETCH(bool, isRight);
    int* device[2] = {};
    cudaMalloc(&device[0], kBytes);
    cudaMalloc(&device[1], kBytes);
    std::vector<int> host(kCount);
    std::vector<int> otherHost(kCount);
    int* const to = isToDevice ? device[0] : host.data();
    const int* const from = isFromDevice ? device[1] : otherHost.data();
    const cudaError_t expected = isRight ? cudaSuccess : cudaErrorInvalidValue;
    QCOMPARE(cudaMemcpy(to, from, kBytes, static_cast<cudaMemcpyKind>(kind)), expected);
    QCOMPARE(cudaMemcpyAsync(to, from, kBytes, static_cast<cudaMemcpyKind>(kind)), expected);
}

void SimtRuntimeTest::copies_stayInsideTheirAllocation() {
    const Bench bench;
    std::vector<int> host(kCount + 1);
    QCOMPARE(cudaMemcpy(bench.device, host.data(), kBytes + 4, cudaMemcpyHostToDevice),
             cudaErrorInvalidValue);
    QCOMPARE(cudaMemcpy(host.data(), bench.device + 1, kBytes, cudaMemcpyDeviceToHost),
             cudaErrorInvalidValue);
    QCOMPARE(cudaMemsetAsync(bench.device + 1, 0, kBytes, bench.stream), cudaErrorInvalidValue);
    QCOMPARE(cudaMemset(host.data(), 0, 4), cudaErrorInvalidValue);
    QCOMPARE(cudaMemset(bench.device + 1, 0, kBytes - 4), cudaSuccess);
    QCOMPARE(bench.value(), 1);
}

void SimtRuntimeTest::copies_ofRowsKeepTheirPitch() {
    const Bench bench;
    std::vector<int> host(kCount);
    std::iota(host.begin(), host.end(), 0);
    // Two columns of four rows of 8 become four rows of two.
    QCOMPARE(cudaMemcpy2DAsync(bench.device, 8, host.data() + 3, 32, 8, 4, cudaMemcpyHostToDevice,
                               bench.stream),
             cudaSuccess);
    std::vector<int> back(9);
    cudaMemcpy(back.data(), bench.device, 9 * sizeof(int), cudaMemcpyDeviceToHost);
    QCOMPARE(back, (std::vector<int>{3, 4, 11, 12, 19, 20, 27, 28, 1}));
}

void SimtRuntimeTest::streams_runInOrder_data() {
    QTest::addColumn<bool>("isLate");
    QTest::newRow("immediate") << false;
    QTest::newRow("late") << true;
}

void SimtRuntimeTest::streams_runInOrder() {
    QFETCH(bool, isLate);
    simt::setStreamTiming(isLate ? simt::StreamTiming::Late : simt::StreamTiming::Immediate);
    const Bench bench;
    bench.add(2, bench.stream);
    bench.multiply(5, bench.stream);
    cudaMemcpyAsync(bench.pinned, bench.device, kBytes, cudaMemcpyDeviceToHost, bench.stream);
    bench.add(1, bench.stream);
    QCOMPARE(cudaStreamSynchronize(bench.stream), cudaSuccess);
    QCOMPARE(bench.pinned[kCount - 1], 15);
    QCOMPARE(bench.value(), 16);
}

void SimtRuntimeTest::lateStreams_runWhenWaitedFor() {
    const Bench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    const std::uint64_t before = simt::kernelsRun();
    bench.add(1, bench.stream);
    bench.add(1, bench.other);
    QCOMPARE(simt::kernelsRun(), before);
    QCOMPARE(bench.value(), 1);  // the null stream does not wait for these
    QCOMPARE(cudaStreamQuery(bench.stream), cudaErrorNotReady);
    QCOMPARE(cudaStreamQuery(bench.stream), cudaSuccess);
    QCOMPARE(cudaGetLastError(), cudaSuccess);  // not being ready is no error
    QCOMPARE(bench.value(), 2);
    QCOMPARE(cudaDeviceSynchronize(), cudaSuccess);
    QCOMPARE(bench.value(), 3);
}

void SimtRuntimeTest::lateCopies_readPinnedMemoryLate() {
    const Bench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    bench.pinned[0] = 7;
    cudaMemcpyAsync(bench.device, bench.pinned, kBytes, cudaMemcpyHostToDevice, bench.stream);
    bench.pinned[0] = 8;  // too early: the copy has not been waited for
    cudaStreamSynchronize(bench.stream);
    QCOMPARE(bench.value(), 8);
}

void SimtRuntimeTest::lateCopies_takePageableMemoryAtOnce() {
    const Bench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    std::vector<int> host(kCount, 7);
    cudaMemcpyAsync(bench.device, host.data(), kBytes, cudaMemcpyHostToDevice, bench.stream);
    host[0] = 8;
    bench.add(1, bench.stream);
    cudaMemcpyAsync(host.data(), bench.device, kBytes, cudaMemcpyDeviceToHost, bench.stream);
    QCOMPARE(host[0], 8);  // 7 + 1, there when the call returns
    QCOMPARE(host[1], 8);
}

void SimtRuntimeTest::events_orderTwoStreams() {
    const Bench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    cudaEvent_t event = nullptr;
    cudaEventCreateWithFlags(&event, cudaEventDisableTiming);
    QCOMPARE(cudaStreamWaitEvent(bench.other, event), cudaSuccess);  // not recorded: no waiting
    bench.add(2, bench.stream);
    QCOMPARE(cudaEventRecord(event, bench.stream), cudaSuccess);
    bench.add(100, bench.stream);
    QCOMPARE(cudaStreamWaitEvent(bench.other, event), cudaSuccess);
    bench.multiply(5, bench.other);
    // Only what the event stands for has run before.
    QCOMPARE(cudaStreamSynchronize(bench.other), cudaSuccess);
    QCOMPARE(bench.value(), 15);
    QCOMPARE(cudaEventQuery(event), cudaSuccess);
    QCOMPARE(cudaStreamSynchronize(bench.stream), cudaSuccess);
    QCOMPARE(bench.value(), 115);
    cudaEventDestroy(event);
}

void SimtRuntimeTest::events_needTimingAndRecording() {
    const Bench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    cudaEvent_t start = nullptr;
    cudaEvent_t end = nullptr;
    cudaEvent_t untimed = nullptr;
    cudaEventCreate(&start);
    cudaEventCreate(&end);
    cudaEventCreateWithFlags(&untimed, cudaEventDisableTiming);
    float milliseconds = -1.0f;
    cudaEventRecord(start, bench.stream);
    QCOMPARE(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorInvalidResourceHandle);
    bench.add(1, bench.stream);
    cudaEventRecord(end, bench.stream);
    cudaEventRecord(untimed, bench.stream);
    QCOMPARE(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorNotReady);
    QCOMPARE(cudaEventSynchronize(end), cudaSuccess);
    QCOMPARE(cudaEventElapsedTime(&milliseconds, start, end), cudaSuccess);
    QVERIFY(milliseconds >= 0.0f);
    QCOMPARE(cudaEventElapsedTime(&milliseconds, start, untimed), cudaErrorInvalidResourceHandle);
    for (cudaEvent_t event : {start, end, untimed}) cudaEventDestroy(event);
    QCOMPARE(cudaEventDestroy(start), cudaErrorInvalidResourceHandle);
}

void SimtRuntimeTest::nullStream_waitsForBlockingStreams() {
    const Bench bench;
    simt::setStreamTiming(simt::StreamTiming::Late);
    cudaStream_t blocking = nullptr;
    cudaStreamCreate(&blocking);
    bench.add(1, blocking);
    bench.multiply(5, nullptr);
    bench.add(1, blocking);
    QCOMPARE(cudaStreamSynchronize(blocking), cudaSuccess);
    QCOMPARE(bench.value(), 11);
    cudaStreamDestroy(blocking);
}

void SimtRuntimeTest::graphs_replayWhatWasRecorded() {
    const Bench bench;
    QCOMPARE(cudaStreamBeginCapture(bench.stream, cudaStreamCaptureModeThreadLocal), cudaSuccess);
    bench.add(1, bench.stream);
    bench.multiply(2, bench.stream);
    QCOMPARE(cudaMemcpyAsync(bench.pinned, bench.device, 4, cudaMemcpyDeviceToHost, bench.stream),
             cudaSuccess);
    cudaGraph_t graph = nullptr;
    QCOMPARE(cudaStreamEndCapture(bench.stream, &graph), cudaSuccess);
    QCOMPARE(bench.value(), 1);  // recorded, not run
    std::size_t nNodes = 0;
    QCOMPARE(cudaGraphGetNodes(graph, nullptr, &nNodes), cudaSuccess);
    QCOMPARE(nNodes, std::size_t{3});

    cudaGraphExec_t exec = nullptr;
    QCOMPARE(cudaGraphInstantiate(&exec, graph), cudaSuccess);
    QCOMPARE(cudaGraphDestroy(graph), cudaSuccess);
    const std::uint64_t before = simt::kernelsRun();
    for (const int expected : {4, 10, 22}) {
        QCOMPARE(cudaGraphLaunch(exec, bench.stream), cudaSuccess);
        QCOMPARE(cudaStreamSynchronize(bench.stream), cudaSuccess);
        QCOMPARE(bench.pinned[0], expected);
    }
    QCOMPARE(simt::kernelsRun() - before, std::uint64_t{6});
    QCOMPARE(cudaGraphExecDestroy(exec), cudaSuccess);
    QCOMPARE(cudaGraphLaunch(exec, bench.stream), cudaErrorInvalidValue);
}

// Arguments are copied when a launch is recorded, what they point to is read when it runs.
void SimtRuntimeTest::graphs_holdTheirArguments() {
    const Bench bench;
    int term = 3;
    cudaStreamBeginCapture(bench.stream, cudaStreamCaptureModeThreadLocal);
    bench.add(term, bench.stream);
    term = 100;
    cudaGraph_t graph = nullptr;
    cudaStreamEndCapture(bench.stream, &graph);
    cudaGraphExec_t exec = nullptr;
    cudaGraphInstantiate(&exec, graph);
    cudaMemset(bench.device, 0, kBytes);
    cudaGraphLaunch(exec, bench.stream);
    QCOMPARE(bench.value(), 3);
    cudaGraphExecDestroy(exec);
    cudaGraphDestroy(graph);
}

void SimtRuntimeTest::graphs_takeForkedStreams() {
    const Bench bench;
    cudaEvent_t forked = nullptr;
    cudaEvent_t joined = nullptr;
    cudaEventCreateWithFlags(&forked, cudaEventDisableTiming);
    cudaEventCreateWithFlags(&joined, cudaEventDisableTiming);
    for (const bool isJoined : {true, false}) {
        cudaStreamBeginCapture(bench.stream, cudaStreamCaptureModeThreadLocal);
        bench.add(1, bench.stream);
        cudaEventRecord(forked, bench.stream);
        QCOMPARE(cudaStreamWaitEvent(bench.other, forked), cudaSuccess);
        bench.multiply(7, bench.other);
        QCOMPARE(cudaEventRecord(joined, bench.other), cudaSuccess);
        QCOMPARE(cudaEventSynchronize(joined), cudaErrorCapturedEvent);
        if (isJoined) QCOMPARE(cudaStreamWaitEvent(bench.stream, joined), cudaSuccess);
        cudaGraph_t graph = nullptr;
        QCOMPARE(cudaStreamEndCapture(bench.stream, &graph),
                 isJoined ? cudaSuccess : cudaErrorStreamCaptureUnjoined);
        if (!isJoined) continue;
        cudaGraphExec_t exec = nullptr;
        cudaGraphInstantiate(&exec, graph);
        cudaGraphLaunch(exec, bench.stream);
        QCOMPARE(bench.value(), 14);
        cudaGraphExecDestroy(exec);
        cudaGraphDestroy(graph);
    }
    // The other stream is its own again.
    bench.add(1, bench.other);
    QCOMPARE(bench.value(), 15);
    cudaEventDestroy(forked);
    cudaEventDestroy(joined);
}

void SimtRuntimeTest::captures_forbidSomeCalls_data() {
    using Call = cudaError_t (*)(Bench&);
    QTest::addColumn<Call>("call");
    QTest::addColumn<int>("mode");
    QTest::addColumn<int>("expected");
    constexpr int kUnsupported = cudaErrorStreamCaptureUnsupported;
    const Call allocate = [](Bench&) {
        void* memory = nullptr;
        return cudaMalloc(&memory, 16);
    };
    const Call synchronize = [](Bench& bench) { return cudaStreamSynchronize(bench.stream); };
    const Call query = [](Bench& bench) { return cudaStreamQuery(bench.stream); };
    const Call synchronizeDevice = [](Bench&) { return cudaDeviceSynchronize(); };
    const Call copy = [](Bench& bench) {
        return cudaMemcpy(bench.pinned, bench.device, 4, cudaMemcpyDeviceToHost);
    };
    QTest::newRow("malloc, global") << allocate << 0 << kUnsupported;
    QTest::newRow("malloc, thread") << allocate << 1 << kUnsupported;
    QTest::newRow("malloc, relaxed") << allocate << 2 << static_cast<int>(cudaSuccess);
    QTest::newRow("synchronize") << synchronize << 2 << kUnsupported;
    QTest::newRow("query") << query << 2 << kUnsupported;
    QTest::newRow("device") << synchronizeDevice << 2 << kUnsupported;
    QTest::newRow("copy") << copy << 1 << kUnsupported;
}

void SimtRuntimeTest::captures_forbidSomeCalls() {
    using Call = cudaError_t (*)(Bench&);
    QFETCH(Call, call);
    QFETCH(int, mode);
    QFETCH(int, expected);
    Bench bench;
    cudaStreamBeginCapture(bench.stream, static_cast<cudaStreamCaptureMode>(mode));
    bench.add(1, bench.stream);
    QCOMPARE(static_cast<int>(call(bench)), expected);
    const bool isValid = expected == cudaSuccess;
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    cudaStreamIsCapturing(bench.stream, &status);
    QCOMPARE(status, isValid ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusInvalidated);
    bench.add(1, bench.stream);
    cudaGraph_t graph = nullptr;
    QCOMPARE(cudaStreamEndCapture(bench.stream, &graph),
             isValid ? cudaSuccess : cudaErrorStreamCaptureInvalidated);
    QCOMPARE(graph != nullptr, isValid);
    // The stream works again.
    bench.add(1, bench.stream);
    QCOMPARE(bench.value(), 2);
}

void SimtRuntimeTest::launches_checkTheirShape_data() {
    QTest::addColumn<unsigned>("gridX");
    QTest::addColumn<unsigned>("gridY");
    QTest::addColumn<unsigned>("blockX");
    QTest::addColumn<unsigned>("blockZ");
    QTest::addColumn<int>("expected");
    constexpr int kInvalid = cudaErrorInvalidConfiguration;
    QTest::newRow("largest block") << 1u << 1u << 1024u << 1u << static_cast<int>(cudaSuccess);
    QTest::newRow("block too large") << 1u << 1u << 1025u << 1u << kInvalid;
    QTest::newRow("product too large") << 1u << 1u << 512u << 3u << kInvalid;
    QTest::newRow("block too deep") << 1u << 1u << 1u << 65u << kInvalid;
    QTest::newRow("no blocks") << 0u << 1u << 32u << 1u << kInvalid;
    QTest::newRow("no threads") << 1u << 1u << 0u << 1u << kInvalid;
    QTest::newRow("grid too high") << 1u << 65536u << 32u << 1u << kInvalid;
}

void SimtRuntimeTest::launches_checkTheirShape() {
    QFETCH(unsigned, gridX);
    QFETCH(unsigned, gridY);
    QFETCH(unsigned, blockX);
    QFETCH(unsigned, blockZ);
    QFETCH(int, expected);
    std::vector<int> values(1024);
    launch(addKernel, dim3(gridX, gridY), dim3(blockX, 1, blockZ), 0, LaunchStream{}, values.data(),
           1);
    QCOMPARE(static_cast<int>(cudaGetLastError()), expected);
}

void SimtRuntimeTest::launches_askForLargeSharedMemory() {
    std::vector<int> values(32);
    const auto launchWith = [&](std::size_t bytes) {
        launch(sharedKernel, dim3(1), dim3(32), bytes, LaunchStream{}, values.data());
        return cudaGetLastError();
    };
    QCOMPARE(launchWith(48 * 1024), cudaSuccess);
    QCOMPARE(simt::callCount("cudaFuncSetAttribute"), 0);
    QCOMPARE(launchWith(99 * 1024), cudaSuccess);
    QCOMPARE(simt::callCount("cudaFuncSetAttribute"), 1);
    const int nLaunches = simt::callCount("cudaLaunchKernel");
    QCOMPARE(launchWith(99 * 1024 + 16), cudaErrorInvalidValue);
    QCOMPARE(simt::callCount("cudaLaunchKernel"), nLaunches);
}

void SimtRuntimeTest::devices_areThoseOfTheTest() {
    simt::DeviceSettings turing;
    turing.name = "Turing";
    turing.major = 7;
    turing.minor = 5;
    turing.sharedBytesOptin = 64 * 1024;
    turing.nMultiprocessors = 40;
    simt::setDevices({simt::DeviceSettings{}, turing});
    int count = 0;
    QCOMPARE(cudaGetDeviceCount(&count), cudaSuccess);
    QCOMPARE(count, 2);
    cudaDeviceProp properties{};
    QCOMPARE(cudaGetDeviceProperties(&properties, 1), cudaSuccess);
    QCOMPARE(std::string(properties.name), std::string("Turing"));
    QCOMPARE(properties.major * 10 + properties.minor, 75);
    int value = 0;
    QCOMPARE(cudaDeviceGetAttribute(&value, cudaDevAttrMaxSharedMemoryPerBlockOptin, 1),
             cudaSuccess);
    QCOMPARE(value, 64 * 1024);
    QCOMPARE(cudaSetDevice(2), cudaErrorInvalidDevice);
    QCOMPARE(cudaSetDevice(1), cudaSuccess);
    int* memory = nullptr;
    QCOMPARE(cudaMalloc(&memory, 100), cudaSuccess);
    QCOMPARE(simt::allocatedBytes(0), std::size_t{0});
    QCOMPARE(simt::allocatedBytes(1), std::size_t{100});
    cudaPointerAttributes attributes{};
    QCOMPARE(cudaPointerGetAttributes(&attributes, memory + 3), cudaSuccess);
    QCOMPARE(attributes.type, cudaMemoryTypeDevice);
    QCOMPARE(attributes.device, 1);
    QCOMPARE(cudaPointerGetAttributes(&attributes, &value), cudaSuccess);
    QCOMPARE(attributes.type, cudaMemoryTypeUnregistered);
}

void SimtRuntimeTest::driver_mayBeMissingOrOld() {
    int count = -1;
    simt::setVersions(12080, 13000);
    QCOMPARE(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver);
    QCOMPARE(count, -1);  // the runtime leaves it untouched
    int version = 0;
    QCOMPARE(cudaDriverGetVersion(&version), cudaSuccess);
    QCOMPARE(version, 12080);
    simt::setVersions(0, 13000);
    QCOMPARE(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver);
    simt::setVersions(13010, 13000);
    QCOMPARE(cudaGetDeviceCount(&count), cudaSuccess);
    simt::setDevices({});
    QCOMPARE(cudaGetDeviceCount(&count), cudaErrorNoDevice);
    QCOMPARE(std::string(cudaGetErrorName(cudaErrorNoDevice)), std::string("cudaErrorNoDevice"));
}

void SimtRuntimeTest::failures_comeWhereTheyAreInjected() {
    const Bench bench;
    simt::injectFailure("cudaMemsetAsync", 2, cudaErrorUnknown);
    simt::injectFailure("cudaLaunchKernel", 1, cudaErrorLaunchOutOfResources);
    QCOMPARE(cudaMemsetAsync(bench.device, 0, 4, bench.stream), cudaSuccess);
    QCOMPARE(cudaMemsetAsync(bench.device, 1, 4, bench.stream), cudaErrorUnknown);
    QCOMPARE(cudaGetLastError(), cudaErrorUnknown);
    QCOMPARE(bench.value(), 0);
    QCOMPARE(cudaMemsetAsync(bench.device, 1, 4, bench.stream), cudaSuccess);
    bench.add(1, bench.stream);
    QCOMPARE(cudaGetLastError(), cudaErrorLaunchOutOfResources);
    bench.add(1, bench.stream);
    QCOMPARE(cudaGetLastError(), cudaSuccess);
    QCOMPARE(bench.value(), 0x01010102);
}

void SimtRuntimeTest::failures_stick() {
    const Bench bench;
    simt::injectFailure("cudaStreamSynchronize", 1, cudaErrorIllegalAddress, true);
    bench.add(1, bench.stream);
    QCOMPARE(cudaStreamSynchronize(bench.stream), cudaErrorIllegalAddress);
    void* memory = nullptr;
    QCOMPARE(cudaMalloc(&memory, 16), cudaErrorIllegalAddress);
    QCOMPARE(cudaGetLastError(), cudaErrorIllegalAddress);
    QCOMPARE(cudaGetLastError(), cudaErrorIllegalAddress);
    int version = 0;
    QCOMPARE(cudaRuntimeGetVersion(&version), cudaSuccess);
    simt::reset();
    QCOMPARE(cudaGetLastError(), cudaSuccess);
}

void SimtRuntimeTest::leaks_areNamed() {
    { const Bench bench; }
    QCOMPARE(simt::leaks(), std::string());
    int* memory = nullptr;
    cudaEvent_t event = nullptr;
    cudaMalloc(&memory, 4);
    cudaEventCreate(&event);
    QCOMPARE(simt::leaks(),
             std::string("1 allocations, 0 streams, 1 events, 0 graphs, 0 executable graphs"));
}

QTEST_GUILESS_MAIN(SimtRuntimeTest)
#include "runtime_test.moc"
