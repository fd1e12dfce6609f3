// Times attention and the write of its cache on the processor: decode (one row) and prompts, at a
// depth, against the measured read bandwidth.
//
//   attention_bench [--depth N,N] [--rows N] [--heads H/KV/DIM] [--threads N] [--isa NAME]
//                   [--rounds N] [--kv KEY[,VALUE]]...
//
// Every --kv is a cache of these types (none: f16); all are timed in turn within each round, with
// the probe of the read bandwidth between, so that what the machine does besides meets all alike.
// As many layers as fill 128 MiB are walked in turn, their blocks shuffled, so that no second-level
// cache holds them. Per layer: wall time and processor time of all threads, best and median of the
// rounds. Not a test: machines are busy; a kernel against an older one is judged by running both
// programs in turn.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "engine/api/device_info.h"
#include "engine/kernels/cpu/bandwidth_probe.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/kv_rows.h"

using namespace sotto;

namespace {

struct Options {
    std::vector<std::int64_t> depths = {512, 4096};
    std::int64_t nRows = 1;
    std::int32_t nHeads = 32, nKvHeads = 8, headDim = 64;
    int nThreads = 1;
    int nRounds = 15;
    std::optional<Isa> isa;
    std::vector<KvTypes> types;
};

std::vector<std::int64_t> numbers(const std::string& text, char separator) {
    std::vector<std::int64_t> result;
    std::istringstream list(text);
    for (std::string part; std::getline(list, part, separator);)
        result.push_back(std::atoll(part.c_str()));
    return result;
}

Options parse(int argc, char** argv) {
    Options options;
    for (int index = 1; index + 1 < argc; index += 2) {
        const std::string word = argv[index], next = argv[index + 1];
        if (word == "--depth") options.depths = numbers(next, ',');
        if (word == "--rows") options.nRows = std::atoll(next.c_str());
        if (word == "--threads") options.nThreads = std::atoi(next.c_str());
        if (word == "--rounds") options.nRounds = std::atoi(next.c_str());
        if (word == "--kv")
            if (const auto types = kvTypesFromText(next)) options.types.push_back(*types);
        if (word == "--heads") {
            const auto shape = numbers(next, '/');
            if (shape.size() != 3) continue;
            options.nHeads = static_cast<std::int32_t>(shape[0]);
            options.nKvHeads = static_cast<std::int32_t>(shape[1]);
            options.headDim = static_cast<std::int32_t>(shape[2]);
        }
        if (word == "--isa")
            for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni})
                if (next == isaName(isa)) options.isa = isa;
    }
    if (options.types.empty()) options.types.push_back({});
    return options;
}

struct Clock {
    double wall, processor;

    static Clock now() {
        std::timespec spent{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
        return {std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
                    .count(),
                static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9};
    }
};

// Microseconds per layer.
struct Timing {
    std::vector<double> wall, processor;

    void add(const Clock& start, std::size_t nLayers) {
        const Clock end = Clock::now();
        wall.push_back((end.wall - start.wall) * 1e6 / static_cast<double>(nLayers));
        processor.push_back((end.processor - start.processor) * 1e6 / static_cast<double>(nLayers));
    }
    static std::string text(std::vector<double> times) {
        std::sort(times.begin(), times.end());
        return fmt::format("{:8.1f} ({:8.1f})", times.front(), times[times.size() / 2]);
    }
};

class Layers {
public:
    Layers(const Options& options, KernelSet& kernels, std::int64_t depth, KvTypes types)
        : m_options(options), m_kernels(kernels), m_depth(depth) {
        const KvLayerShape shape = kvLayerShape(options.nKvHeads, options.headDim, types);
        const std::int64_t nTokens = depth + options.nRows;
        m_nBlocks = static_cast<std::int32_t>((nTokens + 31) / 32);
        const std::uint64_t bytes = kernels.cacheBytes(shape, m_nBlocks);
        const std::size_t nLayers = std::max<std::size_t>(1, (std::size_t{128} << 20) / bytes);
        std::mt19937 random(1);
        m_blockIds.resize(static_cast<std::size_t>(m_nBlocks));
        std::iota(m_blockIds.begin(), m_blockIds.end(), 0);
        std::normal_distribution<float> normal;
        const std::vector<std::byte> rows = randomBlocks(shape, random);
        // Together, as a KvCache has them: large pages begin at some size.
        m_buffer = kernels.allocate(nLayers * bytes).value();
        for (std::size_t layer = 0; layer < nLayers; ++layer) {
            m_layers.push_back({shape, m_nBlocks, m_buffer.data() + layer * bytes});
            const auto written = kernels.writeBlocks(
                m_layers.back(), {m_blockIds, std::int64_t{m_nBlocks} * 32, shape.blockBytes()},
                rows.data());
            if (!written) std::abort();
        }
        std::shuffle(m_blockIds.begin(), m_blockIds.end(), random);
        m_table = {m_blockIds};
        for (std::int64_t row = 0; row < options.nRows; ++row) {
            m_positions.push_back(static_cast<std::int32_t>(depth + row));
            m_sequence.push_back(0);
        }
        const auto floats = [&](std::int32_t nHeads) {
            std::vector<float> values(static_cast<std::size_t>(options.nRows) *
                                      static_cast<std::size_t>(nHeads * options.headDim));
            for (float& value : values) value = normal(random);
            return values;
        };
        m_q = floats(options.nHeads), m_k = floats(options.nKvHeads);
        m_v = floats(options.nKvHeads), m_out = m_q;
        for (int pair = 0; pair < options.headDim / 2; ++pair)
            m_frequencies.push_back(static_cast<float>(
                std::pow(10000.0, -2.0 * pair / static_cast<double>(options.headDim))));
    }

    std::size_t count() const { return m_layers.size(); }
    double keyValueBytes() const {
        return static_cast<double>(m_depth + m_options.nRows) *
               static_cast<double>(m_layers.front().shape.tokenBytes());
    }
    void attend() {
        for (const KvLayer& layer : m_layers) {
            AttentionArgs args;
            args.q = m_q.data();
            args.out = m_out.data();
            args.scale = 1.0f / std::sqrt(static_cast<float>(m_options.headDim));
            args.nHeads = m_options.nHeads;
            args.cache = layer;
            args.batch = {m_positions, m_sequence, {&m_table, 1}};
            m_kernels.attention(args);
        }
    }
    void store(RopeKind kind) {
        for (const KvLayer& layer : m_layers) {
            RopeStoreArgs args;
            args.q = m_q.data();
            args.k = m_k.data();
            args.v = m_v.data();
            args.kind = kind;
            args.rotaryDims = m_options.headDim;
            args.frequencies = m_frequencies.data();
            args.nHeads = m_options.nHeads;
            args.cache = layer;
            args.batch = {m_positions, m_sequence, {&m_table, 1}};
            m_kernels.ropeStore(args);
        }
    }

private:
    std::vector<std::byte> randomBlocks(const KvLayerShape& shape, std::mt19937& random) const {
        std::vector<std::byte> rows(m_blockIds.size() * shape.blockBytes());
        std::normal_distribution<float> normal;
        std::vector<float> values(static_cast<std::size_t>(m_options.headDim));
        for (std::byte* block = rows.data(); block < rows.data() + rows.size();)
            for (const KvRow& row : {shape.key, shape.value})
                for (std::int32_t slot = 0; slot < shape.nKvHeads * shape.blockTokens; ++slot) {
                    for (float& value : values) value = normal(random);
                    writeKvRow(row, values.data(), block);
                    block += row.bytes();
                }
        return rows;
    }

    const Options& m_options;
    KernelSet& m_kernels;
    std::int64_t m_depth;
    std::int32_t m_nBlocks = 0;
    Buffer m_buffer;
    std::vector<KvLayer> m_layers;
    std::vector<std::int32_t> m_blockIds, m_positions, m_sequence;
    BlockTableView m_table;
    std::vector<float> m_q, m_k, m_v, m_out, m_frequencies;
};

struct Timings {
    Timing attention, interleaved, neox;
};

// GB/s of as many threads as the kernels have, of more than a last-level cache holds; 0: it failed.
double readBandwidth(int nThreads) {
    const auto measured =
        probeBandwidth({.nThreads = nThreads, .bytes = std::size_t{1} << 30, .nPasses = 2});
    return measured ? measured->readGbS : 0.0;
}

void benchDepth(const Options& options, KernelSet& kernels, std::int64_t depth) {
    std::vector<Layers> layers;
    layers.reserve(options.types.size());
    for (const KvTypes types : options.types) {
        layers.emplace_back(options, kernels, depth, types);
        layers.back().attend();
    }
    std::vector<Timings> timings(layers.size());
    std::vector<double> bandwidths;
    for (int round = 0; round < options.nRounds; ++round) {
        bandwidths.push_back(readBandwidth(options.nThreads));
        for (std::size_t index = 0; index < layers.size(); ++index) {
            Clock start = Clock::now();
            layers[index].attend();
            timings[index].attention.add(start, layers[index].count());
            start = Clock::now();
            layers[index].store(RopeKind::Interleaved);
            timings[index].interleaved.add(start, layers[index].count());
            start = Clock::now();
            layers[index].store(RopeKind::Neox);
            timings[index].neox.add(start, layers[index].count());
        }
    }
    std::sort(bandwidths.begin(), bandwidths.end());
    fmt::print("depth {} rows {}  read bandwidth GB/s: {:.1f} (best {:.1f})\n", depth,
               options.nRows, bandwidths[bandwidths.size() / 2], bandwidths.back());
    for (std::size_t index = 0; index < layers.size(); ++index) {
        const Timings& timing = timings[index];
        const double best =
            *std::min_element(timing.attention.wall.begin(), timing.attention.wall.end());
        fmt::print("  {:10} attention us: wall {} processor {}  {:5.1f} GB/s of {:.0f} kB\n",
                   kvTypesText(options.types[index]), Timing::text(timing.attention.wall),
                   Timing::text(timing.attention.processor),
                   layers[index].keyValueBytes() / best * 1e-3,
                   layers[index].keyValueBytes() * 1e-3);
        fmt::print("             store us: interleaved {} neox {}\n",
                   Timing::text(timing.interleaved.processor), Timing::text(timing.neox.processor));
    }
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    const auto kernels = createCpuKernels({options.nThreads, options.isa});
    const std::int64_t deepest =
        *std::max_element(options.depths.begin(), options.depths.end()) + options.nRows;
    KernelLimits limits{.maxTokens = options.nRows,
                        .maxCols = std::int64_t{options.nHeads} * options.headDim,
                        .maxHeads = options.nHeads,
                        .maxHeadDim = options.headDim,
                        .maxContext = deepest};
    if (!kernels->reserve(limits)) return 1;
    fmt::print("{}, {}/{} heads of {}\n", kernels->name(), options.nHeads, options.nKvHeads,
               options.headDim);
    for (const std::int64_t depth : options.depths) benchDepth(options, *kernels, depth);
    return 0;
}
