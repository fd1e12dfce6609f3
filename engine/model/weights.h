// Weights: the tensors of a loaded model by role, each prepared for the KernelSet of its part.
//
// Filled by loader, read by the blocks. Owns the prepared matrices and one buffer of vectors per
// part, on a card one of matrices as well; else they may lie in the GgufFile's mapping, which must
// outlive this. Plain struct; immutable after loading. Absent tensors are null.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/device/buffer.h"
#include "engine/kernels/kernel_set.h"

namespace sotto {

struct LayerWeights {
    const float* attentionNorm = nullptr;     // [nEmbd]
    const Weight* query = nullptr;            // [nHeads * headDim, nEmbd]
    const Weight* key = nullptr;              // [nKvHeads * headDim, nEmbd]
    const Weight* value = nullptr;            // [nKvHeads * headDim, nEmbd]
    const Weight* attentionOutput = nullptr;  // [nEmbd, nHeads * headDim]
    const float* queryBias = nullptr;
    const float* keyBias = nullptr;
    const float* valueBias = nullptr;
    const float* attentionOutputBias = nullptr;
    const float* queryNorm = nullptr;        // [headDim]
    const float* keyNorm = nullptr;          // [headDim]
    const float* ropeFrequencies = nullptr;  // [rotaryDims / 2] radians per position
    float ropeMagnitude = 1.0f;

    const float* feedForwardNorm = nullptr;  // [nEmbd]
    // Of a mixture gate, up and down are the stacks of all experts (kernels/experts.h).
    const Weight* router = nullptr;  // [nExperts, nEmbd]
    const Weight* gate = nullptr;    // [nFeedForward, nEmbd]
    const Weight* up = nullptr;      // [nFeedForward, nEmbd]
    const Weight* down = nullptr;    // [nEmbd, nFeedForward]
    const float* gateBias = nullptr;
    const float* upBias = nullptr;
    const float* downBias = nullptr;
};

struct Weights {
    const Weight* embedding = nullptr;  // [nVocab, nEmbd]
    const float* outputNorm = nullptr;  // [nEmbd]
    const Weight* head = nullptr;       // [nVocab, nEmbd]; when tied and of one part, the embedding
    std::vector<LayerWeights> layers;
    // Of each layer, as its ropeFrequencies, in the host's memory.
    std::vector<std::vector<float>> ropeFrequencies;

    // Of each part whose set copies matrices: all of them behind one another in one allocation, of
    // which a device gives whole pages (2 MiB on a card).
    std::vector<Buffer> shelves;
    std::vector<std::unique_ptr<Weight>> matrices;
    std::vector<Buffer> vectors;  // of each part: norms, biases and rotation speeds, float32
    // Matrices that are used in place and lie in no file: of a random model, or unpacked.
    std::vector<Buffer> made;

    std::uint64_t mappedBytes = 0;    // matrices used where the file is mapped
    std::uint64_t residentBytes = 0;  // repacked copies and vectors
    // Read by one decode step of one row: every matrix and vector once, of an embedding table one
    // row, of experts those that the row goes to.
    std::uint64_t bytesPerToken = 0;
    std::uint64_t expertBytes = 0;  // of all experts
    double expertShare = 1.0;       // of them, what one row goes to

    // The same of a step of several rows. Which experts they share is known to the device alone:
    // the mean of rows that choose evenly and by themselves, E (1 - (1 - k / E)^rows) of E experts.
    std::uint64_t bytesPerStep(std::int64_t nRows) const;
};

}  // namespace sotto
