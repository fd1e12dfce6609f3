// Times the linear shapes of llama-1b (2048 / 8192, 8 KV heads of 64, vocabulary 128256) per weight
// type, for one token (against the measured read bandwidth) and for 512 (products per second).
//
//   linear_bench [TYPE...] [--threads N] [--isa scalar|avx2|avx512-vnni] [--tokens N,N]
//
// Weights of several copies are walked in turn, so that no cache holds them; each figure is the
// best and the median of interleaved repeats. Not a test: machines are busy.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "engine/api/device_info.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/quant/quantize_reference.h"

using namespace sotto;

namespace {

// Steps of answers and of the pieces beside them: the layers between two of them leave nothing of
// a matrix in the caches.
constexpr std::int64_t kStreamedTokens = 64;

struct Options {
    std::vector<DType> types;
    std::vector<std::int64_t> tokens = {1, 512};
    int nThreads = 0;
    std::optional<Isa> isa;
};

struct Shape {
    const char* name;
    std::vector<std::int64_t> nRows;  // matrices that share the input
    std::int64_t nCols;
};

const std::vector<Shape> kShapes = {{"qkv", {2048, 512, 512}, 2048},
                                    {"o", {2048}, 2048},
                                    {"gate,up", {8192, 8192}, 2048},
                                    {"down", {2048}, 8192}};

Options parse(int argc, char** argv) {
    Options options;
    for (int index = 1; index < argc; ++index) {
        const std::string word = argv[index];
        const std::string next = index + 1 < argc ? argv[index + 1] : "";
        if (word == "--threads")
            options.nThreads = std::atoi(next.c_str()), ++index;
        else if (word == "--tokens") {
            options.tokens.clear();
            std::istringstream list(next);
            for (std::string part; std::getline(list, part, ',');)
                options.tokens.push_back(std::atoll(part.c_str()));
            ++index;
        } else if (word == "--isa") {
            for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni})
                if (next == isaName(isa)) options.isa = isa;
            ++index;
        } else if (const auto type = dtypeFromName(word))
            options.types.push_back(*type);
    }
    if (options.types.empty()) options.types = {DType::Q4_K, DType::Q6_K, DType::Q8_0};
    return options;
}

std::vector<std::byte> fileBytes(DType type, std::int64_t nRows, std::int64_t nCols) {
    // One quantized row, repeated: what the numbers are does not matter to the speed.
    std::vector<float> row(static_cast<std::size_t>(nCols));
    for (std::size_t col = 0; col < row.size(); ++col)
        row[col] =
            static_cast<float>(static_cast<int>(col * 2654435761u >> 20 & 0xfff) - 2048) / 4096.0f;
    std::vector<std::byte> bytes(rowBytes(type, row.size()) * static_cast<std::size_t>(nRows));
    quantizeRow(type, row, {bytes.data(), rowBytes(type, row.size())});
    for (std::int64_t index = 1; index < nRows; ++index)
        std::memcpy(bytes.data() + static_cast<std::size_t>(index) * rowBytes(type, row.size()),
                    bytes.data(), rowBytes(type, row.size()));
    return bytes;
}

struct Timing {
    double best = 0;  // seconds
    double median = 0;
};

Timing timeIt(int nRepeats, const auto& body) {
    std::vector<double> seconds;
    body();
    for (int repeat = 0; repeat < nRepeats; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        body();
        seconds.push_back(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(seconds.begin(), seconds.end());
    return {seconds.front(), seconds[seconds.size() / 2]};
}

void benchShape(KernelSet& kernels, DType type, const Shape& shape, std::int64_t nTokens,
                double readGbS) {
    std::uint64_t bytesOfOne = 0;
    for (const std::int64_t nRows : shape.nRows)
        bytesOfOne +=
            rowBytes(type, static_cast<std::size_t>(shape.nCols)) * static_cast<std::size_t>(nRows);
    const bool isStreaming = nTokens <= kStreamedTokens;
    const std::size_t nCopies = isStreaming ? (std::size_t{768} << 20) / bytesOfOne + 1 : 1;
    std::vector<std::vector<std::byte>> files;
    for (const std::int64_t nRows : shape.nRows)
        files.push_back(fileBytes(type, nRows, shape.nCols));
    std::vector<std::unique_ptr<Weight>> weights;
    for (std::size_t copy = 0; copy < nCopies; ++copy)
        for (std::size_t part = 0; part < files.size(); ++part)
            weights.push_back(
                kernels.prepareWeight({files[part].data(), type, shape.nCols, shape.nRows[part]})
                    .value());
    std::vector<float> x(static_cast<std::size_t>(nTokens * shape.nCols), 0.5f);
    for (std::size_t index = 0; index < x.size(); ++index)
        x[index] = static_cast<float>(static_cast<int>(index * 40503u & 0xff) - 128);
    std::vector<std::vector<float>> outs;
    for (const std::int64_t nRows : shape.nRows)
        outs.emplace_back(static_cast<std::size_t>(nTokens * nRows));
    const Timing time = timeIt(isStreaming ? 7 : 5, [&] {
        for (std::size_t copy = 0; copy < nCopies; ++copy) {
            std::vector<LinearTarget> targets;
            for (std::size_t part = 0; part < files.size(); ++part)
                targets.push_back(
                    {weights[copy * files.size() + part].get(), nullptr, outs[part].data(), false});
            kernels.linear({.x = x.data(), .nTokens = nTokens, .targets = targets});
        }
    });
    const double bytes = static_cast<double>(bytesOfOne) * static_cast<double>(nCopies);
    double products = 0;
    for (const std::int64_t nRows : shape.nRows)
        products +=
            static_cast<double>(nRows * shape.nCols * nTokens) * static_cast<double>(nCopies);
    fmt::print(
        "{:5} {:8} {:4} tokens  best {:8.1f} us  median {:8.1f} us  {:6.1f} GB/s ({:3.0f} %)  "
        "{:6.1f} "
        "GMAC/s best {:6.1f} median\n",
        dtypeTraits(type).name, shape.name, nTokens, time.best * 1e6 / static_cast<double>(nCopies),
        time.median * 1e6 / static_cast<double>(nCopies), bytes / time.best / 1e9,
        100 * bytes / time.best / 1e9 / readGbS, products / time.best / 1e9,
        products / time.median / 1e9);
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    const auto kernels = createCpuKernels({options.nThreads, options.isa});
    if (!kernels->reserve(
            {*std::max_element(options.tokens.begin(), options.tokens.end()), 8192, 32, 4096}))
        return 1;
    const BandwidthMeasurement bandwidth = measureBandwidth(options.nThreads);
    fmt::print("{}; read {:.1f} GB/s, copy {:.1f} GB/s\n", kernels->name(), bandwidth.readGbS,
               bandwidth.copyGbS);
    for (const std::int64_t nTokens : options.tokens)
        for (const DType type : options.types)
            for (const Shape& shape : kShapes)
                benchShape(*kernels, type, shape, nTokens, bandwidth.readGbS);
    return 0;
}
