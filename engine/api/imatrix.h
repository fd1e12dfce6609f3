// The measurement of an importance matrix: how much each input column of each matrix matters to a
// model on a text, for the quantizer (engine/api/quantize.h) and other tools.
//
// Runs in the caller's thread, on the processor, with a model of its own and keys and values in
// float32; for the command line and jobs. What is stopped goes on: every few chunks, and when it is
// cancelled, the sums of the whole chunks so far lie beside the output as "NAME.imatrix-part",
// which the next call with the same model, text and chunks takes up and the last one removes. Sums
// lie in files as float32: each stop rounds them once more, by 2^-24, and above 16 million rows
// counts may lose some of the rows that follow.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/api/engine_options.h"
#include "engine/api/evaluate.h"

namespace sotto {

struct ImatrixOptions {
    std::filesystem::path output;      // in the GGUF form
    std::string dataset;               // the text's name, which the file tells
    std::int64_t contextTokens = 512;  // the text is cut into chunks of this length
    std::int64_t maxChunks = 0;        // 0: all
    bool hasHead = false;              // output.weight as well
    // What an error in each matrix costs as well, for a quantizer that spends bits by it: the model
    // reads up to 1024 tokens of the text once more for each matrix, of deep models for those of
    // ten layers (tensor_sensitivity.h). Where it is stopped only that begins anew.
    bool hasSensitivity = false;
    // What `output` must not replace, besides the model: the text's file.
    std::vector<std::filesystem::path> inputs;
};

struct ImatrixResult {
    std::int64_t entries = 0;
    std::int64_t chunks = 0;
    std::int64_t resumedChunks = 0;  // of them, what an earlier call had measured
    std::int64_t tokens = 0;         // of all chunks
};

// Chunks are read as by evaluatePerplexity(): each begins with BOS where the model wants one.
// Errors: those of loading; InvalidArgument (the text is shorter than a chunk, chunks are longer
// than the model reads), FileDamaged (activations that are no numbers, the matrix named),
// Cancelled, those of AtomicFile.
Result<ImatrixResult> measureImatrix(const EngineOptions& engine, const LoadOptions& model,
                                     std::string_view text, const ImatrixOptions& options,
                                     const ProgressSink& progress);

// Whether `options.output` is there as measureImatrix() would leave it: of this model's files, this
// text and as many chunks, and with sensitivities where they are asked for. False of files of other
// tools, which do not say what they were measured on.
bool isMeasured(const LoadOptions& model, std::string_view text, const ImatrixOptions& options);

}  // namespace sotto
