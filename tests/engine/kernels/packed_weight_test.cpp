// Packing is lossless: every byte of the file comes back, and its dequantized values with it.
#include <QtTest>
#include <random>
#include <set>
#include <vector>

#include "engine/kernels/cpu/packed_weight.h"
#include "engine/quant/dequantize_reference.h"

using namespace sotto;
using namespace sotto::cpu;

Q_DECLARE_METATYPE(DType)

namespace {

std::vector<DType> packedTypes() {
    std::vector<DType> types;
    for (const DType type : kernelDTypes())
        if (isPackedType(type)) types.push_back(type);
    return types;
}

}  // namespace

class PackedWeightTest : public QObject {
    Q_OBJECT
private slots:
    void packGroup_thenUnpackRow_givesTheFilesBytes_data();
    void packGroup_thenUnpackRow_givesTheFilesBytes();
    void packGroup_firstColumns_lieWhereTheKernelsReadThem();
    void layout_costsNoMoreThanTheFile();
};

void PackedWeightTest::packGroup_thenUnpackRow_givesTheFilesBytes_data() {
    QTest::addColumn<DType>("type");
    QTest::addColumn<int>("nRows");
    QTest::addColumn<int>("nBlocks");
    for (const DType type : packedTypes())
        for (const int nRows : {1, 15, 16, 17, 37})
            for (const int nBlocks : {1, 2, 3, 7})
                QTest::addRow("%s %dx%d", dtypeTraits(type).name.data(), nRows, nBlocks)
                    << type << nRows << nBlocks;
}

// Random bytes: every code, every scale bit, also those that no quantizer would write.
void PackedWeightTest::packGroup_thenUnpackRow_givesTheFilesBytes() {
    QFETCH(DType, type);
    QFETCH(int, nRows);
    QFETCH(int, nBlocks);
    std::mt19937 random(static_cast<unsigned>(nRows * 100 + nBlocks));
    const std::int64_t nCols = nBlocks * static_cast<std::int64_t>(dtypeTraits(type).blockElements);
    const std::size_t fileRowBytes = rowBytes(type, static_cast<std::size_t>(nCols));
    std::vector<std::byte> file(fileRowBytes * static_cast<std::size_t>(nRows));
    for (std::byte& byte : file) byte = static_cast<std::byte>(random());

    const PackedLayout layout = packedLayout(type, nRows, nCols);
    std::vector<std::byte> packed(static_cast<std::size_t>(layout.groupBytes * layout.nGroups));
    for (std::int64_t group = 0; group < layout.nGroups; ++group)
        packGroup({file.data(), type, nCols, nRows}, layout, group,
                  packed.data() + group * layout.groupBytes);

    std::vector<std::byte> row(fileRowBytes);
    for (std::int64_t rowIndex = 0; rowIndex < nRows; ++rowIndex) {
        unpackRow(type, layout, nCols, packed.data(), rowIndex, row.data());
        const auto* expected = file.data() + static_cast<std::size_t>(rowIndex) * fileRowBytes;
        QVERIFY2(std::memcmp(row.data(), expected, fileRowBytes) == 0,
                 qPrintable(QString("row %1").arg(rowIndex)));
    }
}

// The documented place of a code, independent of unpackRow: Q8_0 row r, column c lies in chunk
// c / 4 at byte r * 4 + c % 4, as q + 128; the scales lie in front.
void PackedWeightTest::packGroup_firstColumns_lieWhereTheKernelsReadThem() {
    constexpr std::int64_t kRows = 16, kCols = 64;
    std::vector<std::byte> file(kRows * 68);
    for (std::size_t row = 0; row < kRows; ++row)
        for (std::size_t block = 0; block < 2; ++block) {
            std::byte* start = file.data() + row * 68 + block * 34;
            start[0] = static_cast<std::byte>(row);
            start[1] = static_cast<std::byte>(block);
            for (std::size_t col = 0; col < 32; ++col)
                start[2 + col] = static_cast<std::byte>(row * 8 + col - 100);
        }
    const PackedLayout layout = packedLayout(DType::Q8_0, kRows, kCols);
    std::vector<std::byte> group(static_cast<std::size_t>(layout.groupBytes));
    packGroup({file.data(), DType::Q8_0, kCols, kRows}, layout, 0, group.data());
    QCOMPARE(layout.scalePlaneBytes, std::int64_t{64});
    for (std::size_t row = 0; row < kRows; ++row)
        for (std::size_t col = 0; col < kCols; ++col) {
            const std::size_t block = col / 32;
            QCOMPARE(group[block * 32 + row * 2], static_cast<std::byte>(row));
            QCOMPARE(group[block * 32 + row * 2 + 1], static_cast<std::byte>(block));
            const std::size_t place = 64 + col / 4 * 64 + row * 4 + col % 4;
            const std::uint8_t code = static_cast<std::uint8_t>(row * 8 + col % 32 - 100);
            QCOMPARE(static_cast<int>(group[place]), code ^ 0x80);
        }
}

void PackedWeightTest::layout_costsNoMoreThanTheFile() {
    for (const DType type : packedTypes()) {
        const PackedLayout layout = packedLayout(type, 512, 2048);
        QCOMPARE(static_cast<std::size_t>(layout.groupBytes * layout.nGroups),
                 rowBytes(type, 2048) * 512);
        QCOMPARE(layout.groupBytes % 64, std::int64_t{0});
    }
}

QTEST_APPLESS_MAIN(PackedWeightTest)
#include "packed_weight_test.moc"
