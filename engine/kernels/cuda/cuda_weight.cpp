#include "engine/kernels/cuda/cuda_weight.h"

#include "engine/device/cuda/cuda_error.h"
#include "engine/kernels/cuda/repack.h"

namespace sotto::cuda {

Result<std::unique_ptr<CudaWeight>> allocateCudaWeight(const TensorView& source) {
    auto weight = std::make_unique<CudaWeight>();
    weight->nRows = source.nRows;
    weight->nCols = source.nCols;
    weight->type = source.type;
    weight->residentBytes = cudaWeightBytes(source);
    SOTTO_ASSIGN(weight->memory, allocateDeviceBuffer(weight->residentBytes, "the weights"));
    return weight;
}

Status queueRows(const CudaWeight& weight, const FileRows& rows, const Stream& stream) {
    std::byte* memory = weight.memory.data();
    if (weight.isPacked()) {
        launchRepack({.source = rows.data,
                      .records = memory,
                      .type = weight.type,
                      .firstRow = rows.firstRow,
                      .nRows = rows.nRows,
                      .nCols = weight.nCols},
                     {stream.get(), false});
        return checkLaunches("repacking weights");
    }
    const std::size_t bytesPerRow = rowBytes(weight.type, static_cast<std::size_t>(weight.nCols));
    return check(cudaMemcpyAsync(memory + static_cast<std::size_t>(rows.firstRow) * bytesPerRow,
                                 rows.data, static_cast<std::size_t>(rows.nRows) * bytesPerRow,
                                 cudaMemcpyDeviceToDevice, stream.get()),
                 "copying weights");
}

}  // namespace sotto::cuda
