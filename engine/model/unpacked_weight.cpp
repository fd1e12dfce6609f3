#include "engine/model/unpacked_weight.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/finite_half.h"
#include "base/half.h"
#include "engine/quant/dequantize_reference.h"

namespace sotto {
namespace {

// Rows of about this many weights are unpacked between two looks at the cancel flag.
constexpr std::int64_t kUnpackedWeights = std::int64_t{1} << 22;
// And of a chunk of the pool.
constexpr std::int64_t kChunkWeights = std::int64_t{1} << 15;

// `row`: room for one, of the thread that calls.
void unpackRows(const TensorView& matrix, std::int64_t firstRow, std::int64_t nRows,
                std::span<float> row, Half* out) {
    const std::size_t nCols = row.size();
    const std::size_t bytesOfRow = rowBytes(matrix.type, nCols);
    for (std::int64_t index = firstRow; index < firstRow + nRows; ++index) {
        const auto rowIndex = static_cast<std::size_t>(index);
        dequantizeRow(matrix.type, {matrix.data + rowIndex * bytesOfRow, bytesOfRow}, row);
        std::transform(row.begin(), row.end(), out + rowIndex * nCols, toFiniteHalf);
    }
}

}  // namespace

TensorView computedMatrix(const GgufTensor& tensor) {
    TensorView matrix = tensor.matrix();
    if (!isUnpackedAtLoad(tensor)) return matrix;
    matrix.type = DType::F16;
    matrix.data = nullptr;
    return matrix;
}

std::uint64_t residentBytes(const GgufTensor& tensor,
                            const std::function<std::uint64_t(const TensorView&)>& preparedBytes) {
    const TensorView matrix = computedMatrix(tensor);
    const std::uint64_t prepared = preparedBytes(matrix);
    return prepared == 0 && isUnpackedAtLoad(tensor) ? matrix.bytes() : prepared;
}

Result<Buffer> unpackToHalf(const GgufTensor& tensor, ThreadPool& pool, const PrepareSink& sink) {
    const TensorView matrix = tensor.matrix();
    SOTTO_ASSIGN(Buffer halves, allocateHostBuffer(computedMatrix(tensor).bytes()));
    const std::int64_t pieceRows = std::max<std::int64_t>(1, kUnpackedWeights / matrix.nCols);
    const std::int64_t chunkRows = std::max<std::int64_t>(1, kChunkWeights / matrix.nCols);
    const auto nCols = static_cast<std::size_t>(matrix.nCols);
    const std::size_t bytesOfRow = rowBytes(matrix.type, nCols);
    std::vector<float> rows(nCols * static_cast<std::size_t>(pool.nThreads()));
    for (std::int64_t first = 0; first < matrix.nRows; first += pieceRows) {
        const std::int64_t end = std::min(first + pieceRows, matrix.nRows);
        const auto unpackChunk = [&](std::int64_t chunk, int thread) {
            const std::int64_t begin = first + chunk * chunkRows;
            unpackRows(matrix, begin, std::min(chunkRows, end - begin),
                       std::span(rows).subspan(nCols * static_cast<std::size_t>(thread), nCols),
                       halves.as<Half>());
        };
        pool.parallelFor((end - first + chunkRows - 1) / chunkRows, unpackChunk);
        if (sink && !sink(static_cast<std::uint64_t>(end) * bytesOfRow))
            return fail(ErrorCode::Cancelled, "Loading was cancelled.");
    }
    return halves;
}

}  // namespace sotto
