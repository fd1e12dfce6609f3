#include "engine/device/cuda/cuda_bandwidth_probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/device/cuda/bandwidth_kernels.h"
#include "engine/device/cuda/cuda_error.h"
#include "engine/device/cuda/cuda_handles.h"

namespace sotto::cuda {
namespace {

constexpr std::size_t kUnit = std::size_t{2} << 20;
constexpr unsigned char kPattern = 0x5b;
constexpr std::uint32_t kPatternWord = 0x5b5b5b5bu;

class BandwidthProbe {
public:
    static Result<BandwidthProbe> create(const CudaDevice& device,
                                         const CudaProbeOptions& options) {
        DeviceMemory memory;
        SOTTO_ASSIGN(memory, device.memory());
        BandwidthProbe probe;
        std::size_t bytes = 0;
        SOTTO_ASSIGN(bytes,
                     probeBytes(options.bytes, memory.freeBytes, device.properties().l2Bytes));
        probe.m_options = options;
        probe.m_nSms = device.properties().nSms;
        SOTTO_ASSIGN(probe.m_stream, Stream::create());
        SOTTO_ASSIGN(probe.m_start, Event::create(Event::Kind::Time));
        SOTTO_ASSIGN(probe.m_end, Event::create(Event::Kind::Time));
        SOTTO_ASSIGN(probe.m_data, allocateDeviceBuffer(bytes, "measuring the card"));
        SOTTO_ASSIGN(probe.m_sum, allocateDeviceBuffer(sizeof(std::uint32_t), "measuring"));
        return probe;
    }

    Result<BandwidthMeasurement> run() {
        const std::size_t half = m_data.bytes() / 2;
        SOTTO_TRY(fill(m_data.data(), kPattern, m_data.bytes()));
        SOTTO_TRY(fill(m_sum.data(), 0, m_sum.bytes()));
        BandwidthMeasurement measured;
        std::uint32_t nReads = 0;
        SOTTO_ASSIGN(measured.readGbS, medianOf([&] {
                         read(m_data.data(), m_data.bytes());
                         ++nReads;
                     }));
        SOTTO_TRY(compareSum(nReads * static_cast<std::uint32_t>(m_data.bytes() / 4)));

        // The target half must not hold the pattern already.
        SOTTO_TRY(fill(m_data.data() + half, 0, half));
        SOTTO_ASSIGN(measured.copyGbS, medianOf([&] { copy(half); }));
        SOTTO_TRY(fill(m_sum.data(), 0, m_sum.bytes()));
        read(m_data.data() + half, half);
        SOTTO_TRY(compareSum(static_cast<std::uint32_t>(half / 4)));
        return measured;
    }

private:
    BandwidthProbe() = default;

    Status fill(std::byte* data, int value, std::size_t bytes) const {
        return check(cudaMemsetAsync(data, value, bytes, m_stream.get()), "filling memory");
    }

    void read(const std::byte* data, std::size_t bytes) const {
        launchReadProbe({data, bytes, m_nSms}, m_sum.as<std::uint32_t>(), m_stream.get());
    }

    void copy(std::size_t half) const {
        launchCopyProbe({m_data.data(), half, m_nSms}, m_data.data() + half, m_stream.get());
    }

    // `launchOnce` moves m_data.bytes() bytes.
    template <typename Launch>
    Result<double> medianOf(const Launch& launchOnce) {
        std::vector<double> milliseconds;
        // The first pass wakes the clocks and is not counted.
        for (int pass = 0; pass <= m_options.nPasses; ++pass) {
            SOTTO_TRY(m_start.record(m_stream));
            for (int index = 0; index < m_options.nLaunchesPerPass; ++index) launchOnce();
            SOTTO_TRY(checkLaunches("measuring the card's memory"));
            SOTTO_TRY(m_end.record(m_stream));
            SOTTO_TRY(m_end.synchronize());
            double taken = 0;
            SOTTO_ASSIGN(taken, Event::millisecondsBetween(m_start, m_end));
            if (pass > 0) milliseconds.push_back(taken);
        }
        const std::uint64_t bytesPerPass =
            std::uint64_t{m_data.bytes()} * static_cast<std::uint64_t>(m_options.nLaunchesPerPass);
        return medianBandwidthGbS(bytesPerPass, std::move(milliseconds));
    }

    // nWords of the pattern, modulo 2^32, must have been added up.
    Status compareSum(std::uint32_t nWords) const {
        std::uint32_t sum = 0;
        SOTTO_TRY(checkLaunches("measuring the card's memory"));
        SOTTO_TRY(check(cudaMemcpyAsync(&sum, m_sum.data(), sizeof(sum), cudaMemcpyDeviceToHost,
                                        m_stream.get()),
                        "reading back a sum"));
        SOTTO_TRY(m_stream.synchronize());
        const std::uint32_t expected = nWords * kPatternWord;
        if (sum == expected) return {};
        return fail(ErrorCode::DeviceFailed,
                    fmt::format("The graphics card read back other data than were written (sum "
                                "{:08x}, expected {:08x}): its memory may be faulty.",
                                sum, expected));
    }

    CudaProbeOptions m_options;
    int m_nSms = 1;
    Stream m_stream;
    Event m_start, m_end;
    DeviceBuffer m_data, m_sum;
};

}  // namespace

Result<std::size_t> probeBytes(std::size_t wanted, std::uint64_t freeBytes, std::size_t l2Bytes) {
    const std::uint64_t allowed = std::min<std::uint64_t>(wanted, freeBytes / 2);
    const std::size_t bytes = static_cast<std::size_t>(allowed) / kUnit * kUnit;
    const std::size_t least = std::max(8 * l2Bytes, kUnit);
    if (bytes >= least) return bytes;
    return fail(outOfDeviceMemory("measuring its bandwidth", 2 * std::uint64_t{least}, freeBytes));
}

double medianBandwidthGbS(std::uint64_t bytesPerPass, std::vector<double> milliseconds) {
    if (milliseconds.empty()) return 0.0;
    const auto middle = milliseconds.begin() + static_cast<std::ptrdiff_t>(milliseconds.size() / 2);
    std::nth_element(milliseconds.begin(), middle, milliseconds.end());
    return *middle > 0.0 ? static_cast<double>(bytesPerPass) / (*middle * 1e-3) / 1e9 : 0.0;
}

Result<BandwidthMeasurement> probeCudaBandwidth(const CudaDevice& device,
                                                const CudaProbeOptions& options) {
    SOTTO_TRY(device.makeCurrent());
    BandwidthMeasurement measured;
    auto probe = BandwidthProbe::create(device, options);
    if (probe) {
        SOTTO_ASSIGN(measured, probe->run());
    } else if (probe.error().code != ErrorCode::OutOfMemory) {
        return fail(std::move(probe.error()));
    }
    measured.specGbS = device.properties().specBandwidthGbS();
    return measured;
}

}  // namespace sotto::cuda
