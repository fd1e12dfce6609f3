// The file of a perplexity run's log-probabilities, for comparing another quantization of the same
// model with it later.
//
// Layout, little-endian: "SOTTOLP1", then u32 nVocab, u32 contextTokens, u32 nChunks, u32 zero,
// then per chunk its token ids i32[contextTokens] and its scored rows. A row is f32 low, f32 step
// and u16 code[nVocab]: log p = low + step * code. `low` is the row's least log-probability but at
// most kLogRange below the greatest, so the error of a row is at most kLogRange / 65535 / 2 nats
// and 0 for the likeliest token. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/result.h"

namespace sotto {

// Below e^-24 a probability adds less than 1e-9 to a divergence.
constexpr float kLogRange = 24.0f;

struct LogitsFileHeader {
    std::uint32_t nVocab = 0;
    std::uint32_t contextTokens = 0;
    std::uint32_t nChunks = 0;
};

// Writes under a temporary name; without finish() nothing is left. Errors of all: those of
// AtomicFile.
class LogitsFileWriter {
public:
    static Result<LogitsFileWriter> create(const std::filesystem::path& path,
                                           const LogitsFileHeader& header,
                                           const AtomicFileOptions& options = {});

    Status addTokens(std::span<const std::int32_t> tokens);
    Status addRow(std::span<const float> logProbabilities);
    Status finish();

private:
    explicit LogitsFileWriter(AtomicFile file) : m_file(std::move(file)) {}
    Status write(std::span<const std::byte> bytes);

    AtomicFile m_file;
    std::vector<std::byte> m_pending;  // rows are small: written in larger pieces
    std::vector<std::uint16_t> m_codes;
};

class LogitsFileReader {
public:
    // Errors: FileNotFound, FileDamaged.
    static Result<LogitsFileReader> open(const std::filesystem::path& path);

    const LogitsFileHeader& header() const { return m_header; }
    // Errors: FileDamaged (cut short).
    Status readTokens(std::vector<std::int32_t>& tokens);
    // Errors: FileDamaged (cut short, values that are no numbers).
    Status readRow(std::vector<float>& logProbabilities);

private:
    LogitsFileReader() = default;
    Status readBytes(void* out, std::size_t bytes);

    std::filesystem::path m_path;
    LogitsFileHeader m_header;
    std::ifstream m_stream;
    std::vector<std::uint16_t> m_codes;
};

}  // namespace sotto
