#include "engine/api/logits_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <system_error>

namespace sotto {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the file's numbers are written as they are");

constexpr std::array<char, 8> kMagic{'S', 'O', 'T', 'T', 'O', 'L', 'P', '1'};
constexpr float kMaxCode = 65535.0f;
constexpr std::uint32_t kMaxVocab = 1u << 26;
constexpr std::uint32_t kMaxContext = 1u << 24;

}  // namespace

Result<LogitsFileWriter> LogitsFileWriter::create(const std::filesystem::path& path,
                                                  const LogitsFileHeader& header) {
    LogitsFileWriter writer;
    writer.m_path = path;
    writer.m_temporary = path;
    writer.m_temporary += ".part";
    writer.m_stream.open(writer.m_temporary, std::ios::binary | std::ios::trunc);
    if (!writer.m_stream)
        return fail(ErrorCode::FileUnreadable, "The file cannot be written there.", path.string());
    const std::array<std::uint32_t, 4> numbers{header.nVocab, header.contextTokens, header.nChunks,
                                               0};
    writer.m_stream.write(kMagic.data(), kMagic.size());
    writer.m_stream.write(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
    return writer;
}

LogitsFileWriter::~LogitsFileWriter() {
    if (!m_stream.is_open()) return;
    m_stream.close();
    std::error_code ignored;
    std::filesystem::remove(m_temporary, ignored);
}

void LogitsFileWriter::addTokens(std::span<const std::int32_t> tokens) {
    m_stream.write(reinterpret_cast<const char*>(tokens.data()),
                   static_cast<std::streamsize>(tokens.size_bytes()));
}

void LogitsFileWriter::addRow(std::span<const float> logProbabilities) {
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
    m_stream.write(reinterpret_cast<const char*>(scale.data()), sizeof scale);
    m_stream.write(reinterpret_cast<const char*>(m_codes.data()),
                   static_cast<std::streamsize>(m_codes.size() * sizeof(std::uint16_t)));
}

Status LogitsFileWriter::finish() {
    m_stream.flush();
    const bool isWritten = m_stream.good();
    m_stream.close();
    std::error_code error;
    if (isWritten) std::filesystem::rename(m_temporary, m_path, error);
    if (isWritten && !error) return {};
    std::error_code ignored;
    std::filesystem::remove(m_temporary, ignored);
    return fail(ErrorCode::DiskFull,
                "The log-probabilities could not be written completely; is the "
                "disk full?",
                m_path.string());
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
