#include "engine/kernels/cuda/random_weight.h"

#include <algorithm>

#include "engine/kernels/cuda/random_rows.h"

namespace sotto::cuda {
namespace {

Status queuePieces(const RandomMatrix& matrix, const CudaWeight& weight, const Buffer& staging,
                   const Stream& stream, const PrepareSink& sink) {
    const std::size_t rowBytes = matrix.rowBytes();
    const auto pieceRows = static_cast<std::int64_t>(staging.bytes() / rowBytes);
    for (std::int64_t firstRow = 0; firstRow < matrix.nRows; firstRow += pieceRows) {
        const std::int64_t nRows = std::min(pieceRows, matrix.nRows - firstRow);
        launchRandomRows(
            {.matrix = matrix, .firstRow = firstRow, .nRows = nRows, .out = staging.data()},
            {stream.get(), false});
        SOTTO_TRY(queueRows(weight, {staging.data(), firstRow, nRows}, stream));
        const auto done = static_cast<std::uint64_t>(firstRow + nRows) * rowBytes;
        if (sink && !sink(done)) return fail(ErrorCode::Cancelled, "Loading was cancelled.");
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Weight>> makeRandomWeight(const RandomMatrix& matrix,
                                                 std::size_t stagingBytes, const Stream& stream,
                                                 const PrepareTarget& target) {
    const TensorView view{
        .data = nullptr, .type = matrix.type, .nCols = matrix.nCols, .nRows = matrix.nRows};
    SOTTO_ASSIGN(std::unique_ptr<CudaWeight> weight, placeCudaWeight(view, target.memory));
    // Whole panels, as repacking wants them.
    const std::size_t panelBytes = kPanelRows * matrix.rowBytes();
    const std::size_t nPanels = std::clamp<std::size_t>(
        stagingBytes / panelBytes, 1, static_cast<std::size_t>(panelsOf(matrix.nRows)));
    SOTTO_ASSIGN(const Buffer staging,
                 allocateDeviceBuffer(nPanels * panelBytes, "making random weights"));
    const Status queued = queuePieces(matrix, *weight, staging, stream, target.sink);
    // What is queued writes to memory that may go now.
    const Status done = stream.synchronize();
    SOTTO_TRY(queued);
    SOTTO_TRY(done);
    return std::unique_ptr<Weight>(std::move(weight));
}

}  // namespace sotto::cuda
