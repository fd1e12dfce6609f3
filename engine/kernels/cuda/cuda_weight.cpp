#include "engine/kernels/cuda/cuda_weight.h"

#include "engine/device/cuda/cuda_error.h"
#include "engine/kernels/cuda/repack.h"

namespace sotto::cuda {

Result<std::unique_ptr<CudaWeight>> placeCudaWeight(const TensorView& source, std::byte* place) {
    auto weight = std::make_unique<CudaWeight>();
    weight->nRows = source.nRows;
    weight->nCols = source.nCols;
    weight->type = source.type;
    weight->residentBytes = cudaWeightBytes(source);
    if (place == nullptr) {
        SOTTO_ASSIGN(weight->own, allocateDeviceBuffer(weight->residentBytes, "the weights"));
    }
    weight->memory = place != nullptr ? place : weight->own.data();
    return weight;
}

Status queueRows(const CudaWeight& weight, const FileRows& rows, const Stream& stream) {
    if (weight.isPacked()) {
        launchRepack({.source = rows.data,
                      .records = weight.memory,
                      .type = weight.type,
                      .firstRow = rows.firstRow,
                      .nRows = rows.nRows,
                      .nCols = weight.nCols},
                     {stream.get(), false});
        return checkLaunches("repacking weights");
    }
    const std::size_t bytesPerRow = rowBytes(weight.type, static_cast<std::size_t>(weight.nCols));
    return check(
        cudaMemcpyAsync(weight.memory + static_cast<std::size_t>(rows.firstRow) * bytesPerRow,
                        rows.data, static_cast<std::size_t>(rows.nRows) * bytesPerRow,
                        cudaMemcpyDeviceToDevice, stream.get()),
        "copying weights");
}

}  // namespace sotto::cuda
