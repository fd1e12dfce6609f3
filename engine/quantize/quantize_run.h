// QuantizeRun: one quantization, from the opened source to the file under its name.
//
// Place: below engine/api/quantize.h. Owns source, importance matrix, plan and threads. The writer
// asks for pieces of whole rows; each is cut into chunks that the threads share, so that the bytes
// do not depend on their number. One thread calls it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/atomic_file.h"
#include "base/result.h"
#include "engine/api/quantize.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/gguf/gguf_writer.h"
#include "engine/quantize/column_folds.h"
#include "engine/quantize/feedback_source.h"
#include "engine/quantize/importance.h"
#include "engine/quantize/input_reader.h"
#include "engine/quantize/quantize_plan.h"
#include "engine/quantize/tensor_source.h"

namespace sotto {

class QuantizeRun {
public:
    // Opens and plans; `sink` is called where a budget wants measuring. Errors: as
    // planQuantization().
    static Result<std::unique_ptr<QuantizeRun>> open(const QuantizeOptions& options,
                                                     const QuantizeSink& sink);

    const QuantizeReport& report() const { return m_report; }
    bool isCalibrated() const { return m_recipe.method == ModelMethod::Gptq; }
    // What can be told before anything is read: the target's name, room on its disk, and where
    // isCalibrated() memory. Errors: InvalidArgument, DiskFull, OutOfMemory.
    Status check() const;
    // Before write(), where isCalibrated(): reads options.calibration.
    void calibrateBy(std::unique_ptr<InputReader> reader) { m_reader = std::move(reader); }
    // Of the new file, up to its tensors' data; the source's hash is zeros until write().
    Result<std::vector<std::byte>> headerBytes() const { return m_writer.headerBytes(); }

    // Behind a check(). Errors: as quantizeModel(). Once.
    Status write(const QuantizeSink& sink);

private:
    // What a thread works in.
    struct Scratch {
        std::vector<std::byte> bytes;
        std::vector<float> values;
        std::vector<float> back;  // what the quantized bytes mean
    };
    // Some rows of one tensor, on one thread.
    struct Chunk {
        GgufRowRange rows;
        std::span<std::byte> out;
        const ErrorFeedback* feedback = nullptr;  // or null; else the rows are of one matrix
        double squaredError = 0;
        Status status = {};
    };

    explicit QuantizeRun(QuantizeOptions options) : m_options(std::move(options)) {}

    // Types, keys and size of the new file.
    Status plan(std::span<const ChosenType> chosen);
    // The same within the budget. Errors: those of planBudget().
    Status planWithin(std::vector<ChosenType> chosen, const QuantizeSink& sink);
    const ImportanceMatrix* importance() const { return m_importance ? &*m_importance : nullptr; }
    std::uint32_t fileType() const;
    void addKeys();
    Result<std::vector<std::string>> hashSource(const QuantizeSink& sink) const;
    Status checkSpace() const;
    AtomicFileOptions targetOptions() const;
    // Of those with error feedback; null: there are none.
    const QuantizedTensor* widestFed() const;
    std::uint64_t productBytes() const;
    void warnOfNoFolds();
    // Of ModelMethod::Awq.
    Status chooseAllFolds(const QuantizeSink& sink);
    Status takeTensor(std::size_t tensorIndex);
    Status makeRows(const GgufRowRange& range, std::span<std::byte> out, const QuantizeSink& sink);
    // The same matrix by matrix.
    Status makeRowsWithFeedback(const GgufRowRange& range, std::span<std::byte> out,
                                const QuantizeSink& sink);
    // Of a matrix, some chunks for each thread at a time.
    Status makeMatrixRows(const GgufRowRange& range, std::span<std::byte> out,
                          const ErrorFeedback* feedback, const QuantizeSink& sink);
    void addChunks(const GgufRowRange& range, std::span<std::byte> out,
                   const ErrorFeedback* feedback);
    Status makeChunks();
    Status makeChunk(Chunk& chunk, Scratch& scratch) const;
    void addErrors(Chunk& chunk, Scratch& scratch) const;
    void warnOfSearched();
    void quantizeValues(const Chunk& chunk, std::span<const float> values) const;

    const QuantizeOptions m_options;
    QuantizeRecipe m_recipe;
    std::unique_ptr<TensorSource> m_source;
    std::optional<ImportanceMatrix> m_importance;
    QuantizeReport m_report;
    GgufWriter m_writer;

    std::unique_ptr<InputReader> m_reader;
    std::optional<ThreadPool> m_pool;
    std::optional<FeedbackSource> m_feedback;
    ColumnFolds m_folds;
    std::string m_searched;          // the first tensor that has too few inputs for its feedback
    std::int64_t m_nSearched = 0;    // such tensors
    std::vector<Scratch> m_scratch;  // of each thread
    std::vector<Chunk> m_chunks;     // of the piece at work
    std::size_t m_tensorIndex = SIZE_MAX;
    std::vector<float> m_weights;  // of the tensor at work: [nMatrices * nColumns], or none
    double m_squaredError = 0;     // of the tensor at work
    std::uint64_t m_doneBytes = 0;
};

}  // namespace sotto
