#include <QtTest>

#include "engine/device/cuda/cuda_error.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::cuda;

class CudaErrorTest : public QObject {
    Q_OBJECT
private slots:
    void init() { simt::reset(); }
    void isSticky_knowsWhatEndsTheContext_data();
    void isSticky_knowsWhatEndsTheContext();
    void toError_namesCauseNumberAndRemedy_data();
    void toError_namesCauseNumberAndRemedy();
    void toError_outOfMemory_saysWhatIsFree();
    void check_passingFailure_doesNotBlameTheNextLaunch();
    void check_stickyFailure_failsEverythingAfter();
    void outOfDeviceMemory_saysBothNumbers();
    void byteText_choosesTheUnit();
};

// The manual's words for these: "the process must be terminated and relaunched".
void CudaErrorTest::isSticky_knowsWhatEndsTheContext_data() {
    QTest::addColumn<int>("number");
    QTest::addColumn<bool>("isExpected");
    for (const int number : {214, 220, 226, 700, 702, 709, 710, 714, 715, 716, 717, 718, 719, 721})
        QTest::addRow("%d", number) << number << true;
    for (const int number : {0, 1, 2, 9, 35, 46, 98, 100, 101, 209, 400, 600, 701, 801, 901, 999})
        QTest::addRow("%d", number) << number << false;
}

void CudaErrorTest::isSticky_knowsWhatEndsTheContext() {
    QFETCH(int, number);
    QFETCH(bool, isExpected);
    QCOMPARE(isSticky(static_cast<cudaError_t>(number)), isExpected);
    // Whatever is sticky needs a new engine.
    if (isExpected)
        QCOMPARE(toError(static_cast<cudaError_t>(number), "x").code, ErrorCode::DeviceFailed);
}

void CudaErrorTest::toError_namesCauseNumberAndRemedy_data() {
    QTest::addColumn<int>("number");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("cause");
    QTest::addColumn<QString>("remedy");
    QTest::addRow("illegal address") << 700 << int(ErrorCode::DeviceFailed) << "not its own"
                                     << "Restart the engine";
    QTest::addRow("launch failure") << 719 << int(ErrorCode::DeviceFailed) << "kernel failed"
                                    << "Restart the engine";
    QTest::addRow("no driver") << 35 << int(ErrorCode::Unsupported) << "too old"
                               << "Update";
    QTest::addRow("no image") << 209 << int(ErrorCode::Unsupported) << "this build"
                              << "processor";
    QTest::addRow("bad argument") << 1 << int(ErrorCode::Internal) << "1)"
                                  << "report";
    QTest::addRow("bad capture") << 901 << int(ErrorCode::Internal) << "901)"
                                 << "report";
}

void CudaErrorTest::toError_namesCauseNumberAndRemedy() {
    QFETCH(int, number);
    QFETCH(int, code);
    QFETCH(QString, cause);
    QFETCH(QString, remedy);
    const Error error = toError(static_cast<cudaError_t>(number), "weighing anchors");
    QCOMPARE(int(error.code), code);
    const QString message = QString::fromStdString(error.message);
    QVERIFY2(message.contains("while weighing anchors"), qPrintable(message));
    QVERIFY2(message.contains(cause), qPrintable(message));
    QVERIFY2(message.contains(remedy), qPrintable(message));
    QVERIFY2(message.contains(QString::number(number)), qPrintable(message));
    QCOMPARE(error.context, std::string(cudaGetErrorName(static_cast<cudaError_t>(number))));
}

void CudaErrorTest::toError_outOfMemory_saysWhatIsFree() {
    simt::setDevices(
        {{.memoryBytes = std::size_t{4} << 30, .memoryUsedByOthers = std::size_t{3} << 30}});
    const Error error = toError(cudaErrorMemoryAllocation, "making a step");
    QCOMPARE(error.code, ErrorCode::OutOfMemory);
    std::size_t free = 0;
    std::size_t total = 0;
    QCOMPARE(cudaMemGetInfo(&free, &total), cudaSuccess);
    QCOMPARE(error.available, std::uint64_t{free});
    QVERIFY(error.message.find(byteText(free)) != std::string::npos);
    QVERIFY(error.message.find(byteText(total)) != std::string::npos);
}

void CudaErrorTest::check_passingFailure_doesNotBlameTheNextLaunch() {
    void* data = nullptr;
    simt::injectFailure("cudaMalloc", 1, cudaErrorInvalidValue);
    const Status failed = check(cudaMalloc(&data, 16), "allocating");
    QVERIFY(!failed.has_value());
    QCOMPARE(failed.error().code, ErrorCode::Internal);
    QVERIFY(checkLaunches("launching").has_value());
    QVERIFY(check(cudaSuccess, "nothing").has_value());
}

void CudaErrorTest::check_stickyFailure_failsEverythingAfter() {
    void* data = nullptr;
    simt::injectFailure("cudaMalloc", 1, cudaErrorIllegalAddress, true);
    QCOMPARE(check(cudaMalloc(&data, 16), "allocating").error().code, ErrorCode::DeviceFailed);
    QCOMPARE(check(cudaDeviceSynchronize(), "waiting").error().code, ErrorCode::DeviceFailed);
    const Status later = checkLaunches("launching");
    QVERIFY(!later.has_value());
    QCOMPARE(later.error().code, ErrorCode::DeviceFailed);
}

void CudaErrorTest::outOfDeviceMemory_saysBothNumbers() {
    const Error error = outOfDeviceMemory("this model", std::uint64_t{9} << 30, 512u << 20);
    QCOMPARE(error.code, ErrorCode::OutOfMemory);
    QCOMPARE(error.needed, std::uint64_t{9} << 30);
    QCOMPARE(error.available, std::uint64_t{512} << 20);
    const QString message = QString::fromStdString(error.message);
    QVERIFY2(message.contains("this model: 9.0 GiB needed, 512 MiB free"), qPrintable(message));
}

void CudaErrorTest::byteText_choosesTheUnit() {
    QCOMPARE(byteText(0), std::string("0 bytes"));
    QCOMPARE(byteText((1u << 20) - 1), std::string("1048575 bytes"));
    QCOMPARE(byteText(1u << 20), std::string("1 MiB"));
    QCOMPARE(byteText((std::uint64_t{1} << 30) * 3 / 2), std::string("1.5 GiB"));
}

QTEST_APPLESS_MAIN(CudaErrorTest)
#include "cuda_error_test.moc"
