// Random weights made on the card: the bytes of the host's generator, whatever is asked for at
// once, and matrices packed as an uploaded one is.
#include "engine/kernels/cuda/random_rows.h"

#include <QtTest>
#include <cstring>

#include "engine/kernels/cuda/random_weight.h"
#include "tests/engine/kernels/cuda/packed_matrix.h"
#include "tests/support/simt/control.h"

using namespace sotto;

namespace {

const std::span<const DType> kTypes = kernelDTypes();

std::vector<std::byte> rowsOfHost(const RandomMatrix& matrix, std::int64_t firstRow,
                                  std::int64_t nRows) {
    std::vector<std::byte> bytes(matrix.rowBytes() * static_cast<std::size_t>(nRows));
    fillRandomRows(matrix, firstRow, nRows, bytes);
    return bytes;
}

// What packing the host's rows gives.
std::vector<std::byte> packedByHost(const RandomMatrix& matrix) {
    const auto rows = rowsOfHost(matrix, 0, matrix.nRows);
    if (matrix.type == DType::F32) return rows;
    return test::packed({matrix.type, matrix.nRows, matrix.nCols, rows, {}});
}

}  // namespace

class RandomRowsTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }
    void cleanupTestCase() { simt::reset(); }

    void rows_areThoseOfTheHost_data() { addTypes(); }
    void rows_areThoseOfTheHost();
    void rows_differByRowSeedAndPlace_data() { addTypes(); }
    void rows_differByRowSeedAndPlace();
    void rows_holdNoCodeThatQuantizersAvoid();
    void weight_isPackedAsAnUploadedOne_data() { addTypes(); }
    void weight_isPackedAsAnUploadedOne();
    void weight_tellsProgressAndIsCancelled();
    void weight_withoutMemoryIsAnError();

private:
    static void addTypes() {
        QTest::addColumn<int>("type");
        for (const DType type : kTypes)
            QTest::newRow(std::string(dtypeTraits(type).name).c_str()) << static_cast<int>(type);
    }
    // Columns of one block, and of rows a little shorter and longer than the 2048 bytes of a thread
    // block.
    static std::vector<std::int64_t> widths(DType type) {
        const DTypeTraits& traits = dtypeTraits(type);
        const std::int64_t nBlocks = 2048 / traits.blockBytes;
        return {traits.blockElements, nBlocks * traits.blockElements,
                (nBlocks + 1) * traits.blockElements, (2 * nBlocks + 3) * traits.blockElements};
    }
};

void RandomRowsTest::rows_areThoseOfTheHost() {
    QFETCH(int, type);
    for (const std::int64_t nCols : widths(static_cast<DType>(type))) {
        const RandomMatrix matrix{.type = static_cast<DType>(type),
                                  .nCols = nCols,
                                  .nRows = 100,
                                  .deviation = 0.02f,
                                  .seed = 0xfedcba9876543210u};
        for (const std::int64_t nRows : {1, 3, 33}) {
            for (const std::int64_t firstRow : {std::int64_t{0}, std::int64_t{64}}) {
                simt::setThreadOrderSeed(static_cast<std::uint64_t>(nRows));
                const auto expected = rowsOfHost(matrix, firstRow, nRows);
                // On the heap and of the exact size: the sanitizer sees a byte too many.
                std::vector<std::byte> actual(expected.size());
                cuda::launchRandomRows(
                    {.matrix = matrix, .firstRow = firstRow, .nRows = nRows, .out = actual.data()},
                    {});
                const auto differing =
                    std::mismatch(expected.begin(), expected.end(), actual.begin()).first;
                if (differing != expected.end())
                    QFAIL(qPrintable(QString("%1 columns, %2 rows from %3: byte %4")
                                         .arg(nCols)
                                         .arg(nRows)
                                         .arg(firstRow)
                                         .arg(differing - expected.begin())));
            }
        }
    }
}

void RandomRowsTest::rows_differByRowSeedAndPlace() {
    QFETCH(int, type);
    RandomMatrix matrix{
        .type = static_cast<DType>(type), .nCols = 512, .nRows = 8, .deviation = 0.02f, .seed = 1};
    const auto first = rowsOfHost(matrix, 0, 1);
    QVERIFY(first != rowsOfHost(matrix, 1, 1));
    QVERIFY(std::memcmp(first.data(), first.data() + first.size() / 2, first.size() / 2) != 0);
    matrix.seed = 2;
    QVERIFY(first != rowsOfHost(matrix, 0, 1));
    // As one piece or row by row: the same bytes.
    const auto all = rowsOfHost(matrix, 0, 8);
    for (std::int64_t row = 0; row < 8; ++row) {
        const auto one = rowsOfHost(matrix, row, 1);
        QVERIFY(std::memcmp(one.data(), all.data() + static_cast<std::size_t>(row) * one.size(),
                            one.size()) == 0);
    }
}

// 64 Ki random bytes hold each value some 256 times, so a missing check shows.
void RandomRowsTest::rows_holdNoCodeThatQuantizersAvoid() {
    const RandomMatrix q8{
        .type = DType::Q8_0, .nCols = 2048, .nRows = 30, .deviation = 0.02f, .seed = 5};
    const RandomMatrix q4{
        .type = DType::Q4_0, .nCols = 2048, .nRows = 30, .deviation = 0.02f, .seed = 5};
    const RandomMatrix q6{
        .type = DType::Q6_K, .nCols = 2048, .nRows = 150, .deviation = 0.02f, .seed = 5};
    for (const RandomMatrix& matrix : {q8, q4, q6}) {
        std::vector<std::byte> rows(matrix.rowBytes() * static_cast<std::size_t>(matrix.nRows));
        cuda::launchRandomRows(
            {.matrix = matrix, .firstRow = 0, .nRows = matrix.nRows, .out = rows.data()}, {});
        const std::size_t blockBytes = dtypeTraits(matrix.type).blockBytes;
        std::size_t nLowest = 0, nNearLowest = 0;
        for (std::size_t offset = 0; offset < rows.size(); ++offset) {
            const std::size_t inBlock = offset % blockBytes;
            const auto byte = static_cast<unsigned>(rows[offset]);
            if (matrix.type == DType::Q4_0 && inBlock >= 2) {
                nLowest += (byte & 0x0fu) == 0 || (byte & 0xf0u) == 0 ? 1 : 0;
                nNearLowest += (byte & 0x0fu) == 1 ? 1 : 0;
            } else if ((matrix.type == DType::Q8_0 && inBlock >= 2) ||
                       (matrix.type == DType::Q6_K && inBlock >= 192 && inBlock < 208)) {
                nLowest += byte == 0x80u ? 1 : 0;
                nNearLowest += byte == 0x81u ? 1 : 0;
            }
        }
        QCOMPARE(nLowest, std::size_t{0});
        QVERIFY(nNearLowest > 0);
    }
}

void RandomRowsTest::weight_isPackedAsAnUploadedOne() {
    QFETCH(int, type);
    const auto dtype = static_cast<DType>(type);
    const std::int64_t nCols = dtype == DType::F32 ? 37 : dtypeTraits(dtype).blockElements * 3;
    const auto stream = cuda::Stream::create();
    QVERIFY(stream);
    for (const std::int64_t nRows : {1, 31, 32, 33, 130}) {
        const RandomMatrix matrix{
            .type = dtype, .nCols = nCols, .nRows = nRows, .deviation = 0.05f, .seed = 9};
        // Room for one panel of 32 rows, for two, for all.
        for (const std::size_t panels : {std::size_t{1}, std::size_t{2}, std::size_t{64}}) {
            std::uint64_t told = 0;
            const PrepareSink sink = [&](std::uint64_t done) {
                const bool isGrowing = done > told;
                told = done;
                return isGrowing;
            };
            const auto weight = cuda::makeRandomWeight(matrix, panels * 32 * matrix.rowBytes(),
                                                       *stream, {.sink = sink});
            QVERIFY2(weight, weight ? "" : weight.error().message.c_str());
            QCOMPARE(told, matrix.rowBytes() * static_cast<std::uint64_t>(nRows));
            const auto& made = static_cast<const cuda::CudaWeight&>(**weight);
            const auto expected = packedByHost(matrix);
            QVERIFY(made.residentBytes >= expected.size());
            QVERIFY(made.residentBytes < expected.size() + cuda::kArenaAlignment);
            QCOMPARE(made.nRows, nRows);
            QCOMPARE(made.nCols, nCols);
            QCOMPARE(made.type, dtype);
            QVERIFY(std::memcmp(made.records(), expected.data(), expected.size()) == 0);
        }
    }
    QCOMPARE(simt::callCount("cudaMallocHost") + simt::callCount("cudaHostAlloc"), 0);
}

void RandomRowsTest::weight_tellsProgressAndIsCancelled() {
    {
        const auto stream = cuda::Stream::create();
        QVERIFY(stream);
        const RandomMatrix matrix{
            .type = DType::Q8_0, .nCols = 256, .nRows = 256, .deviation = 0.05f, .seed = 9};
        int nTold = 0;
        const auto weight =
            cuda::makeRandomWeight(matrix, 32 * matrix.rowBytes(), *stream,
                                   {.sink = [&](std::uint64_t) { return ++nTold < 3; }});
        QVERIFY(!weight);
        QCOMPARE(weight.error().code, ErrorCode::Cancelled);
        QCOMPARE(nTold, 3);
    }
    QCOMPARE(simt::leaks(), std::string());
}

void RandomRowsTest::weight_withoutMemoryIsAnError() {
    simt::DeviceSettings card;
    card.memoryBytes = std::size_t{8} << 20;
    simt::setDevices({card});
    {
        const auto stream = cuda::Stream::create();
        QVERIFY(stream);
        // 8.5 MiB; then 4.25 MiB and as much again to pass through.
        for (const std::int64_t nRows : {8192, 4096}) {
            const RandomMatrix matrix{
                .type = DType::Q8_0, .nCols = 1024, .nRows = nRows, .deviation = 0.05f, .seed = 9};
            const auto weight = cuda::makeRandomWeight(matrix, std::size_t{32} << 20, *stream, {});
            QVERIFY(!weight);
            QCOMPARE(weight.error().code, ErrorCode::OutOfMemory);
        }
    }
    QCOMPARE(simt::leaks(), std::string());
}

QTEST_GUILESS_MAIN(RandomRowsTest)
#include "random_rows_test.moc"
