// Packed records: every bit of the file at its place, nothing else, and rows read back with the
// bits of the reference dequantizer.
#include "engine/kernels/cuda/repack.h"

#include <QtTest>
#include <random>

#include "engine/quant/block_formats.h"
#include "tests/engine/kernels/cuda/packed_matrix.h"
#include "tests/support/compare.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using sotto::test::FileMatrix;

namespace {

constexpr DType kTypes[] = {DType::Q8_0, DType::Q4_0, DType::Q4_1, DType::Q5_0, DType::Q5_1,
                            DType::Q4_K, DType::Q5_K, DType::Q6_K, DType::F16,  DType::BF16};

// Random bits in everything, so that each bit of a block must keep its place. isFinite: the halves
// that scale blocks get sane exponents, for comparing numbers.
FileMatrix randomBits(std::mt19937& random, DType type, std::int64_t nRows, std::int64_t nCols,
                      bool isFinite) {
    FileMatrix matrix{.type = type, .nRows = nRows, .nCols = nCols, .bytes = {}, .values = {}};
    matrix.bytes.resize(matrix.rowBytes() * static_cast<std::size_t>(nRows));
    for (std::byte& byte : matrix.bytes) byte = static_cast<std::byte>(random());
    if (!isFinite) return matrix;
    const std::size_t blockBytes = dtypeTraits(type).blockBytes;
    const auto tame = [&](std::size_t offset) {  // clears the exponent's top bit of a 16-bit float
        matrix.bytes[offset + 1] &= std::byte{0xbf};
    };
    for (std::size_t block = 0; block < matrix.bytes.size(); block += blockBytes) {
        if (type == DType::Q6_K) {
            tame(block + 208);
            continue;
        }
        tame(block);
        const bool hasMinimum = type == DType::Q4_1 || type == DType::Q5_1 || type == DType::Q4_K ||
                                type == DType::Q5_K;
        if (hasMinimum) tame(block + 2);
    }
    matrix.values.resize(static_cast<std::size_t>(nRows * nCols));
    dequantizeRow(type, matrix.bytes, matrix.values);
    return matrix;
}

// The unpacking that packed_record.h describes, written from there: one lane's words at a time.
class RecordView {
public:
    RecordView(DType type, const std::byte* record) : m_type(type), m_record(record) {}

    std::uint32_t byte(int offset) const { return static_cast<std::uint32_t>(m_record[offset]); }
    std::uint32_t word(int part, int index) const {
        std::uint32_t result;
        std::memcpy(&result, m_record + part + 4 * index, 4);
        return result;
    }

    // Code of the K or small-block types, by walking to the register that holds the column.
    std::uint32_t code(int row, int col) const {
        const int group = col / 32;
        const int lane = 4 * (row % 8) + col % 16 / 4;
        const int fragmentWord = (row >= 8 ? 1 : 0) + (col % 32 >= 16 ? 2 : 0);
        const int shift = 8 * (col % 4);
        if (m_type == DType::Q8_0)
            return word(0, (group * 32 + lane) * 4 + fragmentWord) >> shift & 0xffu;
        const bool isEven = group % 2 == 0;
        const int pair = group / 2;
        const std::uint32_t nibble =
            word(0, (pair * 32 + lane) * 4 + fragmentWord) >> shift >> (isEven ? 0 : 4) & 0xfu;
        if (isFiveBits()) {
            const std::uint32_t rest =
                std::rotr(word(2048, lane * 4 + fragmentWord), 2 * pair) >> shift;
            return isEven ? nibble | (rest >> 4 & 1u) << 4 : nibble << 1 | (rest >> 3 & 1u);
        }
        if (m_type == DType::Q6_K) {
            const std::uint32_t rest =
                std::rotr(word(2048, (group / 4 * 32 + lane) * 4 + fragmentWord), 4 * (pair % 2)) >>
                shift;
            return isEven ? nibble | (rest >> 4 & 3u) << 4 : nibble << 2 | (rest >> 2 & 3u);
        }
        return nibble;
    }

    // The file's bytes of one row of this record.
    std::vector<std::byte> fileBytes(int row) const;

private:
    template <class Block>
    static std::vector<std::byte> bytesOf(const std::vector<Block>& blocks) {
        std::vector<std::byte> bytes(blocks.size() * sizeof(Block));
        std::memcpy(bytes.data(), blocks.data(), bytes.size());
        return bytes;
    }
    std::uint16_t halfAt(int offset) const {
        return static_cast<std::uint16_t>(byte(offset) | byte(offset + 1) << 8);
    }

    bool isFiveBits() const {
        return m_type == DType::Q5_0 || m_type == DType::Q5_1 || m_type == DType::Q5_K;
    }

    std::vector<std::byte> byteBlocks(int row) const;
    std::vector<std::byte> nibbleBlocks(int row) const;
    std::vector<std::byte> kBlock(int row) const;
    std::vector<std::byte> sixBitBlock(int row) const;
    std::vector<std::byte> floats(int row) const;

    DType m_type;
    const std::byte* m_record;
};

std::vector<std::byte> RecordView::byteBlocks(int row) const {
    std::vector<BlockQ8_0> blocks(8);
    for (int col = 0; col < 256; ++col) {
        blocks[static_cast<std::size_t>(col / 32)].d.bits =
            halfAt(4096 + 16 * row + 2 * (col / 32));
        blocks[static_cast<std::size_t>(col / 32)].codes[col % 32] =
            static_cast<std::int8_t>(code(row, col));
    }
    return bytesOf(blocks);
}

// Q4_0, Q4_1, Q5_0, Q5_1: one half or two, fifth bits, nibbles.
std::vector<std::byte> RecordView::nibbleBlocks(int row) const {
    const bool hasMin = m_type == DType::Q4_1 || m_type == DType::Q5_1;
    const int scales = isFiveBits() ? 2560 : 2048;
    const std::size_t highBits = hasMin ? 4 : 2;
    const std::size_t nibbles = highBits + (isFiveBits() ? 4 : 0);
    std::vector<std::byte> bytes(8 * (nibbles + 16));
    for (int col = 0; col < 256; ++col) {
        std::byte* const block = bytes.data() + static_cast<std::size_t>(col / 32) * (nibbles + 16);
        const int place = scales + 16 * row + 2 * (col / 32);
        std::memcpy(block, m_record + place, 2);
        if (hasMin) std::memcpy(block + 2, m_record + place + 256, 2);
        const std::uint32_t value = code(row, col);
        block[nibbles + static_cast<std::size_t>(col % 16)] |=
            static_cast<std::byte>((value & 15u) << (col % 32 / 16 * 4));
        if (isFiveBits())
            block[highBits + static_cast<std::size_t>(col % 32 / 8)] |=
                static_cast<std::byte>((value >> 4) << (col % 8));
    }
    return bytes;
}

// Q4_K and Q5_K: the header as it is, then high bits, then nibbles.
std::vector<std::byte> RecordView::kBlock(int row) const {
    const bool isFive = m_type == DType::Q5_K;
    std::vector<std::byte> bytes(isFive ? 176 : 144);
    std::memcpy(bytes.data(), m_record + (isFive ? 2560 : 2048) + 16 * row, 16);
    for (int col = 0; col < 256; ++col) {
        const std::uint32_t value = code(row, col);
        const std::size_t nibbleByte =
            (isFive ? 48u : 16u) + static_cast<std::size_t>(32 * (col / 64) + col % 32);
        bytes[nibbleByte] |= static_cast<std::byte>((value & 15u) << (col % 64 / 32 * 4));
        if (isFive)
            bytes[16 + static_cast<std::size_t>(col % 32)] |=
                static_cast<std::byte>((value >> 4) << (col / 32));
    }
    return bytes;
}

std::vector<std::byte> RecordView::sixBitBlock(int row) const {
    std::vector<BlockQ6_K> block(1);
    for (int col = 0; col < 256; ++col) {
        const std::uint32_t value = code(row, col);
        const int half = col / 128;
        const int group = col % 128 / 32;
        block[0].lowBits[64 * half + 32 * (group % 2) + col % 32] |=
            static_cast<std::uint8_t>((value & 15u) << (group / 2 * 4));
        block[0].highBits[32 * half + col % 32] |=
            static_cast<std::uint8_t>((value >> 4) << (2 * group));
    }
    for (int index = 0; index < 16; ++index)
        block[0].scales[index] =
            static_cast<std::int8_t>(static_cast<int>(byte(3072 + 16 * row + index)) - 128);
    block[0].d.bits = halfAt(3328 + 4 * (row % 8) + 2 * (row / 8));
    return bytesOf(block);
}

std::vector<std::byte> RecordView::floats(int row) const {
    std::vector<std::uint16_t> values(256);
    for (int col = 0; col < 256; ++col) {
        const int lane = 4 * (row % 8) + col % 8 / 2;
        const int inLane = (col % 16 >= 8 ? 4 : 0) + (row >= 8 ? 2 : 0) + col % 2;
        values[static_cast<std::size_t>(col)] = halfAt(2 * ((col / 16 * 32 + lane) * 8 + inLane));
    }
    return bytesOf(values);
}

std::vector<std::byte> RecordView::fileBytes(int row) const {
    switch (m_type) {
        case DType::Q8_0: return byteBlocks(row);
        case DType::Q4_0:
        case DType::Q4_1:
        case DType::Q5_0:
        case DType::Q5_1: return nibbleBlocks(row);
        case DType::Q4_K:
        case DType::Q5_K: return kBlock(row);
        case DType::Q6_K: return sixBitBlock(row);
        case DType::F16:
        case DType::BF16: return floats(row);
        case DType::F32:
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(m_type, "fileBytes");
}

// Compares all records with the file: rows and columns past its end must be zero blocks.
void compareWithFile(const FileMatrix& matrix, const std::vector<std::byte>& records) {
    const auto nSteps = static_cast<int>(cuda::stepsOf(matrix.nCols));
    const std::int64_t nPaddedRows = cuda::panelsOf(matrix.nRows) * cuda::kPanelRows;
    for (std::int64_t row = 0; row < nPaddedRows; ++row) {
        for (int step = 0; step < nSteps; ++step) {
            const std::int64_t record = row / cuda::kTileRows * nSteps + step;
            const RecordView view(matrix.type,
                                  records.data() + record * cuda::recordBytes(matrix.type));
            const std::vector<std::byte> actual =
                view.fileBytes(static_cast<int>(row % cuda::kTileRows));
            std::vector<std::byte> expected(actual.size());
            const std::size_t first = static_cast<std::size_t>(step) * actual.size();
            if (row < matrix.nRows && first < matrix.rowBytes())
                std::memcpy(
                    expected.data(),
                    matrix.bytes.data() + static_cast<std::size_t>(row) * matrix.rowBytes() + first,
                    std::min(actual.size(), matrix.rowBytes() - first));
            if (actual != expected)
                QFAIL(qPrintable(QString("row %1, step %2 differ").arg(row).arg(step)));
        }
    }
}

void addShapes() {
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("nRows");
    QTest::addColumn<int>("nCols");
    for (const DType type : kTypes) {
        const auto add = [&](int nRows, int nCols) {
            const std::string name = std::string(dtypeTraits(type).name) + ' ' +
                                     std::to_string(nRows) + 'x' + std::to_string(nCols);
            QTest::newRow(name.c_str()) << static_cast<int>(type) << nRows << nCols;
        };
        add(32, 256);
        add(1, 512);
        add(31, 256);
        add(33, 768);
        const int blockElements = static_cast<int>(dtypeTraits(type).blockElements);
        if (blockElements < 256) {
            add(17, blockElements);
            add(40, 256 + 5 * blockElements);
        }
    }
}

}  // namespace

class RepackTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void repack_keepsEveryBitAtItsPlace_data() { addShapes(); }
    void repack_keepsEveryBitAtItsPlace() {
        QFETCH(int, type);
        QFETCH(int, nRows);
        QFETCH(int, nCols);
        for (const std::uint64_t seed : {0, 1, 2}) {
            simt::setThreadOrderSeed(seed);
            std::mt19937 random(static_cast<unsigned>(7 + seed));
            const FileMatrix matrix =
                randomBits(random, static_cast<DType>(type), nRows, nCols, false);
            compareWithFile(matrix, test::packed(matrix));
        }
    }

    // A large matrix comes in pieces of whole panels; the last piece has what is left.
    void repack_joinsPieces() {
        std::mt19937 random(3);
        for (const DType type : kTypes) {
            const FileMatrix matrix = randomBits(random, type, 75, 512, false);
            std::vector<std::byte> records(
                static_cast<std::size_t>(cuda::packedBytes(type, 75, 512)));
            for (const auto& [first, count] : {std::pair{32, 32}, {0, 32}, {64, 11}}) {
                const std::size_t offset = static_cast<std::size_t>(first) * matrix.rowBytes();
                const std::vector<std::byte> piece(
                    matrix.bytes.begin() + static_cast<std::ptrdiff_t>(offset),
                    matrix.bytes.begin() +
                        static_cast<std::ptrdiff_t>(offset + static_cast<std::size_t>(count) *
                                                                 matrix.rowBytes()));
                cuda::launchRepack({.source = piece.data(),
                                    .records = records.data(),
                                    .type = type,
                                    .firstRow = first,
                                    .nRows = count,
                                    .nCols = 512},
                                   {});
            }
            compareWithFile(matrix, records);
        }
    }

    void unpackRows_givesTheReferenceBits_data() { addShapes(); }
    void unpackRows_givesTheReferenceBits() {
        QFETCH(int, type);
        QFETCH(int, nRows);
        QFETCH(int, nCols);
        std::mt19937 random(11);
        const FileMatrix matrix = randomBits(random, static_cast<DType>(type), nRows, nCols, true);
        const std::vector<std::byte> records = test::packed(matrix);
        const std::vector<std::int32_t> rowIds = {nRows - 1, 0, nRows / 2, 0};
        for (const float scale : {1.0f, 45.254834f}) {
            std::vector<float> actual(rowIds.size() * static_cast<std::size_t>(nCols));
            cuda::launchUnpackRows({records.data(), matrix.type, nCols, rowIds.data(),
                                    std::ssize(rowIds), scale, actual.data()},
                                   {});
            std::vector<float> expected;
            for (const std::int32_t row : rowIds)
                for (int col = 0; col < nCols; ++col)
                    expected.push_back(matrix.values[static_cast<std::size_t>(row * nCols + col)] *
                                       scale);
            const std::size_t first = test::firstBitDifference(expected, actual);
            if (first != expected.size())
                QFAIL(qPrintable(QString("element %1: expected %2, got %3, scale %4")
                                     .arg(first)
                                     .arg(expected[first])
                                     .arg(actual[first])
                                     .arg(scale)));
        }
    }

    void unpackRows_copiesPlainFloats() {
        std::mt19937 random(5);
        const std::vector<float> table = test::gaussians(random, 5 * 37);
        const std::vector<std::int32_t> rowIds = {4, 1};
        std::vector<float> actual(2 * 37);
        cuda::launchUnpackRows({reinterpret_cast<const std::byte*>(table.data()), DType::F32, 37,
                                rowIds.data(), 2, 1.0f, actual.data()},
                               {});
        for (std::size_t index = 0; index < actual.size(); ++index)
            QCOMPARE(actual[index], table[(index < 37 ? 4 : 1) * 37 + index % 37]);
    }
};

QTEST_GUILESS_MAIN(RepackTest)
#include "repack_test.moc"
