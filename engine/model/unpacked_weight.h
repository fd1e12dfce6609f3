// Matrices of the types that no kernel computes with: they become F16 when a model is loaded.
//
// Flow: the loader and the memory estimate ask here what a tensor's matrix is to the kernels. An
// unpacked one takes 16 bits per weight whatever it takes in the file, of memory of our own, and
// each weight is rounded once more. Pure; any thread, but for the pool's.
#pragma once

#include <functional>

#include "base/result.h"
#include "engine/device/buffer.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/kernels/kernel_set.h"

namespace sotto {

inline bool isUnpackedAtLoad(const GgufTensor& tensor) { return !hasKernels(tensor.type); }

// The matrix as kernels meet it: the file's bytes, or F16 without bytes yet.
TensorView computedMatrix(const GgufTensor& tensor);

// Bytes of our own that it takes, where `preparedBytes` says what a set takes for a matrix
// (KernelSizes::preparedBytes): 0 for one that is used in place.
std::uint64_t residentBytes(const GgufTensor& tensor,
                            const std::function<std::uint64_t(const TensorView&)>& preparedBytes);

// The weights of a tensor as F16, row by row; one beyond the largest half becomes that. `sink` is
// told the bytes of the tensor that are done. Errors: OutOfMemory, Cancelled.
Result<Buffer> unpackToHalf(const GgufTensor& tensor, ThreadPool& pool, const PrepareSink& sink);

}  // namespace sotto
