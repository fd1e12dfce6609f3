// The emulated host API: memory and its checks, launches, devices, errors. Streams:
// stream_test.cpp.
#include <cmath>
#include <cstring>
#include <new>
#include <numeric>
#include <string>
#include <vector>

#include <QtTest>

#include "tests/support/simt/control.h"
#include "tests/support/simt/runtime_bench.h"

namespace {

__global__ void sharedKernel(int* out) {
    SOTTO_DYNAMIC_SHARED(int, shared);
    shared[threadIdx.x] = static_cast<int>(threadIdx.x);
    out[threadIdx.x] = shared[threadIdx.x];
}

struct Arguments {
    int before;
    const int* in;
    int* out;
    int count;
};
__global__ void copyKernel(Arguments arguments, float, int) {
    arguments.out[threadIdx.x] = arguments.in == nullptr ? 0 : arguments.in[threadIdx.x];
}

}  // namespace

constexpr std::size_t kPage = std::size_t{2} << 20;

class SimtRuntimeTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void cleanup() { simt::reset(); }
    void memory_isNanBeforeTheFirstWrite();
    void memory_hasALimit();
    void memory_isTakenInPages();
    void memory_isGivenBackOnce();
    void copies_checkTheirDirection_data();
    void copies_checkTheirDirection();
    void copies_stayInsideTheirAllocation();
    void copies_ofRowsKeepTheirPitch();
    void launches_checkTheirShape_data();
    void launches_checkTheirShape();
    void launches_askForLargeSharedMemory();
    void launches_mayCheckTheirPointers();
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
    small.memoryBytes = 10 * kPage;
    small.memoryUsedByOthers = 4 * kPage;
    simt::setDevices({small});
    void* first = nullptr;
    void* second = nullptr;
    QCOMPARE(cudaMalloc(&first, 5 * kPage), cudaSuccess);
    QCOMPARE(cudaMalloc(&second, kPage + 1), cudaErrorMemoryAllocation);
    QCOMPARE(cudaGetLastError(), cudaErrorMemoryAllocation);
    QCOMPARE(cudaGetLastError(), cudaSuccess);
    std::size_t free = 0;
    std::size_t total = 0;
    QCOMPARE(cudaMemGetInfo(&free, &total), cudaSuccess);
    QCOMPARE(free, kPage);
    QCOMPARE(total, 10 * kPage);
    QCOMPARE(cudaMalloc(&second, kPage), cudaSuccess);
    QCOMPARE(cudaFree(first), cudaSuccess);
    QCOMPARE(simt::allocatedBytes(), kPage);
    QCOMPARE(simt::peakAllocatedBytes(), 6 * kPage);
}

void SimtRuntimeTest::memory_isTakenInPages() {
    simt::setDevices({{.memoryBytes = 3 * kPage}});
    void* small = nullptr;
    void* large = nullptr;
    void* third = nullptr;
    QCOMPARE(cudaMalloc(&small, 1), cudaSuccess);
    QCOMPARE(simt::allocatedBytes(), kPage);
    QCOMPARE(cudaMalloc(&large, kPage + 1), cudaSuccess);
    QCOMPARE(simt::allocatedBytes(), 3 * kPage);
    QCOMPARE(cudaMalloc(&third, 1), cudaErrorMemoryAllocation);
    QCOMPARE(cudaMalloc(&third, SIZE_MAX), cudaErrorMemoryAllocation);
    QCOMPARE(cudaFree(large), cudaSuccess);
    QCOMPARE(cudaMalloc(&third, 2 * kPage), cudaSuccess);
    std::size_t free = 1;
    std::size_t total = 0;
    QCOMPARE(cudaMemGetInfo(&free, &total), cudaSuccess);
    QCOMPARE(free, std::size_t{0});
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
    const RuntimeBench bench;
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
    const RuntimeBench bench;
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
    QCOMPARE(launchWith(40 * 1024), cudaSuccess);
    QCOMPARE(simt::callCount("cudaFuncSetAttribute"), 0);
    // With any static shared memory it is more than the 48 KiB that need not be asked for.
    QCOMPARE(launchWith(48 * 1024), cudaSuccess);
    QCOMPARE(simt::callCount("cudaFuncSetAttribute"), 1);
    // Static shared memory counts against what a block may have at most, too.
    QCOMPARE(launchWith(91 * 1024), cudaSuccess);
    QCOMPARE(simt::callCount("cudaFuncSetAttribute"), 2);
    const int nLaunches = simt::callCount("cudaLaunchKernel");
    QCOMPARE(launchWith(91 * 1024 + 16), cudaErrorInvalidValue);
    QCOMPARE(simt::callCount("cudaLaunchKernel"), nLaunches);
}

void SimtRuntimeTest::launches_mayCheckTheirPointers() {
    const RuntimeBench bench;
    std::string report;
    simt::setReportHandler([&](const std::string& text) { report = text; });
    std::vector<int> host(kCount);
    const auto copy = [&](const int* in) {
        launch(copyKernel, dim3(1), dim3(kCount), 0, LaunchStream{},
               Arguments{32000, in, bench.device, 0x7fffffff}, 1.0f, 0x6020);
        return cudaPeekAtLastError();
    };
    QCOMPARE(copy(host.data()), cudaSuccess);
    simt::checkArgumentPointers();
    QCOMPARE(copy(nullptr), cudaSuccess);
    QCOMPARE(copy(bench.pinned), cudaSuccess);
    // What padding holds is no pointer: here the bytes between `before` and `in`.
    alignas(Arguments) std::byte storage[sizeof(Arguments)];
    const int* const stale = host.data();
    std::memcpy(storage, &stale, sizeof(stale));
    auto* const padded = new (storage) Arguments;
    padded->before = static_cast<int>(reinterpret_cast<std::uintptr_t>(stale));
    padded->in = bench.device;
    padded->out = bench.device;
    launch(copyKernel, dim3(1), dim3(kCount), 0, LaunchStream{}, *padded, 1.0f, 1);
    QCOMPARE(cudaPeekAtLastError(), cudaSuccess);
    QVERIFY(report.empty());
    QCOMPARE(copy(host.data()), cudaErrorLaunchFailure);
    QVERIFY2(report.find("word 1 of the arguments") != std::string::npos, report.c_str());
    QVERIFY(report.find("runtime_test.cpp") != std::string::npos);
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
    QCOMPARE(simt::allocatedBytes(1), kPage);
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
    const RuntimeBench bench;
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
    const RuntimeBench bench;
    simt::injectFailure("cudaStreamSynchronize", 1, cudaErrorIllegalAddress, true);
    bench.add(1, bench.stream);
    QCOMPARE(cudaStreamSynchronize(bench.stream), cudaErrorIllegalAddress);
    void* memory = nullptr;
    QCOMPARE(cudaMalloc(&memory, 16), cudaErrorIllegalAddress);
    QCOMPARE(cudaGetLastError(), cudaErrorIllegalAddress);
    QCOMPARE(cudaGetLastError(), cudaErrorIllegalAddress);
    // Its manual: "may also return error codes from previous, asynchronous launches".
    int version = 0;
    QCOMPARE(cudaDriverGetVersion(&version), cudaErrorIllegalAddress);
    QCOMPARE(cudaRuntimeGetVersion(&version), cudaSuccess);
    simt::reset();
    QCOMPARE(cudaGetLastError(), cudaSuccess);
}

void SimtRuntimeTest::leaks_areNamed() {
    { const RuntimeBench bench; }
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
