// Quantizing: a model in, a smaller one out, as a new file that says how it was made.
//
// Runs in the caller's thread and uses the processor's cores; for the command line and jobs.
// Streams tensor by tensor: memory stays at some rows per thread and the importance matrix,
// whatever the model's size; with error feedback a copy of the model runs beside, and products of
// its matrices' inputs take half of the memory that is free beside it. The least that these need
// are 12 bytes for each pair of columns of the widest matrix: 2.5 GB for 14336 columns. The new
// file appears whole or not at all (base/atomic_file.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/api/inspect.h"
#include "engine/tensor/dtype.h"

namespace sotto {

// The names that QuantizeOptions::type takes, from the largest to the smallest.
std::vector<std::string> quantizeTypes();
// Whether `text` is a rule for QuantizeOptions::keep. Errors: InvalidArgument, with what is wrong.
Status checkKeepRule(std::string_view text);

// How large the new file may be. Each tensor then gets the type that the whole loses least by,
// instead of the one that a mix of the field has for it: what it would lose as each type is
// measured on a sample of its rows (engine/quantize/sensitivity.h), and the bytes go where they
// help most (engine/quantize/bit_budget.h). Types that kernels compute with, unless they alone are
// too large. At most one of the two sizes is said.
struct QuantizeBudget {
    double bitsPerWeight = 0;     // over all tensors; 0: not said
    std::uint64_t fileBytes = 0;  // 0: not said
    // The size was taken from memory (fileBytesForMemory()): only types that kernels compute with,
    // since the others become F16 when they are loaded (engine/model/unpacked_weight.h).
    bool isForMemory = false;

    bool isThere() const { return bitsPerWeight > 0 || fileBytes > 0; }
    bool operator==(const QuantizeBudget&) const = default;
};

// How the numbers of a matrix are chosen.
enum class ModelMethod : std::uint8_t {
    Nearest,  // rounded to the scale that a block's range asks for
    Search,   // the scales with the least weighted squared error
    // Those of the search, and each code makes up for the errors of the columns before it
    // (engine/quant/error_feedback.h), as far as their inputs on a text go together. Tensors whose
    // type has no code of its own for each weight, or to which fewer rows come than they have
    // columns, are searched.
    Gptq,
    // Those of the search, with columns that matter scaled up first and what comes before them
    // scaled down (engine/quantize/column_folds.h): needs an importance matrix.
    Awq,
};
// As options and files call it: "rtn", "search", "gptq", "awq".
std::string_view methodName(ModelMethod method);
std::optional<ModelMethod> methodFromName(std::string_view name);
// Whether Awq knows what it could scale in models of this architecture (general.architecture).
bool isFoldedArchitecture(std::string_view architecture);

// What the model reads to tell what comes to its matrices.
struct CalibrationText {
    std::string text;
    std::string name;                 // which the new file tells, with the text's hash
    std::filesystem::path file = {};  // that it was read from: never written over; empty: none
    std::int64_t chunkTokens = 512;   // less where the model reads less at once
    std::int64_t maxChunks = 128;     // 0: all
};

struct QuantizeOptions {
    // A GGUF file (of a split the first part is enough), or a folder of Hugging Face's form.
    std::filesystem::path source;
    std::filesystem::path target;
    std::string type;  // a mix: "Q4_K_M"; may be empty with a budget
    QuantizeBudget budget;
    std::vector<std::string> keep;     // PATTERN=TYPE, the last one that matches counts
    std::filesystem::path importance;  // an importance matrix in either form; empty: none
    // Plans alone: there will be one, so that types which need one are planned as well.
    bool isImportanceToCome = false;
    ModelMethod method = ModelMethod::Search;
    CalibrationText calibration;  // of Gptq alone
    bool isTextToCome = false;    // plans alone: of the text only the name is said as yet
    // Of the products of inputs that Gptq has in memory at a time; but one matrix's are always. 0:
    // half of the memory that is free beside the model. The less, the more often the text is read.
    std::uint64_t productBytes = 0;
    int nThreads = 0;    // 0: one per physical core, within the quota
    bool isNew = false;  // a file of that name that came meanwhile stays, and this fails
};

struct QuantizedTensor {
    std::string name;
    std::vector<std::int64_t> shape;  // fastest first
    DType from = DType::F32;
    DType to = DType::F32;
    std::uint64_t bytes = 0;       // in the new file
    std::optional<DType> refused;  // what its rows are no multiple of, so that `to` took its place
    bool isFedBack = false;        // once it is made: with error feedback, all of it
    double rmse = 0;  // root of the mean squared error against the source; 0 until it is made
    double expectedLoss = 0;  // with a budget; see SpentBudget::loss
};

// What became of a budget.
struct SpentBudget {
    std::uint64_t budgetBytes = 0;  // of the new file, which has at most these
    // The sum over all tensors: the part of the energy of what each gives out that will be error,
    // times its sensitivity. Where the importance matrix tells sensitivities, the mean KL
    // divergence that is to be expected, in nats; else of no unit, by what is usual.
    double loss = 0;
    bool isMeasured = false;   // so
    double samplingError = 0;  // the standard error of `loss`: a sample of rows is looked at
};

struct QuantizeReport {
    std::vector<QuantizedTensor> tensors;
    std::uint64_t sourceBytes = 0;  // of the tensors
    std::uint64_t fileBytes = 0;    // of the new file
    double bitsPerWeight = 0;
    std::int64_t nFolded = 0;  // tensors that were scaled, of Awq; once it is made
    // Of Gptq: what it takes of the memory at most, the model that reads the text among it, as far
    // as the system tells what is free now; and tensors that are searched all the same, since their
    // type has no code of its own for each weight.
    std::uint64_t feedbackBytes = 0;
    std::int64_t nNotFed = 0;
    std::int64_t nUnmeasured = 0;  // tensors that the importance matrix has nothing for
    std::optional<SpentBudget> spent;
    std::vector<std::string> warnings;  // sentences: a source that is quantized already, …
};

struct QuantizeProgress {
    // Calibrating and Quantizing take turns where a text is read more than once.
    enum class Phase : std::uint8_t { Measuring, Hashing, Calibrating, Quantizing };
    Phase phase = Phase::Hashing;
    std::uint64_t doneBytes = 0;  // of the source, in this phase; while calibrating tokens
    std::uint64_t totalBytes = 0;
    std::string_view tensor;  // at work; empty while hashing
};

// How large a file may be so that its model takes at most `memoryBytes` once it is loaded as `load`
// says, in this space: a QuantizeBudget::fileBytes for "fit 16 GiB with 16k of context", to be said
// with isForMemory. By the allocator's dry run of each of the types that kernels compute with; no
// weight is read. Of `options` the source, the importance matrix and what is kept count. Errors:
// those of opening the source and the importance matrix; InvalidArgument (a kept type that needs
// an importance matrix), OutOfMemory (the context and what comes with it leave nothing, both
// numbers), those of planHeader().
Result<std::uint64_t> fileBytesForMemory(const QuantizeOptions& options, const LoadOptions& load,
                                         const PlanSpace& space, std::uint64_t memoryBytes);

// Called before every piece of some MB; false cancels. It may wait: then the work is paused.
using QuantizeSink = std::function<bool(const QuantizeProgress&)>;

// Sizes and types without reading a weight; with a budget a sample of each tensor is read and
// quantized, which takes seconds to minutes. Errors: those of opening the source and the importance
// matrix; InvalidArgument (a type or pattern that is not known, a type that needs an importance
// matrix, a budget that is too small, with what would do, a method without the text or the
// importance matrix that it needs); with a budget FileDamaged (a weight that is no number) and
// Cancelled.
Result<QuantizeReport> planQuantization(const QuantizeOptions& options,
                                        const QuantizeSink& sink = {});

// The same with the beginning of the new file up to its tensors' data, for planHeader(): what it
// will take of the memory and how fast it will be, before it is made.
struct PlannedFile {
    QuantizeReport report;
    std::vector<std::byte> header;  // MBs where the vocabulary is large
};
Result<PlannedFile> planQuantizedFile(const QuantizeOptions& options,
                                      const QuantizeSink& sink = {});

// Errors: those of planQuantization(); DiskFull (before the first byte where it can be seen then,
// with both numbers), ReadOnly, Io, Cancelled, FileDamaged (a weight that is no number, named),
// FileUnreadable (the source changed); with Gptq those of loading the source, InvalidArgument (a
// text that is shorter than a chunk), OutOfMemory (before anything is read: the widest matrix, both
// numbers), FileDamaged (inputs of a matrix that are no numbers, named).
// After an error there is no new file.
Result<QuantizeReport> quantizeModel(const QuantizeOptions& options, const QuantizeSink& sink);

}  // namespace sotto
