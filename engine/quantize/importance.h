// ImportanceMatrix: how much each input column of each matrix matters, as measured on a text; the
// weights of the errors that a quantizer makes small.
//
// Written by the measurement (engine/api/imatrix.h) and read by the quantizer; files of other tools
// are read too: the GGUF form (general.type "imatrix": per weight `<name>.in_sum2` [columns,
// matrices] and `<name>.counts` [1, matrices], F32) and the older .dat (i32 n, {i32 length, name,
// i32 calls, i32 values, f32 values}, i32 last chunk, i32 length, data set). Plain values; any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sotto {

// Of one weight: of a mixture's stack each expert's matrix by itself.
struct ImportanceEntry {
    std::vector<float> sums;    // [nMatrices * nColumns] of x^2 over the rows that were multiplied
    std::vector<float> counts;  // [nMatrices] of those rows; of the older form one for all
};

struct ImportanceMatrix {
    std::map<std::string, ImportanceEntry, std::less<>> entries;  // by the weight's name
    std::vector<std::string> datasets;
    std::uint32_t nChunks = 0;
    std::uint32_t chunkTokens = 0;
    // By the matrix's name: nats of KL divergence for each part of its output that is error
    // (engine/api/tensor_sensitivity.h). Of measurements of this program that were asked for it;
    // keys of their own, which other tools pass over.
    std::map<std::string, double, std::less<>> sensitivities;
    std::filesystem::path path;  // that it was read from
    // Of one that is not whole yet: what it is measured on, so that the rest can follow.
    std::string origin;
    // Of a whole one of this program the same, so that it is known again.
    std::string measuredOn;

    // Whether weightsOf() has something to give. Errors: as there.
    Result<bool> covers(std::string_view name, std::int64_t nMatrices, std::int64_t nColumns) const;

    // The weights of all columns, sums / counts, [nMatrices * nColumns]; of an expert that no row
    // came to ones. Empty where the weight has no entry. Errors: InvalidArgument where the entry is
    // of another size: it was measured on another model; FileDamaged (a mean that is infinite).
    Result<std::vector<float>> weightsOf(std::string_view name, std::int64_t nMatrices,
                                         std::int64_t nColumns) const;
};

// The older form, of bytes in memory; `fileName` is how messages name it. Errors: FileDamaged.
Result<ImportanceMatrix> parseOlderImportance(std::span<const std::byte> bytes,
                                              const std::string& fileName);

// Either form. Errors: those of GgufFile::open(); FileDamaged (also: an entry that is negative or
// no number, named), InvalidArgument (a GGUF that is no importance matrix).
Result<ImportanceMatrix> readImportance(const std::filesystem::path& path);

// The GGUF form, whole or not at all; never over one of `inputs`. Errors: those of GgufWriter.
Status writeImportance(const ImportanceMatrix& matrix, const std::filesystem::path& path,
                       const std::vector<std::filesystem::path>& inputs);

}  // namespace sotto
