#include <QtTest>
#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "engine/device/cuda/cuda_error.h"
#include "engine/device/cuda/weight_uploader.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::cuda;

// With streams that run as late as the runtime allows, page-locked memory that is written again too
// early, or a piece that is read before it came, shows in the bytes.
class WeightUploaderTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    // After a fault that sticks the runtime gives nothing back.
    void cleanup() { simt::reset(); }
    void upload_anyShape_arrivesWhole_data();
    void upload_anyShape_arrivesWhole();
    void upload_panelLargerThanASlot_growsTheSlots();
    void upload_emptyMatrix_doesNothing();
    void upload_cancelled_stopsAfterThePieceAndIsUsableAgain();
    void upload_sinkFails_itsErrorIsTold();
    void upload_deviceFails_isToldAndNothingLeaks_data();
    void upload_deviceFails_isToldAndNothingLeaks();
    void create_littlePinnedMemory_takesSmallerSlots();
    void create_noDeviceMemory_saysBothNumbers();
    void finish_reportsWhatFailedOnTheCard();
};

namespace {

std::vector<std::byte> randomBytes(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<std::byte> bytes(count);
    for (std::byte& byte : bytes) byte = std::byte(random() & 0xff);
    return bytes;
}

// Where a test's "repack" puts the pieces: a copy on the device, queued on the piece's own stream.
struct Target {
    explicit Target(std::size_t bytes) : data(allocateDeviceBuffer(bytes, "a test").value()) {}

    PieceSink sink(std::size_t rowBytes) {
        return [this, rowBytes](const UploadedPiece& piece) {
            firstRows.push_back(piece.firstRow);
            nRows += piece.nRows;
            return check(cudaMemcpyAsync(data.data() + std::size_t(piece.firstRow) * rowBytes,
                                         piece.data, std::size_t(piece.nRows) * rowBytes,
                                         cudaMemcpyDeviceToDevice, piece.stream->get()),
                         "copying a piece");
        };
    }

    DeviceBuffer data;
    std::vector<std::int64_t> firstRows;
    std::int64_t nRows = 0;
};

constexpr std::size_t kSlot = std::size_t{1} << 20;

}  // namespace

void WeightUploaderTest::upload_anyShape_arrivesWhole_data() {
    QTest::addColumn<bool>("isLate");
    QTest::addColumn<int>("nSlots");
    QTest::addColumn<int>("nRows");
    QTest::addColumn<int>("rowBytes");
    QTest::addColumn<int>("panelRows");
    for (const bool isLate : {false, true})
        for (const int nSlots : {2, 3}) {
            const auto add = [&](int nRows, int rowBytes, int panelRows) {
                QTest::addRow("%s, %d slots, %d x %d, panels of %d", isLate ? "late" : "at once",
                              nSlots, nRows, rowBytes, panelRows)
                    << isLate << nSlots << nRows << rowBytes << panelRows;
            };
            add(1, 1, 32);
            add(31, 144, 32);
            add(33, 34, 32);
            add(2048, 512, 32);   // exactly one slot
            add(2049, 512, 32);   // and one row
            add(517, 10000, 32);  // five pieces and an odd end
            add(7, 1 << 20, 1);   // one row per slot, each slot reused
            add(5, (1 << 20) - 1, 1);
        }
}

void WeightUploaderTest::upload_anyShape_arrivesWhole() {
    QFETCH(bool, isLate);
    QFETCH(int, nSlots);
    QFETCH(int, nRows);
    QFETCH(int, rowBytes);
    QFETCH(int, panelRows);
    if (isLate) simt::setStreamTiming(simt::StreamTiming::Late);
    const auto bytes = randomBytes(std::size_t(nRows) * std::size_t(rowBytes), 17);
    {
        WeightUploader uploader =
            WeightUploader::create({.slotBytes = kSlot, .nSlots = nSlots, .nThreads = 2}).value();
        Target target(bytes.size());
        std::size_t reported = 0;
        const UploadMatrix matrix{bytes.data(), nRows, std::size_t(rowBytes), panelRows};
        QVERIFY(uploader
                    .upload(matrix, target.sink(matrix.rowBytes),
                            [&](std::size_t piece) {
                                reported += piece;
                                return true;
                            })
                    .has_value());
        QVERIFY(uploader.finish().has_value());
        QCOMPARE(target.nRows, std::int64_t{nRows});
        QCOMPARE(reported, bytes.size());
        for (const std::int64_t firstRow : target.firstRows)
            QCOMPARE(firstRow % panelRows, std::int64_t{0});
        QVERIFY(std::is_sorted(target.firstRows.begin(), target.firstRows.end()));
        // Device memory is host memory here.
        QVERIFY(std::memcmp(target.data.data(), bytes.data(), bytes.size()) == 0);
    }
    QCOMPARE(simt::leaks(), std::string());
}

void WeightUploaderTest::upload_panelLargerThanASlot_growsTheSlots() {
    simt::setStreamTiming(simt::StreamTiming::Late);
    WeightUploader uploader =
        WeightUploader::create({.slotBytes = kSlot, .nSlots = 2, .nThreads = 1}).value();
    // A first matrix is still under way when the slots are made anew.
    const auto small = randomBytes(3 * kSlot / 2, 1);
    const auto large = randomBytes(70 * 100000, 2);
    Target smallTarget(small.size());
    Target largeTarget(large.size());
    QVERIFY(uploader.upload({small.data(), 3, kSlot / 2, 1}, smallTarget.sink(kSlot / 2), {})
                .has_value());
    QVERIFY(
        uploader.upload({large.data(), 70, 100000, 32}, largeTarget.sink(100000), {}).has_value());
    QVERIFY(uploader.finish().has_value());
    QVERIFY(uploader.slotBytes() >= std::size_t{32} * 100000);
    QVERIFY(std::memcmp(smallTarget.data.data(), small.data(), small.size()) == 0);
    QVERIFY(std::memcmp(largeTarget.data.data(), large.data(), large.size()) == 0);
}

void WeightUploaderTest::upload_emptyMatrix_doesNothing() {
    WeightUploader uploader = WeightUploader::create({.slotBytes = kSlot, .nThreads = 1}).value();
    Target target(16);
    QVERIFY(uploader.upload({nullptr, 0, 100, 32}, target.sink(100), {}).has_value());
    QVERIFY(uploader.upload({nullptr, 100, 0, 32}, target.sink(0), {}).has_value());
    QCOMPARE(target.firstRows.size(), std::size_t{0});
}

void WeightUploaderTest::upload_cancelled_stopsAfterThePieceAndIsUsableAgain() {
    simt::setStreamTiming(simt::StreamTiming::Late);
    const auto bytes = randomBytes(10 * kSlot, 3);
    {
        WeightUploader uploader =
            WeightUploader::create({.slotBytes = kSlot, .nSlots = 3, .nThreads = 1}).value();
        const UploadMatrix matrix{bytes.data(), 10, kSlot, 1};
        {
            Target abandoned(bytes.size());
            int nPieces = 0;
            const Status cancelled = uploader.upload(matrix, abandoned.sink(kSlot),
                                                     [&](std::size_t) { return ++nPieces < 4; });
            QVERIFY(!cancelled.has_value());
            QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
            QCOMPARE(abandoned.firstRows.size(), std::size_t{4});
            // What was queued is done: releasing the target now takes nothing from the card.
            QVERIFY(std::memcmp(abandoned.data.data(), bytes.data(), 4 * kSlot) == 0);
        }
        Target target(bytes.size());
        QVERIFY(uploader.upload(matrix, target.sink(kSlot), {}).has_value());
        QVERIFY(uploader.finish().has_value());
        QVERIFY(std::memcmp(target.data.data(), bytes.data(), bytes.size()) == 0);
    }
    QCOMPARE(simt::leaks(), std::string());
}

void WeightUploaderTest::upload_sinkFails_itsErrorIsTold() {
    const auto bytes = randomBytes(4 * kSlot, 4);
    WeightUploader uploader = WeightUploader::create({.slotBytes = kSlot, .nThreads = 1}).value();
    int nCalls = 0;
    const Status failed =
        uploader.upload({bytes.data(), 4, kSlot, 1},
                        [&](const UploadedPiece&) -> Status {
                            if (++nCalls < 3) return {};
                            return fail(ErrorCode::FileDamaged, "The third piece is wrong.");
                        },
                        {});
    QVERIFY(!failed.has_value());
    QCOMPARE(failed.error().message, std::string("The third piece is wrong."));
    QCOMPARE(nCalls, 3);
}

void WeightUploaderTest::upload_deviceFails_isToldAndNothingLeaks_data() {
    QTest::addColumn<QString>("function");
    QTest::addColumn<int>("nth");
    for (const char* function : {"cudaMemcpyAsync", "cudaEventRecord", "cudaEventSynchronize"})
        for (const int nth : {1, 4}) QTest::addRow("%s, call %d", function, nth) << function << nth;
}

void WeightUploaderTest::upload_deviceFails_isToldAndNothingLeaks() {
    QFETCH(QString, function);
    QFETCH(int, nth);
    const auto bytes = randomBytes(6 * kSlot, 5);
    WeightUploader uploader = WeightUploader::create({.slotBytes = kSlot, .nThreads = 1}).value();
    Target target(bytes.size());
    simt::injectFailure(function.toStdString(), nth, cudaErrorLaunchFailure, true);
    const Status failed = uploader.upload({bytes.data(), 6, kSlot, 1}, target.sink(kSlot), {});
    QVERIFY(!failed.has_value());
    QCOMPARE(failed.error().code, ErrorCode::DeviceFailed);
    QVERIFY(target.firstRows.size() < 6);
    QCOMPARE(uploader.finish().error().code, ErrorCode::DeviceFailed);
}

void WeightUploaderTest::create_littlePinnedMemory_takesSmallerSlots() {
    simt::injectFailure("cudaHostAlloc", 2, cudaErrorMemoryAllocation);
    {
        const WeightUploader uploader =
            WeightUploader::create({.slotBytes = 4 * kSlot, .nSlots = 2, .nThreads = 1}).value();
        QCOMPARE(uploader.slotBytes(), 2 * kSlot);
        QCOMPARE(simt::allocatedBytes(), 2 * wholePages(2 * kSlot));
    }
    QCOMPARE(simt::leaks(), std::string());
}

void WeightUploaderTest::create_noDeviceMemory_saysBothNumbers() {
    simt::setDevices({{.memoryBytes = kDevicePageBytes}});
    const auto refused = WeightUploader::create({.slotBytes = 4 * kSlot, .nSlots = 2});
    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().code, ErrorCode::OutOfMemory);
    QCOMPARE(refused.error().needed, std::uint64_t{kSlot});  // of the last, smallest attempt
    QVERIFY(refused.error().available < kSlot);
    QCOMPARE(simt::leaks(), std::string());
}

void WeightUploaderTest::finish_reportsWhatFailedOnTheCard() {
    const auto bytes = randomBytes(2 * kSlot, 6);
    WeightUploader uploader = WeightUploader::create({.slotBytes = kSlot, .nThreads = 1}).value();
    Target target(bytes.size());
    QVERIFY(uploader.upload({bytes.data(), 2, kSlot, 1}, target.sink(kSlot), {}).has_value());
    simt::injectFailure("cudaStreamSynchronize", 2, cudaErrorLaunchTimeout, true);
    const Status failed = uploader.finish();
    QVERIFY(!failed.has_value());
    QCOMPARE(failed.error().code, ErrorCode::DeviceFailed);
    QVERIFY(failed.error().message.find("longer than the system allows") != std::string::npos);
}

QTEST_APPLESS_MAIN(WeightUploaderTest)
#include "weight_uploader_test.moc"
