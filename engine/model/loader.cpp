#include "engine/model/loader.h"

#include <algorithm>
#include <cmath>

#include "base/rounding.h"
#include "engine/model/architectures/architecture.h"
#include "engine/model/config_reader.h"
#include "engine/model/rope_frequencies.h"
#include "engine/model/unpacked_weight.h"
#include "engine/quant/dequantize_reference.h"

namespace sotto {
namespace {

// Vectors start on cache lines, so that no two kernels' threads share one.
constexpr std::size_t kVectorAlignment = 64 / sizeof(float);
// Pages are touched in pieces of this size between two looks at the cancel flag (milliseconds).
constexpr std::size_t kTouchBytes = std::size_t{8} << 20;
constexpr std::size_t kPageBytes = 4096;
// What one thread converts at a time of a piece.
constexpr std::size_t kChunkBytes = std::size_t{256} << 10;

std::size_t aligned(std::size_t nFloats) { return roundUp(nFloats, kVectorAlignment); }

std::size_t vectorFloats(const ModelConfig& config, const WeightTable& table,
                         const PartShare& share) {
    std::size_t total = 0;
    for (const WeightEntry& entry : table.entries)
        if (entry.isVector() && share.holds(entry, table.hasTiedHead))
            total += aligned(static_cast<std::size_t>(entry.tensor->elementCount()));
    for (std::size_t index = share.layers.first; index < share.layers.end; ++index)
        total +=
            aligned(static_cast<std::size_t>(config.layers[index].attention.rope.rotaryDims) / 2);
    return total;
}

void expandVector(const ModelFile& model, const GgufTensor& tensor, float* out) {
    std::vector<std::byte> scratch;
    dequantizeRow(tensor.type, model.rows(tensor, 0, 1, scratch),
                  {out, static_cast<std::size_t>(tensor.elementCount())});
}

// The vectors of one part: put together here and uploaded in one go.
struct VectorShelf {
    std::vector<float> host;
    const float* device = nullptr;
    std::size_t nUsed = 0;

    struct Place {
        float* host;
        const float* device;
    };
    Place next(std::size_t nFloats) {
        const Place place{.host = host.data() + nUsed, .device = device + nUsed};
        nUsed += aligned(nFloats);
        return place;
    }
};

class Loading {
public:
    Loading(const ModelFile& model, std::span<const ModelPart> parts, const LoadSink& sink,
            int nThreads)
        : m_model(model),
          m_parts(parts),
          m_sink(sink),
          m_nThreads(nThreads),
          m_vectors(parts.size()),
          m_nextMatrices(parts.size()) {
        for (const WeightEntry& entry : model.table.entries)
            for (const ModelPart& part : parts)
                if (part.share.holds(entry, model.table.hasTiedHead))
                    m_totalBytes += entry.tensor->byteSize;
    }

    Result<Weights> run() {
        SOTTO_TRY(m_model.file.verifySizes());
        m_weights.layers.resize(m_model.config.layers.size());
        SOTTO_TRY(allocateVectors());
        SOTTO_TRY(allocateShelves());
        for (const WeightEntry& entry : m_model.table.entries)
            for (std::size_t index = 0; index < m_parts.size(); ++index)
                if (m_parts[index].share.holds(entry, m_model.table.hasTiedHead)) {
                    SOTTO_TRY(take(entry, index));
                    SOTTO_TRY(m_model.checkPages());
                }
        SOTTO_TRY(fillRopeTables());
        for (std::size_t index = 0; index < m_parts.size(); ++index)
            SOTTO_TRY(m_parts[index].kernels->upload(m_weights.vectors[index].data(),
                                                     m_vectors[index].host.data(),
                                                     m_weights.vectors[index].bytes()));
        countEmbedding();
        return std::move(m_weights);
    }

private:
    Status allocateVectors() {
        for (std::size_t index = 0; index < m_parts.size(); ++index) {
            SOTTO_ASSIGN(Buffer buffer, m_parts[index].kernels->allocate(vectorBytes(
                                            m_model.config, m_model.table, m_parts[index].share)));
            m_vectors[index].host.resize(buffer.bytes() / sizeof(float));
            m_vectors[index].device = buffer.as<float>();
            m_weights.residentBytes += taken(buffer, m_parts[index]);
            m_weights.bytesPerToken += buffer.bytes();
            m_weights.vectors.push_back(std::move(buffer));
        }
        return {};
    }

    // Before anything is read: what does not fit shows now.
    Status allocateShelves() {
        for (std::size_t index = 0; index < m_parts.size(); ++index) {
            const ModelPart& part = m_parts[index];
            if (!part.kernels->isStreaming()) continue;
            SOTTO_ASSIGN(Buffer shelf, part.kernels->allocate(matrixBytes(
                                           m_model.table, sizesOf(*part.kernels), part.share)));
            m_nextMatrices[index] = shelf.data();
            m_weights.residentBytes += taken(shelf, part);
            m_weights.shelves.push_back(std::move(shelf));
        }
        return {};
    }

    static std::uint64_t taken(const Buffer& buffer, const ModelPart& part) {
        return roundUp(std::uint64_t{buffer.bytes()}, part.kernels->allocationUnit());
    }

    Status take(const WeightEntry& entry, std::size_t partIndex) {
        if (!entry.isVector()) return takeMatrix(entry, partIndex);
        const VectorShelf::Place place =
            m_vectors[partIndex].next(static_cast<std::size_t>(entry.tensor->elementCount()));
        if (m_model.randomSeed)
            std::fill_n(place.host, entry.tensor->elementCount(), 1.0f);
        else
            expandVector(m_model, *entry.tensor, place.host);
        point(entry, place.device);
        m_doneBytes += entry.tensor->byteSize;
        return {};
    }

    // Where its spec says; rotation factors have no place.
    template <typename Pointer>
    void point(const WeightEntry& entry, Pointer value) {
        const WeightPlace& place = entry.spec->place;
        if (const auto* ofLayer = std::get_if<Pointer LayerWeights::*>(&place))
            m_weights.layers[static_cast<std::size_t>(entry.layerIndex)].** ofLayer = value;
        else if (const auto* ofModel = std::get_if<Pointer Weights::*>(&place))
            m_weights.** ofModel = value;
    }

    Status takeMatrix(const WeightEntry& entry, std::size_t partIndex) {
        const ModelPart& part = m_parts[partIndex];
        std::byte*& place = m_nextMatrices[partIndex];
        auto prepared = m_model.randomSeed ? makeRandom(*entry.tensor, *part.kernels, place)
                                           : prepare(*entry.tensor, *part.kernels, place);
        SOTTO_ASSIGN(std::unique_ptr<Weight> weight, std::move(prepared));
        const std::uint64_t resident = residentBytes(
            *entry.tensor,
            [&part](const TensorView& matrix) { return part.kernels->preparedBytes(matrix); });
        if (resident == 0)
            m_weights.mappedBytes += entry.tensor->byteSize;
        else if (place != nullptr)
            place += resident;
        else
            m_weights.residentBytes += resident;
        if (entry.isEmbedding()) {
            if (part.share.hasEmbedding) m_weights.embedding = weight.get();
            if (part.share.hasHead && m_model.table.hasTiedHead) m_weights.head = weight.get();
        } else {
            noteBytes(entry, weight->residentBytes);
            point<const Weight*>(entry, weight.get());
        }
        m_weights.matrices.push_back(std::move(weight));
        return {};
    }

    void noteBytes(const WeightEntry& entry, std::uint64_t bytes) {
        const std::uint64_t used = usedByToken(m_model.config, entry, bytes);
        m_weights.bytesPerToken += used;
        if (used == bytes) return;
        m_weights.expertBytes += bytes;
        m_weights.expertShare = double(used) / double(bytes);
    }

    // The embedding counts as a head when tied, and by one row where it is only looked up.
    void countEmbedding() {
        const bool isLookup = m_weights.embedding != m_weights.head;
        if (m_model.table.hasTiedHead) m_weights.bytesPerToken += m_weights.head->residentBytes;
        if (isLookup)
            m_weights.bytesPerToken += m_weights.embedding->residentBytes /
                                       static_cast<std::uint64_t>(m_model.config.nVocab);
    }

    // A set that copies the bytes away reads them itself, once; for the others the pages are
    // brought into memory first.
    Result<std::unique_ptr<Weight>> prepare(const GgufTensor& tensor, KernelSet& kernels,
                                            std::byte* place) {
        if (m_model.folder != nullptr || isUnpackedAtLoad(tensor)) {
            SOTTO_ASSIGN(Buffer made, m_model.folder != nullptr
                                          ? convert(tensor)
                                          : unpackToHalf(tensor, pool(), tellFrom(m_doneBytes)));
            return prepareMade(tensor, std::move(made), kernels, place);
        }
        if (!kernels.isStreaming()) {
            SOTTO_TRY(readPages(tensor.bytes));
            return kernels.prepareWeight(tensor.matrix());
        }
        const std::uint64_t before = m_doneBytes;
        auto weight = kernels.prepareWeight(tensor.matrix(), {place, tellFrom(before)});
        m_doneBytes = before + tensor.byteSize;
        return weight;
    }

    // What was made of a tensor's bytes is kept only where the set uses it in place.
    Result<std::unique_ptr<Weight>> prepareMade(const GgufTensor& tensor, Buffer bytes,
                                                KernelSet& kernels, std::byte* place) {
        TensorView matrix = computedMatrix(tensor);
        matrix.data = bytes.data();
        SOTTO_ASSIGN(std::unique_ptr<Weight> weight,
                     kernels.isStreaming()
                         ? kernels.prepareWeight(matrix, {place, [this](auto) { return tell(); }})
                         : kernels.prepareWeight(matrix));
        if (weight->isMapped) m_weights.made.push_back(std::move(bytes));
        return weight;
    }

    // The rows of a folder's tensor as they are declared.
    Result<Buffer> convert(const GgufTensor& tensor) {
        SOTTO_ASSIGN(Buffer out, allocateHostBuffer(static_cast<std::size_t>(tensor.byteSize)));
        const TensorView matrix = tensor.matrix();
        const std::size_t rowSize = rowBytes(matrix.type, static_cast<std::size_t>(matrix.nCols));
        const auto rowsOf = [rowSize](std::size_t nBytes) {
            return static_cast<std::int64_t>(std::max<std::size_t>(1, nBytes / rowSize));
        };
        const std::int64_t pieceRows = rowsOf(kTouchBytes), chunkRows = rowsOf(kChunkBytes);
        const auto index = static_cast<std::size_t>(&tensor - m_model.file.tensors().data());
        for (std::int64_t first = 0; first < matrix.nRows; first += pieceRows) {
            const std::int64_t end = std::min(first + pieceRows, matrix.nRows);
            const auto convertChunk = [&](std::int64_t chunk, int) {
                const std::int64_t begin = first + chunk * chunkRows;
                const std::int64_t nRows = std::min(chunkRows, end - begin);
                m_model.folder->readRows(index, begin, nRows,
                                         {out.data() + static_cast<std::size_t>(begin) * rowSize,
                                          static_cast<std::size_t>(nRows) * rowSize});
            };
            pool().parallelFor((end - first + chunkRows - 1) / chunkRows, convertChunk);
            m_doneBytes += static_cast<std::size_t>(end - first) * rowSize;
            if (!tell()) return cancelled();
        }
        return out;
    }

    ThreadPool& pool() {
        if (m_pool == nullptr) m_pool = std::make_unique<ThreadPool>(m_nThreads);
        return *m_pool;
    }

    // In the set's own memory where it can; else here, kept only where the set uses it in place.
    Result<std::unique_ptr<Weight>> makeRandom(const GgufTensor& tensor, KernelSet& kernels,
                                               std::byte* place) {
        const RandomMatrix matrix = m_model.randomMatrix(tensor);
        const std::uint64_t before = m_doneBytes;
        SOTTO_ASSIGN(std::unique_ptr<Weight> weight,
                     kernels.makeRandomWeight(matrix, {place, tellFrom(before)}));
        if (weight == nullptr) {
            SOTTO_ASSIGN(Buffer bytes,
                         allocateHostBuffer(static_cast<std::size_t>(tensor.byteSize)));
            SOTTO_TRY(fillRandom(matrix, bytes, before));
            TensorView view = tensor.matrix();
            view.data = bytes.data();
            SOTTO_ASSIGN(weight, kernels.prepareWeight(view));
            if (weight->isMapped) m_weights.made.push_back(std::move(bytes));
        }
        m_doneBytes = before + tensor.byteSize;
        return weight;
    }

    Status fillRandom(const RandomMatrix& matrix, const Buffer& out, std::uint64_t before) {
        const std::size_t rowBytes = matrix.rowBytes();
        const auto pieceRows =
            static_cast<std::int64_t>(std::max<std::size_t>(1, kTouchBytes / rowBytes));
        const PrepareSink sink = tellFrom(before);
        for (std::int64_t first = 0; first < matrix.nRows; first += pieceRows) {
            const std::int64_t nRows = std::min(pieceRows, matrix.nRows - first);
            const std::size_t offset = static_cast<std::size_t>(first) * rowBytes;
            const std::size_t bytes = static_cast<std::size_t>(nRows) * rowBytes;
            fillRandomRows(matrix, first, nRows, {out.data() + offset, bytes});
            if (!sink(offset + bytes)) return cancelled();
        }
        return {};
    }

    // `before`: bytes of the model that were done when the matrix was begun.
    PrepareSink tellFrom(std::uint64_t before) {
        return [this, before](std::uint64_t bytes) {
            m_doneBytes = before + bytes;
            return tell();
        };
    }

    tl::unexpected<Error> cancelled() const {
        return fail(ErrorCode::Cancelled, "Loading was cancelled.", m_model.file.path().string());
    }

    bool tell() {
        return !m_sink ||
               m_sink(double(m_doneBytes) / double(std::max<std::uint64_t>(1, m_totalBytes)));
    }

    // Brings the pages into memory here, where it shows as progress and can be cancelled, rather
    // than in the first step.
    Status readPages(std::span<const std::byte> bytes) {
        for (std::size_t begin = 0; begin < bytes.size(); begin += kTouchBytes) {
            const std::size_t end = std::min(bytes.size(), begin + kTouchBytes);
            for (std::size_t offset = begin; offset < end; offset += kPageBytes)
                static_cast<void>(*static_cast<const volatile std::byte*>(bytes.data() + offset));
            m_doneBytes += end - begin;
            if (!tell()) return cancelled();
        }
        return {};
    }

    Status fillRopeTables() {
        m_weights.ropeFrequencies.resize(m_weights.layers.size());
        std::vector<float> factors;
        // Of a random model they are ones, as if there were none.
        const GgufTensor* tensor = m_model.randomSeed ? nullptr : m_model.table.ropeFactors;
        if (tensor != nullptr) {
            factors.resize(static_cast<std::size_t>(tensor->elementCount()));
            expandVector(m_model, *tensor, factors.data());
            const auto isUsable = [](float factor) { return std::isfinite(factor) && factor > 0; };
            if (!std::all_of(factors.begin(), factors.end(), isUsable))
                return fail(ErrorCode::FileDamaged,
                            "The tensor 'rope_freqs.weight' has a factor that is not a positive "
                            "number; download the file again.",
                            m_model.file.path().string());
        }
        for (std::size_t index = 0; index < m_parts.size(); ++index) {
            const LayerRange& layers = m_parts[index].share.layers;
            for (std::size_t layer = layers.first; layer < layers.end; ++layer) {
                RopeTable table = ropeTable(m_model.config.layers[layer].attention.rope, factors);
                const VectorShelf::Place place = m_vectors[index].next(table.frequencies.size());
                std::copy(table.frequencies.begin(), table.frequencies.end(), place.host);
                m_weights.layers[layer].ropeFrequencies = place.device;
                m_weights.layers[layer].ropeMagnitude = table.magnitude;
                m_weights.ropeFrequencies[layer] = std::move(table.frequencies);
            }
        }
        return {};
    }

    const ModelFile& m_model;
    std::span<const ModelPart> m_parts;
    const LoadSink& m_sink;
    const int m_nThreads;
    Weights m_weights;
    std::vector<VectorShelf> m_vectors;      // of each part
    std::vector<std::byte*> m_nextMatrices;  // null: the set needs no place or has its own
    std::unique_ptr<ThreadPool> m_pool;      // made for the first matrix that is converted
    std::uint64_t m_doneBytes = 0;
    std::uint64_t m_totalBytes = 0;
};

Result<std::unique_ptr<ModelFile>> checked(Result<GgufFile> opened) {
    if (!opened) return fail(std::move(opened.error()));
    auto model = std::make_unique<ModelFile>(std::move(*opened));
    SOTTO_ASSIGN(model->config, readModelConfig(model->file, builtinArchitectures()));
    SOTTO_ASSIGN(model->table, buildWeightTable(model->config, model->file));
    return model;
}

}  // namespace

Result<std::unique_ptr<ModelFile>> openModelFile(const std::filesystem::path& path) {
    if (!isHfFolder(path)) return checked(GgufFile::open(path));
    SOTTO_ASSIGN(auto folder, HfModel::open(path, PackedAs::F16));
    SOTTO_ASSIGN(auto model, checked(GgufFile::parseHeader(folder->header(), path.string())));
    model->folder = std::move(folder);
    return model;
}

std::span<const std::byte> ModelFile::rows(const GgufTensor& tensor, std::int64_t firstRow,
                                           std::int64_t nRows,
                                           std::vector<std::byte>& scratch) const {
    const std::size_t rowSize =
        rowBytes(tensor.type, static_cast<std::size_t>(tensor.shape.front()));
    const std::size_t nBytes = static_cast<std::size_t>(nRows) * rowSize;
    if (folder == nullptr)
        return tensor.bytes.subspan(static_cast<std::size_t>(firstRow) * rowSize, nBytes);
    scratch.resize(nBytes);
    folder->readRows(static_cast<std::size_t>(&tensor - file.tensors().data()), firstRow, nRows,
                     scratch);
    return scratch;
}

Result<std::unique_ptr<ModelFile>> parseModelFile(std::span<const std::byte> bytes,
                                                  std::string nameForErrors) {
    return checked(GgufFile::parse(bytes, std::move(nameForErrors)));
}

Result<std::unique_ptr<ModelFile>> randomModelFile(std::span<const std::byte> header,
                                                   std::string nameForErrors, std::uint64_t seed) {
    SOTTO_ASSIGN(auto model, checked(GgufFile::parseHeader(header, std::move(nameForErrors))));
    model->randomSeed = seed;
    return model;
}

Result<std::unique_ptr<ModelFile>> declaredModelFile(
    std::span<const std::span<const std::byte>> headers, std::string nameForErrors) {
    SOTTO_ASSIGN(auto model, checked(GgufFile::parseHeaders(headers, std::move(nameForErrors))));
    // As a random model it needs no tensor's bytes.
    model->randomSeed = 0;
    return model;
}

RandomMatrix ModelFile::randomMatrix(const GgufTensor& tensor) const {
    const TensorView view = tensor.matrix();
    const auto index = static_cast<std::size_t>(&tensor - file.tensors().data());
    return sotto::randomMatrix(view.type, view.nCols, view.nRows, randomSeed.value_or(0), index);
}

std::uint64_t vectorBytes(const ModelConfig& config, const WeightTable& table,
                          const PartShare& share) {
    return vectorFloats(config, table, share) * sizeof(float);
}

std::uint64_t matrixBytes(const WeightTable& table, const KernelSizes& sizes,
                          const PartShare& share) {
    std::uint64_t total = 0;
    for (const WeightEntry& entry : table.entries)
        if (!entry.isVector() && share.holds(entry, table.hasTiedHead))
            total += residentBytes(*entry.tensor, sizes.preparedBytes);
    return total;
}

Result<Weights> loadWeights(const ModelFile& model, std::span<const ModelPart> parts,
                            const LoadSink& sink, int nThreads) {
    return Loading(model, parts, sink, nThreads).run();
}

Result<Weights> loadWeights(const ModelFile& model, KernelSet& kernels, const LoadSink& sink) {
    const ModelPart part{&kernels, PartShare::whole(model.config)};
    return loadWeights(model, {&part, 1}, sink);
}

}  // namespace sotto
