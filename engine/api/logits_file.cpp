#include "engine/api/logits_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

namespace sotto {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the file's numbers are written as they are");

constexpr std::array<char, 8> kMagic{'S', 'O', 'T', 'T', 'O', 'L', 'P', '1'};
constexpr float kMaxCode = 65535.0f;
constexpr std::uint32_t kMaxVocab = 1u << 26;
constexpr std::uint32_t kMaxContext = 1u << 24;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

}  // namespace

Result<LogitsFileWriter> LogitsFileWriter::create(const std::filesystem::path& path,
                                                  const LogitsFileHeader& header,
                                                  const AtomicFileOptions& options) {
    SOTTO_ASSIGN(AtomicFile file, AtomicFile::create(path, options));
    LogitsFileWriter writer(std::move(file));
    const std::array<std::uint32_t, 4> numbers{header.nVocab, header.contextTokens, header.nChunks,
                                               0};
    SOTTO_TRY(writer.write(std::as_bytes(std::span(kMagic))));
    SOTTO_TRY(writer.write(std::as_bytes(std::span(numbers))));
    return writer;
}

Status LogitsFileWriter::write(std::span<const std::byte> bytes) {
    m_pending.insert(m_pending.end(), bytes.begin(), bytes.end());
    if (m_pending.size() < kPieceBytes) return {};
    SOTTO_TRY(m_file.append(m_pending));
    m_pending.clear();
    return {};
}

Status LogitsFileWriter::addTokens(std::span<const std::int32_t> tokens) {
    return write(std::as_bytes(tokens));
}

Status LogitsFileWriter::addRow(std::span<const float> logProbabilities) {
    const auto [least, greatest] =
        std::minmax_element(logProbabilities.begin(), logProbabilities.end());
    const float low = std::max(*least, *greatest - kLogRange);
    const float step = (*greatest - low) / kMaxCode;
    m_codes.resize(logProbabilities.size());
    for (std::size_t tokenId = 0; tokenId < m_codes.size(); ++tokenId) {
        const float code = step > 0 ? (logProbabilities[tokenId] - low) / step : 0.0f;
        m_codes[tokenId] =
            static_cast<std::uint16_t>(std::lround(std::clamp(code, 0.0f, kMaxCode)));
    }
    const std::array<float, 2> scale{low, step};
    SOTTO_TRY(write(std::as_bytes(std::span(scale))));
    return write(std::as_bytes(std::span(m_codes)));
}

Status LogitsFileWriter::finish() {
    SOTTO_TRY(m_file.append(m_pending));
    return m_file.commit();
}

Result<LogitsFileReader> LogitsFileReader::open(const std::filesystem::path& path) {
    LogitsFileReader reader;
    reader.m_path = path;
    reader.m_stream.open(path, std::ios::binary);
    if (!reader.m_stream)
        return fail(ErrorCode::FileNotFound, "The file of log-probabilities cannot be opened.",
                    path.string());
    std::array<char, 8> magic{};
    std::array<std::uint32_t, 4> numbers{};
    SOTTO_TRY(reader.readBytes(magic.data(), magic.size()));
    SOTTO_TRY(reader.readBytes(numbers.data(), sizeof numbers));
    if (magic != kMagic || numbers[0] == 0 || numbers[0] > kMaxVocab || numbers[1] < 2 ||
        numbers[1] > kMaxContext)
        return fail(ErrorCode::FileDamaged,
                    "This is not a file of log-probabilities written by --save-logits.",
                    path.string());
    reader.m_header = {numbers[0], numbers[1], numbers[2]};
    return reader;
}

Status LogitsFileReader::readTokens(std::vector<std::int32_t>& tokens) {
    tokens.resize(m_header.contextTokens);
    return readBytes(tokens.data(), tokens.size() * sizeof(std::int32_t));
}

Status LogitsFileReader::readRow(std::vector<float>& logProbabilities) {
    std::array<float, 2> scale{};
    SOTTO_TRY(readBytes(scale.data(), sizeof scale));
    // The least and the greatest that a code can mean: all others lie between them.
    if (!std::isfinite(scale[0]) || !std::isfinite(scale[0] + scale[1] * kMaxCode))
        return fail(ErrorCode::FileDamaged,
                    "The file of log-probabilities holds values that are no numbers.",
                    m_path.string());
    m_codes.resize(m_header.nVocab);
    SOTTO_TRY(readBytes(m_codes.data(), m_codes.size() * sizeof(std::uint16_t)));
    logProbabilities.resize(m_header.nVocab);
    for (std::size_t tokenId = 0; tokenId < m_codes.size(); ++tokenId)
        logProbabilities[tokenId] = scale[0] + scale[1] * float(m_codes[tokenId]);
    return {};
}

Status LogitsFileReader::readBytes(void* out, std::size_t bytes) {
    m_stream.read(static_cast<char*>(out), static_cast<std::streamsize>(bytes));
    if (m_stream) return {};
    return fail(ErrorCode::FileDamaged, "The file of log-probabilities ends too early.",
                m_path.string());
}

}  // namespace sotto
